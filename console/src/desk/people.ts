// Colleagues: who types, who looks, who is there. None of it is kept by the desk, so it is known only while connected.
import type { ConversationId, OperatorId, PresenceUpdate, RoomPresence, TypingIndicator } from "../protocol";
import type { Draft } from "./draft";
import type { DeskState, Person } from "./types";

/** Whoever is told of typing lets it lapse without a further word. */
export const TYPING_LASTS_MS = 6000;

export function takeTyping(draft: Draft, said: TypingIndicator, now: number): void {
  const person = { id: Number(said.admin_id), name: said.operator_name };
  if (person.id === draft.me) return;
  if (said.is_typing) {
    draft.typing.set(said.conversation_id, joined(draft.typing.get(said.conversation_id), person));
    draft.typingUntil.set(keyOf(said.conversation_id, person.id), now + TYPING_LASTS_MS);
  } else stopTyping(draft, said.conversation_id, person.id);
}

export function stopTyping(draft: Draft, id: ConversationId, operator: OperatorId): void {
  leave(draft.typing, id, operator);
  draft.typingUntil.delete(keyOf(id, operator));
}

/** Ends what nobody has repeated for 6 s. */
export function lapse(draft: Draft, now: number): void {
  for (const [key, until] of draft.typingUntil.value) {
    // The clock may have been set back.
    if (until > now && until <= now + TYPING_LASTS_MS) continue;
    const [id, operator] = key.split(":").map(Number);
    if (id !== undefined && operator !== undefined) stopTyping(draft, id, operator);
  }
}

export function takeLooking(draft: Draft, said: RoomPresence, isHere: boolean): void {
  const id = Number(said.room_id);
  const person = { id: Number(said.admin_id), name: said.operator_name };
  if (person.id === draft.me) return;
  if (isHere) draft.looking.set(id, joined(draft.looking.get(id), person));
  else leave(draft.looking, id, person.id);
}

export function takePresence(draft: Draft, { operators: there }: PresenceUpdate): void {
  const { operators } = draft.state;
  const by = new Map(there.map((one) => [one.id, one]));
  draft.rest.presence = there;
  draft.rest.operators = operators.map((one) => {
    const seen = by.get(one.id);
    const status = seen?.status ?? "offline";
    const active_chats = seen?.active_chats ?? one.active_chats;
    return one.status === status && one.active_chats === active_chats ? one : { ...one, status, active_chats };
  });
}

/** Nobody is known to be anywhere. */
export function forgetPeople(draft: Draft): void {
  draft.typing.clear();
  draft.typingUntil.clear();
  draft.looking.clear();
  if (draft.state.presence.length) draft.rest.presence = [];
}

export const operatorIn = ({ signIn }: DeskState): OperatorId | null =>
  signIn.kind === "signed_in" ? signIn.user.id : null;

/** Whether it is still this operator's turn. Who merely has to sign in again comes back. */
export function isStill(me: OperatorId | null, { signIn }: DeskState): boolean {
  if (signIn.kind === "signed_in") return signIn.user.id === me;
  return signIn.kind === "signed_out" && signIn.reason === "ended";
}

/** A colleague's name, from wherever it is known. */
export function nameOfOperator(state: DeskState, id: OperatorId | null | undefined): string | null {
  if (id === null || id === undefined) return null;
  if (state.signIn.kind === "signed_in" && state.signIn.user.id === id) return state.signIn.user.display_name;
  const there = state.presence.find((one) => one.id === id);
  return there?.name ?? state.operators.find((one) => one.id === id)?.display_name ?? null;
}

const keyOf = (id: ConversationId, operator: OperatorId) => `${id}:${operator}`;

function joined(people: readonly Person[] | undefined, person: Person): readonly Person[] {
  if (!people) return [person];
  return people.some((one) => one.id === person.id) ? people : [...people, person];
}

function leave(all: Draft["typing"], id: ConversationId, operator: OperatorId): void {
  const people = all.get(id);
  if (!people?.some((one) => one.id === operator)) return;
  const rest = people.filter((one) => one.id !== operator);
  if (rest.length) all.set(id, rest);
  else all.delete(id);
}
