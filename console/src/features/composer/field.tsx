// The field itself: one row that grows to eight, with what it is about above and its tools below.
import { type KeyboardEvent, useRef } from "react";
import { useMessages } from "../../catalogue/catalogue";
import type { Summary } from "../../protocol";
import { FaultNote } from "../../ui/fault";
import { langOf } from "../../ui/language";
import { nameOf } from "../../ui/name";
import { focusLastMessage } from "../thread/keys";
import { useAttaching } from "./attaching";
import { putInto, useFit, useFocus } from "./field-hooks";
import { FilesBar } from "./files-bar";
import { GuardBar } from "./guard-bar";
import { useIme } from "./ime";
import { MentionList, optionOf } from "./mention-list";
import { MakingDialog } from "./more-tools";
import { setQuote, useWantsFocus } from "./quote";
import { QuoteBar } from "./quote-bar";
import { ReachBar } from "./reach-bar";
import { RepliesBar } from "./replies-bar";
import { Tools } from "./tools";
import { useMention } from "./use-mention";
import type { Writing } from "./use-writing";

type FieldProps = {
  summary: Summary;
  writing: Writing;
  onSubmit: () => void;
  onNote: (isNote: boolean) => void;
};

export function Field({ summary, writing, onSubmit, onNote }: FieldProps) {
  const { id } = summary;
  const t = useMessages().composer;
  const ref = useRef<HTMLTextAreaElement>(null);
  const ime = useIme();
  const attaching = useAttaching(id, writing.draft.isNote);
  const { text, isNote } = writing.draft;
  const mentioning = useMention(summary, writing, (piece, start, end) => putInto(ref, piece, start, end));
  const words = isNote ? t.noteOnly : t.replyTo(nameOf(summary));
  useFit(ref, text);
  useFocus(ref, useWantsFocus(id));

  const onKeyDown = (event: KeyboardEvent) => {
    if (ime.isIme(event)) return;
    if (mentioning.onKey(event)) event.preventDefault();
    else if (event.key === "Enter" && !event.shiftKey && !event.altKey && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      // A key that is held down answers no question.
      if (!event.repeat) onSubmit();
    } else if (event.key === "ArrowUp" && text === "") {
      if (focusLastMessage()) event.preventDefault();
    } else if (event.key === "Escape") {
      event.preventDefault();
      if (writing.quote && !isNote) setQuote(id, null);
      else if (isNote) onNote(false);
      else ref.current?.blur();
    }
  };
  const insert = (piece: string) => {
    const start = ref.current?.selectionStart ?? text.length;
    putInto(ref, piece, start, ref.current?.selectionEnd ?? start);
  };
  return (
    <div className={`cbox${isNote ? " is-note" : ""}${attaching.isDragging ? " is-over" : ""}`}>
      {summary.source_type !== "user" && <MentionList mentioning={mentioning} />}
      {attaching.isDragging && <p className="cdrop">{t.files.drop}</p>}
      {attaching.isOn && <FilesBar id={id} onDone={() => ref.current?.focus()} />}
      {!isNote && <ReachBar summary={summary} />}
      {writing.quote && !isNote && (
        <QuoteBar id={id} message={writing.quote.message} onGone={() => ref.current?.focus()} />
      )}
      {writing.answered && text !== "" && (
        <GuardBar
          id={id}
          message={writing.answered}
          onShow={() => {
            writing.acknowledge();
            ref.current?.focus();
          }}
          onAnyway={() => {
            writing.send();
            ref.current?.focus();
          }}
        />
      )}
      {writing.fault && <FaultNote fault={writing.fault.fault} lead={writing.fault.lead} />}
      <textarea
        ref={ref}
        className="cfield"
        rows={1}
        enterKeyHint="send"
        aria-label={words}
        aria-invalid={writing.left < 0}
        {...(mentioning.options.length > 0
          ? {
              "aria-controls": mentioning.listId,
              "aria-activedescendant": optionOf(mentioning.listId, mentioning.current),
            }
          : {})}
        placeholder={words}
        lang={langOf(text)}
        value={text}
        readOnly={writing.isSaving}
        onChange={({ target }) => {
          writing.change(target.value);
          mentioning.moved(target);
        }}
        onSelect={(event) => mentioning.moved(event.currentTarget)}
        onKeyDown={onKeyDown}
        onBlur={writing.stopTyping}
        onPaste={attaching.onPaste}
        {...ime.handlers}
      />
      {writing.draft.replies && !isNote && <RepliesBar writing={writing} onDone={() => ref.current?.focus()} />}
      <Tools
        id={id}
        writing={writing}
        onNote={onNote}
        onInsert={insert}
        attaching={attaching}
        onSend={() => {
          onSubmit();
          if (!writing.answered) ref.current?.focus();
        }}
      />
      {!isNote && <MakingDialog id={id} writing={writing} />}
    </div>
  );
}
