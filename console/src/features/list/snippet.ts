// What a row says of the last message: who said it, what it was, and whether it went out.
import type { Messages } from "../../catalogue/messages";
import { nameOfOperator } from "../../desk/people";
import type { DeskState } from "../../desk/types";
import type { ConversationId, LastMessage, Summary } from "../../protocol";
import type { IconName } from "../../ui/icon";
import { gist } from "../../ui/name";

export type Snippet = { icon?: IconName | undefined; who: string | null; text: string; isBad: boolean };

/** `failed`: what I wrote did not go out, or LINE did not confirm it. */
export type Trouble = "failed" | "unknown" | null;

export function snippetOf(last: LastMessage, author: string | null, trouble: Trouble, t: Messages): Snippet {
  const { icon, text, who } = gist(last, t.common);
  if (trouble === "failed") return { icon: "alert", who: null, text: t.list.notSent(text), isBad: true };
  if (trouble === "unknown") return { icon: "help", who: null, text: t.list.unconfirmed(text), isBad: false };
  if (who === "operator") return { icon, who: author ?? t.common.someone, text, isBad: false };
  return { icon, who: who === "bot" ? t.common.bot : null, text, isBad: false };
}

/** The colleague who wrote the last message; null when it was nobody of us, or nobody knows the name. */
export function authorOf(state: DeskState, summary: Summary, you: string): string | null {
  const id = summary.last_message?.operator_id;
  if (id === null || id === undefined) return null;
  if (state.signIn.kind === "signed_in" && state.signIn.user.id === id) return you;
  if (summary.session?.operator_id === id && summary.session.operator_name) return summary.session.operator_name;
  return nameOfOperator(state, id);
}

/** Known only for what this side holds: its own outbox, and threads that were opened. */
export function troubleOf(state: DeskState, id: ConversationId, last: LastMessage | null): Trouble {
  if (state.outbox.some((entry) => entry.conversation_id === id && entry.state === "refused")) return "failed";
  const newest = state.threads.get(id)?.messages.at(-1);
  if (!newest || newest.id !== last?.id) return null;
  switch (newest.delivery?.state) {
    case "failed":
    case "withheld":
      return "failed";
    case "unknown":
      return "unknown";
    default:
      return null;
  }
}
