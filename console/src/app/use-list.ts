// The address decides which list is shown; elsewhere the list stays what it was, also over a reload.
import { useEffect } from "react";
import { useDesk } from "../desk/context";
import { keep, kept } from "../kept";
import type { ListStatus } from "../protocol";
import { listStatus, type Place } from "./places";

const KEY = "linedesk.list";

export function useList(place: Place): void {
  const desk = useDesk();
  const asked: ListStatus | null = place.kind === "list" ? place.status : null;
  useEffect(() => {
    if (asked) keep(KEY, asked);
    const wanted = asked ?? listStatus(kept(KEY));
    const { status, q, tag } = desk.store.getState().list;
    if (wanted !== status) desk.showList({ status: wanted, q, tag });
  }, [desk, asked]);
}
