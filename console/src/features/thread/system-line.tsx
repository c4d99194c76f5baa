// What happened, centred: a withdrawn message (without a trace of it), a pressed button, who came and went, a word of the
// desk.
import { useMessages } from "../../catalogue/catalogue";
import type { Message } from "../../protocol";
import { Icon } from "../../ui/icon";
import { langOf } from "../../ui/language";
import { systemWords } from "./system-words";
import { Time } from "./time";

export function SystemLine({ message }: { message: Message }) {
  const t = useMessages();
  if (message.unsent_at) {
    return (
      <p className="sys">
        <span className="gone">
          <Icon name="undo" size={14} />
          {t.common.withdrawn}
        </span>{" "}
        <Time at={message.created_at} />
      </p>
    );
  }
  const { content, direction } = message;
  const words = direction === "OUTGOING" ? content : systemWords(message, t);
  return (
    <p className="sys">
      <span lang={langOf(content)}>{words}</span> <Time at={message.created_at} />
    </p>
  );
}
