// Who said a message, in words.
import type { Messages } from "../../catalogue/messages";
import type { Message } from "../../protocol";
import { readPayload } from "./payload";

export function whoSaid(message: Message, isMine: boolean, customer: string, t: Messages["common"]): string {
  switch (message.sender_role) {
    case "USER": {
      const member = readPayload(message.payload).text("sender_line_user_id");
      return member ? t.member(member.slice(-4)) : customer;
    }
    case "BOT":
      return t.bot;
    case "SYSTEM":
      return t.automatic;
    case "ADMIN":
      return isMine ? t.you : (message.operator_name ?? t.someone);
  }
}
