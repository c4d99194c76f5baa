// To whom a conversation can go: real accounts, the ones that can answer first.
import type { OperatorEntry, OperatorId, OperatorPresence, OperatorStatus } from "../../protocol";

const ORDER: Record<OperatorStatus, number> = { online: 0, busy: 1, away: 2, offline: 3 };

/** Not oneself, and not who has it already (SE4). By presence, then by load, as it was when the list was loaded: it stands still. */
export function teammates(
  operators: readonly OperatorEntry[],
  me: OperatorId,
  owner: OperatorId | null,
): readonly OperatorEntry[] {
  return operators
    .filter((one) => one.id !== me && one.id !== owner)
    .sort(
      (a, b) =>
        ORDER[a.status] - ORDER[b.status] ||
        a.active_chats - b.active_chats ||
        a.display_name.localeCompare(b.display_name),
    );
}

/** With what is known of them by now. Presence names those with a socket; without any presence at all nothing newer is known. */
export function withPresence(operator: OperatorEntry, presence: readonly OperatorPresence[]): OperatorEntry {
  if (presence.length === 0) return operator;
  const now = presence.find((one) => one.id === operator.id);
  return { ...operator, status: now?.status ?? "offline", active_chats: now?.active_chats ?? operator.active_chats };
}

export function matching(operators: readonly OperatorEntry[], words: string): readonly OperatorEntry[] {
  const wanted = words.trim().toLocaleLowerCase();
  return operators.filter((one) => one.display_name.toLocaleLowerCase().includes(wanted));
}

/** The desk counts characters, not UTF-16 units. */
export const MAX_REASON = 255;
export const reasonLength = (reason: string): number => [...reason].length;
