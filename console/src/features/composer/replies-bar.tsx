// The buttons that go with the text: a tap sends their words back.
import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import { useMessages } from "../../catalogue/catalogue";
import { IconButton } from "../../ui/button";
import { langOf } from "../../ui/language";
import { useIme } from "./ime";
import { MAX_LABEL, MAX_REPLIES } from "./said";
import type { Writing } from "./use-writing";

export function RepliesBar({ writing, onDone }: { writing: Writing; onDone: () => void }) {
  const t = useMessages().compose.replies;
  const ime = useIme();
  const input = useRef<HTMLInputElement>(null);
  const [label, setLabel] = useState("");
  const replies = writing.draft.replies ?? [];
  const words = label.trim();
  const isFull = replies.length >= MAX_REPLIES;
  const flaw = flawOf();
  // It was just opened, and not found open in a draft.
  useEffect(() => {
    if (replies.length === 0) input.current?.focus();
  }, [replies.length]);

  function flawOf(): string | null {
    if (isFull) return t.full(MAX_REPLIES);
    if (words.length > MAX_LABEL) return t.tooLong(MAX_LABEL);
    return replies.includes(words) ? t.twice : null;
  }
  const add = () => {
    if (words === "") return onDone();
    if (flaw !== null) return;
    writing.put({ replies: [...replies, words] });
    setLabel("");
    input.current?.focus();
  };
  const close = () => {
    writing.dropReplies();
    onDone();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (ime.isIme(event)) return;
    if (event.key === "Enter") {
      event.preventDefault();
      add();
    } else if (event.key === "Escape") {
      event.preventDefault();
      if (replies.length > 0 || words !== "") onDone();
      else close();
    } else if (event.key === "Backspace" && label === "" && replies.length > 0) {
      writing.put({ replies: replies.slice(0, -1) });
    }
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is drawn by the browser in its own way.
    <div className="creplies" role="group" aria-label={t.title}>
      {replies.map((one) => (
        <span key={one} className="creply" lang={langOf(one)}>
          {one}
          <IconButton
            icon="close"
            size={16}
            label={t.remove(one)}
            onClick={() => {
              writing.put({ replies: replies.filter((other) => other !== one) });
              input.current?.focus();
            }}
          />
        </span>
      ))}
      <input
        ref={input}
        className="creply-new"
        aria-label={t.label}
        aria-invalid={flaw !== null && words !== ""}
        placeholder={replies.length === 0 ? t.label : t.add}
        autoComplete="off"
        lang={langOf(label)}
        value={label}
        onChange={(event) => setLabel(event.target.value)}
        onKeyDown={onKeyDown}
        {...ime.handlers}
      />
      <IconButton icon="close" size={16} label={t.close} onClick={close} />
      <small role="status">{(words !== "" || isFull) && flaw !== null ? flaw : t.hint}</small>
    </div>
  );
}
