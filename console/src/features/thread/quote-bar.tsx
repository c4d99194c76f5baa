// The line that a message answers. A press goes there.
import { useMessages } from "../../catalogue/catalogue";
import { useDeskState, useMe } from "../../desk/context";
import type { MessageId } from "../../protocol";
import { Icon } from "../../ui/icon";
import { langOf } from "../../ui/language";
import { gist } from "../../ui/name";
import { useScene } from "./scene";
import { whoSaid } from "./who";
import { findMessage } from "./window";

export function QuoteBar({ quoted }: { quoted: MessageId }) {
  const { common, thread: t } = useMessages();
  const scene = useScene();
  const me = useMe();
  const message = useDeskState((state) => findMessage(state.threads.get(scene.id)?.messages ?? [], quoted));
  const said = message && !message.unsent_at ? gist(message, common) : null;
  const who = message ? whoSaid(message, message.operator_id === me.id, scene.name, common) : t.earlier;
  const text = said?.text ?? (message ? t.quotedGone : "");
  return (
    <button type="button" className="quote" title={t.quoted(who)} onClick={() => scene.jump(quoted)}>
      <span className="sr">{t.quoted(who)}. </span>
      <b lang={langOf(who)} aria-hidden="true">
        {who}
      </b>
      {text && (
        <span lang={langOf(text)}>
          {said?.icon && <Icon name={said.icon} size={14} />}
          {text}
        </span>
      )}
    </button>
  );
}
