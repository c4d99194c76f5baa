// Who is told what, and how loudly. Pure: no clock, no browser.
import type { DeskState, Happening } from "../../desk/types";
import type { ConversationId, MessageId, OperatorId } from "../../protocol";
import type { NotifySettings, Topic } from "./settings";

export const topicOf = (happening: Happening): Topic => {
  switch (happening.kind) {
    case "customer_waits":
      return "queue";
    case "customer_wrote":
    case "transferred_to_me":
      return "mine";
    case "mentioned":
      return "mention";
  }
};

/** Whether it is this operator's affair: what colleagues' customers write is not. */
export function isForMe(happening: Happening, me: OperatorId): boolean {
  if (happening.kind !== "customer_wrote") return true;
  const { session } = happening.conversation;
  return session?.status === "ACTIVE" && session.operator_id === me;
}

/** `tick`: a short, quiet sign for one who is looking anyway. */
export type Telling = { sound: "ring" | "tick" | null; isNotified: boolean };

export const NOTHING: Telling = { sound: null, isNotified: false };

/** `isLooking`: this tab is visible and has the focus. */
export function tellingOf(happening: Happening, me: OperatorId, settings: NotifySettings, isLooking: boolean): Telling {
  if (!isForMe(happening, me)) return NOTHING;
  const topic = topicOf(happening);
  if (isLooking) return { sound: topic === "queue" && settings.hasTick ? "tick" : null, isNotified: false };
  return { sound: settings.sounds[topic] ? "ring" : null, isNotified: settings.notifications[topic] };
}

/** The same in every tab that hears of the same happening. */
export function keyOf(happening: Happening): string {
  const { kind, conversation } = happening;
  const { session, last_message: last } = conversation;
  switch (kind) {
    case "customer_waits":
      return `${kind}.${conversation.id}.${session?.id ?? ""}.${session?.started_at ?? ""}`;
    case "customer_wrote":
      return `${kind}.${conversation.id}.${happening.message?.id ?? last?.id ?? ""}`;
    case "transferred_to_me":
      return `${kind}.${conversation.id}.${session?.id ?? ""}.${session?.transfer_count ?? ""}`;
    case "mentioned":
      return `${kind}.${conversation.id}.${happening.message.id}`;
  }
}

/** What a notification is about. */
export type Told = { conversation: ConversationId; message: MessageId | null };

export function toldBy(happening: Happening): Told {
  const { id, last_message: last } = happening.conversation;
  const own = "message" in happening ? happening.message : null;
  return { conversation: id, message: (own ?? last)?.id ?? null };
}

/** Whether its message was withdrawn: then its text goes from the screen (WH6). */
export function isWithdrawn({ conversations, withdrawn }: DeskState, { conversation, message }: Told): boolean {
  if (message === null) return false;
  const last = conversations.get(conversation)?.last_message;
  // The summary knows of it also when it was taken back while this page was not there.
  return withdrawn.includes(message) || (last?.id === message && last.unsent_at !== null);
}

/** What waits for this operator: the queue, chats of theirs with something unread, mentions not yet looked at. */
export function attentionOf(state: DeskState, me: OperatorId, mentions: ReadonlySet<ConversationId>): number {
  let count = state.counts.waiting + mentions.size;
  for (const { id, session, unread_count } of state.conversations.values()) {
    if (session?.operator_id === me && session.status === "ACTIVE" && unread_count > 0 && !mentions.has(id)) count += 1;
  }
  return count;
}

/** At most one ring in this time, however much happens at once. */
export const RING_GAP_MS = 1_500;
