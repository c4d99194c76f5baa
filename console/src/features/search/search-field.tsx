// What to look for. The address holds it, so that going back from a hit finds the same.
import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import { useMessages } from "../../catalogue/catalogue";
import { Icon } from "../../ui/icon";

const PAUSE_MS = 250;
const MAX_LENGTH = 200;

type SearchFieldProps = { q: string; onSearch: (q: string) => void; onDown: () => void };

export function SearchField({ q, onSearch, onDown }: SearchFieldProps) {
  const t = useMessages().search;
  // Null: the field says what the address says.
  const [typed, setTyped] = useState<string | null>(null);
  const isComposing = useRef(false);
  const field = useRef<HTMLInputElement>(null);

  // Whoever comes to search wants to write.
  useEffect(() => {
    field.current?.focus();
    field.current?.select();
  }, []);

  const search = (text: string) => {
    setTyped(null);
    if (text.trim() !== q) onSearch(text.trim());
  };

  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const later = (text: string) => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => text.trim() !== q && onSearch(text.trim()), PAUSE_MS);
  };

  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.nativeEvent.isComposing || event.keyCode === 229) return;
    if (event.key !== "Enter" && event.key !== "ArrowDown") return;
    event.preventDefault();
    clearTimeout(timer.current);
    search(event.currentTarget.value);
    if (event.key === "ArrowDown") onDown();
  };

  return (
    <search className="search-find">
      <Icon name="search" />
      <input
        ref={field}
        className="input"
        type="search"
        value={typed ?? q}
        maxLength={MAX_LENGTH}
        autoComplete="off"
        spellCheck={false}
        aria-label={t.field}
        placeholder={t.field}
        onCompositionStart={() => {
          isComposing.current = true;
        }}
        onCompositionEnd={(event) => {
          isComposing.current = false;
          later(event.currentTarget.value);
        }}
        onChange={(event) => {
          setTyped(event.target.value);
          if (!isComposing.current) later(event.target.value);
        }}
        onKeyDown={onKeyDown}
      />
    </search>
  );
}
