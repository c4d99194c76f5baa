// The field above the rows: filters them by name as one types, by tag after "#". Enter searches everything.
import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import { useLocation } from "wouter";
import { placeOf } from "../../app/places";
import { useMessages } from "../../catalogue/catalogue";
import { useDesk, useDeskState } from "../../desk/context";
import { IconButton } from "../../ui/button";
import { Icon } from "../../ui/icon";
import { useCommand } from "../keyboard/commands";

const PAUSE_MS = 200;
const MAX_LENGTH = 200;

export function QuickSearch() {
  const t = useMessages().list;
  const desk = useDesk();
  const [, navigate] = useLocation();
  const shown = useDeskState(({ list }) => (list.tag === null ? list.q : `#${list.tag}`));
  // What is typed and not asked for yet; null: the field says what the list shows.
  const [typed, setTyped] = useState<string | null>(null);
  const [isComposing, setComposing] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  useCommand({ id: "search.names", keys: ["/"], label: t.command.find, run: () => field.current?.focus() });

  const show = (text: string) => {
    setTyped(null);
    const wanted = readField(text);
    const { status, q, tag } = desk.store.getState().list;
    if (wanted.q !== q || wanted.tag !== tag) desk.showList({ status, ...wanted });
  };

  // Asks when the typing pauses; half a word of an input method finds nothing, or the wrong ones.
  useEffect(() => {
    if (typed === null || isComposing) return;
    const timer = setTimeout(() => {
      const wanted = readField(typed);
      const { status, q, tag } = desk.store.getState().list;
      if (wanted.q !== q || wanted.tag !== tag) desk.showList({ status, ...wanted });
    }, PAUSE_MS);
    return () => clearTimeout(timer);
  }, [typed, isComposing, desk]);

  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.nativeEvent.isComposing || event.keyCode === 229) return;
    const text = event.currentTarget.value.trim();
    if (event.key === "Enter" && text !== "") {
      event.preventDefault();
      show(text);
      navigate(placeOf.search(text.replace(/^#/, "")));
    } else if (event.key === "Escape" && event.currentTarget.value !== "") {
      event.preventDefault();
      event.stopPropagation();
      show("");
    } else if (event.key === "ArrowDown") {
      event.preventDefault();
      document.querySelector<HTMLElement>('.rows [data-id][tabindex="0"]')?.focus();
    }
  };

  const value = typed ?? shown;
  return (
    <search className="list-find">
      <Icon name="search" size={16} />
      <input
        ref={field}
        className="input"
        type="search"
        value={value}
        maxLength={MAX_LENGTH}
        autoComplete="off"
        spellCheck={false}
        placeholder={t.field}
        aria-label={t.fieldLabel}
        onCompositionStart={() => setComposing(true)}
        onCompositionEnd={() => setComposing(false)}
        onChange={(event) => setTyped(event.target.value)}
        onKeyDown={onKeyDown}
        onBlur={() => typed !== null && show(typed)}
      />
      {value !== "" && (
        <IconButton
          icon="close"
          size={16}
          label={t.clearField}
          onClick={() => {
            show("");
            field.current?.focus();
          }}
        />
      )}
    </search>
  );
}

export function readField(text: string): { q: string; tag: string | null } {
  const trimmed = text.trim();
  if (!trimmed.startsWith("#")) return { q: trimmed, tag: null };
  const tag = trimmed.slice(1).trim();
  return { q: "", tag: tag === "" ? null : tag };
}
