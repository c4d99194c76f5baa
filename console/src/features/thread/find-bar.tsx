// Find in the thread: walks through the hits among what is loaded, newest first, and leads on to the search of everything.
import { type KeyboardEvent, useMemo, useState } from "react";
import { Link } from "wouter";
import { placeOf } from "../../app/places";
import { useMessages } from "../../catalogue/catalogue";
import type { Message, MessageId } from "../../protocol";
import { IconButton } from "../../ui/button";
import { Icon } from "../../ui/icon";
import { findHits } from "./find";

type FindBarProps = {
  messages: readonly Message[];
  isWhole: boolean;
  onShow: (id: MessageId) => void;
  onClose: () => void;
};

export function FindBar({ messages, isWhole, onShow, onClose }: FindBarProps) {
  const t = useMessages().thread.find;
  const [q, setQ] = useState("");
  const [at, setAt] = useState<MessageId | null>(null);
  const hits = useMemo(() => findHits(messages, q), [messages, q]);
  const place = at === null ? -1 : hits.indexOf(at);

  const go = (step: 1 | -1) => {
    const next = hits[(place + step + hits.length) % hits.length];
    if (next === undefined) return;
    setAt(next);
    onShow(next);
  };
  const change = (text: string) => {
    setQ(text);
    const first = findHits(messages, text)[0] ?? null;
    setAt(first);
    if (first !== null) onShow(first);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing || event.keyCode === 229) return;
    if (event.key === "Escape") onClose();
    else if (event.key === "Enter") go(event.shiftKey ? -1 : 1);
    else return;
    event.preventDefault();
  };

  return (
    <search className="find-bar" onKeyDown={onKeyDown}>
      <Icon name="search" size={16} />
      <input
        type="search"
        value={q}
        aria-label={t.label}
        placeholder={t.label}
        // biome-ignore lint/a11y/noAutofocus: it was asked for by a key a moment ago
        autoFocus
        onChange={(event) => change(event.target.value)}
      />
      <span className="n" role="status">
        {q.trim() && (hits.length > 0 ? t.count(Math.max(0, place) + 1, hits.length) : t.none)}
      </span>
      {q.trim() && !isWhole && (
        <Link className="link" href={placeOf.search(q.trim())} title={t.onlyLoaded}>
          {t.everywhere}
        </Link>
      )}
      <IconButton
        icon="chevron-down"
        className="is-up"
        label={t.next}
        shortcut="Enter"
        size={16}
        disabled={hits.length === 0}
        onClick={() => go(1)}
      />
      <IconButton
        icon="chevron-down"
        label={t.previous}
        shortcut="Shift Enter"
        size={16}
        disabled={hits.length === 0}
        onClick={() => go(-1)}
      />
      <IconButton icon="close" label={t.close} shortcut="Esc" size={16} onClick={onClose} />
    </search>
  );
}
