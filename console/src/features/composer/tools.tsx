// Under the field: emoji, the note switch, how much is left, what it will cost, and send.
import { lazy, Suspense, useState } from "react";
import { useLocale, useMessages } from "../../catalogue/catalogue";
import { useDeskState } from "../../desk/context";
import type { ConversationId } from "../../protocol";
import { IconButton } from "../../ui/button";
import { Icon } from "../../ui/icon";
import { Popover } from "../../ui/popover";
import { AttachButton, type Attaching } from "./attaching";
import { MoreTools, Stickers } from "./more-tools";
import { ReplyCost } from "./reply-cost";
import type { Writing } from "./use-writing";

const EmojiGrid = lazy(() => import("./emoji-grid").then((module) => ({ default: module.EmojiGrid })));

/** From here on the count shows. */
const COUNT_FROM = 4500;

type ToolsProps = {
  id: ConversationId;
  writing: Writing;
  onNote: (isNote: boolean) => void;
  onInsert: (piece: string) => void;
  onSend: () => void;
  attaching: Attaching;
};

export function Tools({ id, writing, onNote, onInsert, onSend, attaching }: ToolsProps) {
  const t = useMessages().composer;
  const { isNote, text } = writing.draft;
  return (
    <div className="ctools">
      {attaching.isOn && <AttachButton take={attaching.take} />}
      <Emoji onInsert={onInsert} />
      {!isNote && (
        <>
          <Stickers id={id} writing={writing} />
          <MoreTools id={id} writing={writing} />
        </>
      )}
      <button
        type="button"
        className="note-sw"
        aria-pressed={isNote}
        aria-label={t.note}
        title={`${t.noteHint}  N`}
        onClick={() => onNote(!isNote)}
      >
        <Icon name="lock" />
        <span className="hide-sm">{t.note}</span>
      </button>
      <span className="gap" />
      <Count used={text.length} left={writing.left} />
      {!isNote && <ReplyCost id={id} />}
      <button
        type="button"
        className={writing.isReady ? "send" : "send off"}
        disabled={!writing.isReady}
        aria-busy={writing.isSaving}
        aria-label={isNote ? t.writeNote : t.send}
        title={`${isNote ? t.writeNote : t.send}  Enter`}
        onClick={onSend}
      >
        <Icon name={writing.isSaving ? "ring" : "send"} />
      </button>
    </div>
  );
}

function Emoji({ onInsert }: { onInsert: (piece: string) => void }) {
  const t = useMessages().composer;
  const [isOpen, setOpen] = useState(false);
  const pick = (piece: string) => {
    setOpen(false);
    onInsert(piece);
  };
  return (
    <Popover
      trigger={<IconButton className="hide-sm" icon="smile" label={t.emoji} />}
      isOpen={isOpen}
      onOpenChange={setOpen}
      side="top"
      className="pop emoji-pop"
      label={t.emoji}
    >
      <Suspense fallback={null}>
        <EmojiGrid onPick={pick} />
      </Suspense>
    </Popover>
  );
}

function Count({ used, left }: { used: number; left: number }) {
  const t = useMessages().composer;
  const locale = useLocale();
  const limit = useDeskState((state) => state.limits.text_units);
  const isOver = left < 0;
  const number = (n: number) => n.toLocaleString(locale);
  return (
    <span className={isOver ? "nchars over" : "nchars"} role="status">
      {isOver ? t.tooLong(number(-left)) : used >= COUNT_FROM && t.count(number(used), number(limit))}
    </span>
  );
}
