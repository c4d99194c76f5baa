// Who said a message, in words.
import type { Messages } from "../../catalogue/messages";
import type { Message } from "../../protocol";

export function whoSaid(message: Message, isMine: boolean, customer: string, t: Messages["common"]): string {
  switch (message.sender_role) {
    case "USER": {
      const { author } = message;
      return author ? (author.display_name ?? t.member(author.line_user_id.slice(-4))) : customer;
    }
    case "BOT":
      return t.bot;
    case "SYSTEM":
      return t.automatic;
    case "ADMIN":
      return isMine ? t.you : (message.operator_name ?? t.someone);
  }
}
