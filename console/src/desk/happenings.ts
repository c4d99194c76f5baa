// What a person may want to hear of. Only what is live and not one's own doing; each once.
import type { ConversationId, Message, MessageId, ServerFrame, Summary, User } from "../protocol";
import { summaryOf } from "./apply";
import { nameOfOperator } from "./people";
import type { DeskState, Happening } from "./types";

/** A conversation that was never seen before: a message this young is news, an older one was there already. */
const YOUNG_MS = 60_000;

type Untold = { id: ConversationId; told: (conversation: Summary) => Happening };

export class Hearing {
  /** The newest message of each conversation that was seen in it. */
  #newest = new Map<ConversationId, MessageId>();
  #untold: Untold[] = [];
  #wrote = new Map<ConversationId, Message | null>();
  /** Of this burst: what is told of need not be in the list. */
  #summaries = new Map<ConversationId, Summary>();

  /** A frame in its order; `isLive`: not a replay. */
  hear(frame: ServerFrame, isLive: boolean, me: User, state: DeskState): void {
    const isNews = isLive && frame.reply_to === undefined;
    switch (frame.type) {
      case "new_message":
        this.#heard(frame.payload, isNews, me);
        break;
      case "conversation_update": {
        const summary = summaryOf(frame.payload);
        this.#summaries.set(summary.id, summary);
        this.#summary(summary, Date.parse(frame.timestamp), isNews);
        break;
      }
      case "session_created":
      case "session_released":
        // What was mine until now, I know to wait.
        if (isNews && frame.payload.status === "WAITING" && frame.payload.from_operator_id !== me.id) {
          this.#untold.push({
            id: frame.payload.conversation_id,
            told: (conversation) => ({ kind: "customer_waits", conversation }),
          });
        }
        break;
      case "session_transferred":
        if (isNews && frame.payload.to_operator_id === me.id && frame.payload.from_operator_id !== me.id) {
          const { conversation_id: id, from_operator_id, reason = null } = frame.payload;
          const from =
            nameOfOperator(state, from_operator_id) ?? state.conversations.get(id)?.session?.operator_name ?? null;
          this.#untold.push({
            id,
            told: (conversation) => ({ kind: "transferred_to_me", conversation, from, reason }),
          });
        }
        break;
    }
  }

  /** What can be told now, and whose summaries are missing for the rest. */
  take(known: ReadonlyMap<ConversationId, Summary>): { told: Happening[]; missing: ConversationId[] } {
    for (const [id, message] of this.#wrote) {
      this.#untold.push({ id, told: (conversation) => ({ kind: "customer_wrote", conversation, message }) });
    }
    this.#wrote.clear();
    const told: Happening[] = [];
    const waiting: Untold[] = [];
    for (const one of this.#untold) {
      const conversation = this.#summaries.get(one.id) ?? known.get(one.id);
      if (conversation) told.push(one.told(conversation));
      else waiting.push(one);
    }
    this.#untold = waiting;
    this.#summaries.clear();
    return { told, missing: [...new Set(waiting.map((one) => one.id))] };
  }

  /** What was asked for, for who is told of next. */
  know(summary: Summary): void {
    this.#summaries.set(summary.id, summary);
  }

  isMissing(id: ConversationId): boolean {
    return this.#untold.some((one) => one.id === id);
  }

  /** Another operator's ears. */
  forget(): void {
    this.#newest.clear();
    this.#untold = [];
    this.#wrote.clear();
    this.#summaries.clear();
  }

  /** Nothing is known of it and will not be. */
  giveUp(id: ConversationId): void {
    this.#untold = this.#untold.filter((one) => one.id !== id);
  }

  /** What a page shows is no news. */
  seen(summaries: Iterable<Summary>): void {
    for (const one of summaries) this.#advance(one.id, one.last_message?.id ?? 0);
  }

  #heard(message: Message, isNews: boolean, me: User): void {
    const { conversation_id: id } = message;
    if (message.message_type === "note") {
      if (isNews && message.operator_id !== me.id && mentions(message.content, me)) {
        this.#untold.push({ id, told: (conversation) => ({ kind: "mentioned", conversation, message }) });
      }
      return;
    }
    const isNew = this.#advance(id, message.id);
    if (message.direction !== "INCOMING" || !isNews) return;
    // The summary may have told of it a moment ago, without the message.
    if (isNew || this.#wrote.get(id) === null) this.#wrote.set(id, message);
  }

  #summary(summary: Summary, at: number, isNews: boolean): void {
    const last = summary.last_message;
    if (!last) return;
    const isKnown = this.#newest.has(summary.id);
    const isNew = this.#advance(summary.id, last.id);
    if (!isNew || !isNews || last.direction !== "INCOMING") return;
    if (!isKnown && at - Date.parse(last.created_at) > YOUNG_MS) return;
    if (!this.#wrote.has(summary.id)) this.#wrote.set(summary.id, null);
  }

  #advance(id: ConversationId, message: MessageId): boolean {
    if (message <= (this.#newest.get(id) ?? 0)) return false;
    this.#newest.set(id, message);
    return true;
  }
}

/** `@` and the name as others see it, or the user name. */
function mentions(text: string, me: User): boolean {
  const said = text.toLowerCase();
  return [me.display_name, me.username].some((name) => name !== "" && said.includes(`@${name.toLowerCase()}`));
}
