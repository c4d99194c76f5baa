// How components reach the desk.
import { createContext, use } from "react";
import { useStore } from "zustand";
import { useShallow } from "zustand/react/shallow";
import type { User } from "../protocol";
import type { Desk, DeskState } from "./types";

const DeskContext = createContext<Desk | null>(null);

export const DeskProvider = DeskContext.Provider;

export function useDesk(): Desk {
  const desk = use(DeskContext);
  if (!desk) throw new Error("useDesk needs a DeskProvider above it");
  return desk;
}

/** Part of the state; the component renders again only when that part changes (compared shallowly). */
export function useDeskState<T>(select: (state: DeskState) => T): T {
  return useStore(useDesk().store, useShallow(select));
}

/** The operator who is signed in; only below the sign-in gate. */
export function useMe(): User {
  return useDeskState((state) => {
    if (state.signIn.kind !== "signed_in") throw new Error("useMe needs a signed-in operator");
    return state.signIn.user;
  });
}
