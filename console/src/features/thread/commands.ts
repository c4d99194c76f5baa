// What can be done in the thread by keys, and from the palette.
import { useMessages } from "../../catalogue/catalogue";
import type { Message, MessageId } from "../../protocol";
import { useCommand } from "../keyboard/commands";
import { focusedMessage, focusLastMessage } from "./keys";
import { canQuote } from "./marks";
import { copyText } from "./tools";

type ThreadCommands = {
  find: () => void;
  toEnd: () => void;
  toUnread: () => void;
  hasUnreadLine: boolean;
  mayWrite: boolean;
  messageOf: (id: MessageId) => Message | undefined;
  quote: (message: Message) => void;
};

export function useThreadCommands(thread: ThreadCommands): void {
  const t = useMessages().thread;
  // Which one is meant is known only when the key is pressed.
  const focused = () => {
    const id = focusedMessage();
    return id === null ? undefined : thread.messageOf(id);
  };
  useCommand({ id: "thread.find", keys: ["mod+shift+f"], label: t.find.open, run: thread.find });
  useCommand({ id: "thread.messages", keys: ["g t"], label: t.commands.messages, run: focusLastMessage });
  useCommand({ id: "thread.newest", keys: ["g n"], label: t.toNewest, run: thread.toEnd });
  useCommand({
    id: "thread.since",
    keys: ["g u"],
    label: t.commands.since,
    isEnabled: thread.hasUnreadLine,
    run: thread.toUnread,
  });
  useCommand({
    id: "thread.quote",
    keys: ["q"],
    label: t.commands.quote,
    isEnabled: thread.mayWrite,
    run: () => {
      const message = focused();
      if (message && canQuote(message)) thread.quote(message);
    },
  });
  useCommand({
    id: "thread.copy",
    keys: ["y"],
    label: t.commands.copy,
    run: () => {
      const message = focused();
      if (message?.content) copyText(message);
    },
  });
}
