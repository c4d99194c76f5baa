// How far a message came, in a mark and in words. LINE tells neither "delivered" nor "read": there are no such marks.
import type { Messages } from "../../catalogue/messages";
import type { Delivery, Message } from "../../protocol";
import type { OutboxEntry } from "../../realtime/types";
import type { IconName } from "../../ui/icon";

export type Mark = {
  icons: readonly IconName[];
  words: string;
  /** `quiet`: words on hover and for screen readers only. The others are read by everyone. */
  tone: "quiet" | "off" | "ask" | "bad";
};

type Words = Messages["thread"]["marks"];

export function deliveryMark({ state, cost, code, recipients = 1 }: Delivery, t: Words): Mark {
  switch (state) {
    case "queued":
      return code
        ? { icons: ["clock"], words: t.keepsTrying(t.queued), tone: "ask" }
        : { icons: ["clock"], words: t.queued, tone: "quiet" };
    case "sending":
      return code
        ? { icons: ["ring"], words: t.keepsTrying(t.sending), tone: "ask" }
        : { icons: ["ring"], words: t.sending, tone: "quiet" };
    case "accepted":
      if (cost === "paid") {
        return { icons: ["tick", "coin"], words: recipients > 1 ? t.paidFor(recipients) : t.paid, tone: "quiet" };
      }
      return { icons: ["tick"], words: cost === "free" ? t.free : t.sent, tone: "quiet" };
    case "unknown":
      return { icons: ["help"], words: t.unknown, tone: "ask" };
    case "withheld":
      return { icons: ["block"], words: code === "quota_exhausted" ? t.held : t.blocked, tone: "ask" };
    case "failed":
      // An operator took it back; nothing went wrong.
      if (code === "conflict") return { icons: ["block"], words: t.takenBack, tone: "off" };
      return { icons: ["alert"], words: t.failed(reasonOf(code, t)), tone: "bad" };
  }
}

function reasonOf(code: Delivery["code"], t: Words): string {
  switch (code) {
    case "line_rejected":
    case "line_unavailable":
    case "quota_exhausted":
    case "recipient_unreachable":
    case "payload_too_large":
    case "message_too_long":
      return t.reasons[code];
    default:
      return t.reasons.other;
  }
}

/** A refused one says its reason in words of its own. */
export function outboxMark(state: OutboxEntry["state"], isLive: boolean, t: Words): Mark {
  if (state === "refused") return { icons: ["alert"], words: t.notSent, tone: "bad" };
  if (state === "sending") return { icons: ["ring"], words: t.sending, tone: "quiet" };
  return isLive
    ? { icons: ["clock"], words: t.queued, tone: "quiet" }
    : { icons: ["cloud-off"], words: t.offline, tone: "quiet" };
}

export type DeliveryAct = "retry" | "send_again" | "take_back" | "delete";

/** What its owner or an admin can do about it, while a session is open (SE3). */
export function deliveryActs({ state, code, retryable }: Delivery): DeliveryAct[] {
  switch (state) {
    case "queued":
      return ["take_back"];
    case "unknown":
      return ["send_again"];
    case "failed":
    case "withheld":
      if (code === "conflict") return [];
      return retryable ? ["retry", "delete"] : ["delete"];
    case "sending":
    case "accepted":
      return [];
  }
}

const QUOTABLE: readonly Message["message_type"][] = ["text", "image", "sticker", "video"];

/** LINE gives quote tokens for these kinds only, and for ours once it has them. */
export function canQuote(message: Message): boolean {
  if (message.unsent_at || !QUOTABLE.includes(message.message_type)) return false;
  return message.direction === "INCOMING" || message.delivery?.state === "accepted";
}
