// The message that the next one answers.
import { useMessages } from "../../catalogue/catalogue";
import type { ConversationId, Message } from "../../protocol";
import { IconButton } from "../../ui/button";
import { Icon } from "../../ui/icon";
import { langOf } from "../../ui/language";
import { gist } from "../../ui/name";
import { setQuote } from "./quote";

type QuoteBarProps = { id: ConversationId; message: Message | null; onGone: () => void };

export function QuoteBar({ id, message, onGone }: QuoteBarProps) {
  const { composer: t, common, thread } = useMessages();
  const { icon, text } = message ? gist(message, common) : { icon: null, text: thread.earlier };
  return (
    <div className="cq">
      <b>{t.quoting}</b>
      {icon && <Icon name={icon} size={16} />}
      <span className="cq-text" lang={langOf(text)}>
        {text}
      </span>
      <IconButton
        icon="close"
        size={16}
        label={t.unquote}
        onClick={() => {
          setQuote(id, null);
          onGone();
        }}
      />
    </div>
  );
}
