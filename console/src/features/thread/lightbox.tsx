// A picture as large as the window, and the others of the thread one key away.
import { type KeyboardEvent, useState } from "react";
import { useLocale, useMessages } from "../../catalogue/catalogue";
import { useDeskState } from "../../desk/context";
import type { Media, Message, MessageId } from "../../protocol";
import { IconButton } from "../../ui/button";
import { Dialog } from "../../ui/dialog";
import { Icon } from "../../ui/icon";
import { fullTime } from "../../ui/time";
import { fileLink } from "./media-links";
import { useScene } from "./scene";
import { whoSaid } from "./who";

type Shown = Message & { media: Media };

const isShown = (message: Message): message is Shown =>
  message.message_type === "image" && message.media?.state === "ready" && message.media.has_preview;

const NONE: readonly Message[] = [];

export function Lightbox({ first, onClose }: { first: MessageId; onClose: () => void }) {
  const { common, media: t } = useMessages();
  const locale = useLocale();
  const scene = useScene();
  const messages = useDeskState((state) => state.threads.get(scene.id)?.messages ?? NONE);
  const [id, setId] = useState(first);
  const [isLarge, setLarge] = useState(false);
  const pictures = messages.filter(isShown);
  const at = pictures.findIndex((one) => one.id === id);
  const shown = pictures[at];
  // Withdrawn while it was looked at.
  if (!shown) return null;
  const go = (step: number) => {
    const next = pictures[at + step];
    if (!next) return;
    setLarge(false);
    setId(next.id);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "ArrowLeft") go(-1);
    else if (event.key === "ArrowRight") go(1);
    else return;
    event.preventDefault();
  };
  const who = whoSaid(shown, false, scene.name, common);
  const title = `${who} · ${fullTime(shown.created_at, scene.timezone, locale)}`;
  return (
    <Dialog isOpen onClose={onClose} className="lightbox" title={title}>
      <div className={isLarge ? "light large" : "light"}>
        <button
          type="button"
          className="light-pic"
          aria-label={isLarge ? t.fit : t.enlarge}
          onClick={() => setLarge(!isLarge)}
          onKeyDown={onKeyDown}
        >
          <img key={shown.id} src={fileLink(shown.media)} alt={t.pictureOf(who)} />
        </button>
      </div>
      <footer className="light-foot">
        <IconButton icon="back" label={t.previous} disabled={at === 0} onClick={() => go(-1)} onKeyDown={onKeyDown} />
        <span>{t.place(at + 1, pictures.length)}</span>
        <IconButton
          icon="forward"
          label={t.next}
          disabled={at === pictures.length - 1}
          onClick={() => go(1)}
          onKeyDown={onKeyDown}
        />
        <a className="btn line" href={fileLink(shown.media, true)} download>
          <Icon name="download" size={16} />
          {t.download}
        </a>
      </footer>
    </Dialog>
  );
}
