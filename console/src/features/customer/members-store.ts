// Who is known to be in a group: asked for by whatever shows it, and kept for the rest of it.
import { useEffect } from "react";
import { useStore } from "zustand";
import { createStore } from "zustand/vanilla";
import { useDesk } from "../../desk/context";
import { faultOf } from "../../desk/fault";
import type { Desk } from "../../desk/types";
import type { ConversationId, MemberList } from "../../protocol";
import type { Fault } from "../../realtime/types";
import { onForget } from "../../ui/forget";

export type Known = { list: MemberList | null; fault: Fault | null };

const store = createStore<{ known: ReadonlyMap<ConversationId, Known> }>(() => ({ known: new Map() }));
const asking = new Map<ConversationId, Promise<void>>();
onForget(() => {
  asking.clear();
  store.setState({ known: new Map() });
});

const UNKNOWN: Known = { list: null, fault: null };

export const useMembers = (id: ConversationId): Known => useStore(store, ({ known }) => known.get(id) ?? UNKNOWN);

/** Once at a time; what is known stays until the answer is there. */
export function askMembers(desk: Desk, id: ConversationId): Promise<void> {
  const before = asking.get(id);
  if (before) return before;
  const put = (change: Partial<Known>) => {
    // Another operator may sit here by now.
    if (asking.get(id) !== asked) return;
    asking.delete(id);
    store.setState(({ known }) => ({ known: new Map(known).set(id, { ...(known.get(id) ?? UNKNOWN), ...change }) }));
  };
  const asked = desk.members(id).then(
    (list) => put({ list, fault: null }),
    (error: unknown) => put({ fault: faultOf(error) }),
  );
  asking.set(id, asked);
  return asked;
}

/** Asks when `reason` becomes another; null: for nothing. */
export function useAskMembers(id: ConversationId, reason: string | null): void {
  const desk = useDesk();
  useEffect(() => {
    if (reason !== null) void askMembers(desk, id);
  }, [desk, id, reason]);
}
