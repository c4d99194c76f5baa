// What happened, centred: a withdrawn message (without a trace of it), a pressed button, a word of the desk.
import { useMessages } from "../../catalogue/catalogue";
import type { Message } from "../../protocol";
import { Icon } from "../../ui/icon";
import { langOf } from "../../ui/language";
import { Time } from "./time";

export function SystemLine({ message }: { message: Message }) {
  const t = useMessages().common;
  if (message.unsent_at) {
    return (
      <p className="sys">
        <span className="gone">
          <Icon name="undo" size={14} />
          {t.withdrawn}
        </span>{" "}
        <Time at={message.created_at} />
      </p>
    );
  }
  const { content, direction } = message;
  const words = direction === "OUTGOING" ? content : content ? t.pressed(content) : t.unknownKind;
  return (
    <p className="sys">
      <span lang={langOf(content)}>{words}</span> <Time at={message.created_at} />
    </p>
  );
}
