// What happened in a chat besides messages, in words.
import type { Messages } from "../../catalogue/messages";
import type { Message } from "../../protocol";
import { type Payload, readPayload } from "./payload";

export function systemWords(message: Message, { common, events: t }: Messages): string {
  const payload = readPayload(message.payload);
  switch (payload.text("kind")) {
    case "postback":
      return t.pressed(payload.text("label") ?? message.content);
    case "follow":
      return payload.flag("is_unblocked") ? t.returned : t.follow;
    case "unfollow":
      return t.unfollow;
    case "join":
      return t.join;
    case "leave":
      return t.leave;
    case "member_joined":
      return t.memberJoined(names(payload, common));
    case "member_left":
      return t.memberLeft(names(payload, common));
    case "video_viewing_complete":
      return t.videoViewed;
    case "beacon":
      return t.beacon;
    case "account_link":
      return payload.text("result") === "ok" ? t.accountLinked : t.accountNotLinked;
    case "membership":
      return membership(payload.text("change"), t);
    case "unknown":
      return t.unknown(payload.text("line_type") ?? "?");
    default:
      return message.content ? t.pressed(message.content) : common.unknownKind;
  }
}

function membership(change: string | null, t: Messages["events"]): string {
  if (change === "left") return t.membershipLeft;
  return change === "renewed" ? t.membershipRenewed : t.membershipJoined;
}

function names(payload: Payload, t: Messages["common"]): string {
  const members = payload.parts("members").map((member) => {
    const id = member.text("line_user_id") ?? "";
    return member.text("display_name") ?? t.member(id.slice(-4));
  });
  return members.length > 0 ? members.join(", ") : t.someone;
}
