// The command palette: everything that can be done now, and every conversation by name, from one field.
import { Dialog } from "@base-ui/react/dialog";
import { useId, useLayoutEffect, useMemo, useRef, useState } from "react";
import { flushSync } from "react-dom";
import { useLocation } from "wouter";
import { placeOf } from "../../app/places";
import { useMessages } from "../../catalogue/catalogue";
import { useDesk } from "../../desk/context";
import { Icon } from "../../ui/icon";
import { useCommands } from "./commands";
import { type Entry, findEntries } from "./found";
import { PaletteEntry } from "./palette-entry";
import { PaletteHint } from "./palette-hint";
import { isStroke, parseKeys } from "./strokes";
import "./keyboard.css";

const [TOGGLE] = parseKeys("mod+k");

export function Palette({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const t = useMessages().keyboard;
  // Where the eyes were: a command begins from there, as if its key had been pressed.
  const before = useRef<Element | null>(document.activeElement);
  const isChosen = useRef(false);

  const choose = (run: () => void) => {
    isChosen.current = true;
    flushSync(onClose);
    elementOf(before.current)?.focus();
    run();
  };

  return (
    <Dialog.Root open={isOpen} onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop className="dlg-scrim" />
        <Dialog.Popup className="dlg pal" finalFocus={() => !isChosen.current && (elementOf(before.current) ?? false)}>
          <Dialog.Title className="sr">{t.palette}</Dialog.Title>
          <Field onChoose={choose} onClose={onClose} />
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

/** The body is where the focus is when nothing has it. */
const elementOf = (element: Element | null): HTMLElement | null =>
  element instanceof HTMLElement && element !== document.body ? element : null;

function Field({ onChoose, onClose }: { onChoose: (run: () => void) => void; onClose: () => void }) {
  const t = useMessages().keyboard;
  const { store } = useDesk();
  const [, navigate] = useLocation();
  const commands = useCommands();
  const [typed, setTyped] = useState("");
  const [at, setAt] = useState(0);
  const base = useId();
  const field = useRef<HTMLInputElement>(null);
  // At once, not a frame later: the next letter is already on its way, and outside of the field it would be a command.
  useLayoutEffect(() => field.current?.focus(), []);
  // What is there when something is typed: rows that move under the finger would be the wrong ones.
  const sections = useMemo(() => findEntries(commands, store.getState(), typed), [commands, store, typed]);
  const entries = sections.flatMap((section) => section.entries);
  const current = entries[Math.min(at, entries.length - 1)];
  const idOf = (entry: Entry) => `${base}-${entry.id}`;

  const choose = (entry: Entry) => {
    if (entry.kind === "command") onChoose(entry.command.run);
    else if (entry.kind === "conversation") onChoose(() => navigate(placeOf.conversation(entry.summary.id)));
    else onChoose(() => navigate(placeOf.search(entry.q)));
  };

  const onKeyDown = (event: React.KeyboardEvent) => {
    if (event.nativeEvent.isComposing || event.keyCode === 229) return;
    if (TOGGLE && isStroke(event.nativeEvent, TOGGLE)) {
      event.preventDefault();
      return onClose();
    }
    const next = moved(event.key, Math.min(at, entries.length - 1), entries.length);
    if (next !== null) setAt(next);
    else if (event.key === "Enter" && current) choose(current);
    else return;
    event.preventDefault();
  };

  return (
    <>
      <div className="q">
        <Icon name="search" />
        <input
          ref={field}
          role="combobox"
          aria-expanded={entries.length > 0}
          aria-controls={`${base}-list`}
          aria-autocomplete="list"
          aria-activedescendant={current ? idOf(current) : undefined}
          aria-label={t.placeholder}
          placeholder={t.placeholder}
          autoComplete="off"
          spellCheck={false}
          value={typed}
          onChange={(event) => {
            setTyped(event.target.value);
            setAt(0);
          }}
          onKeyDown={onKeyDown}
        />
      </div>
      <div className="pal-found" role="listbox" id={`${base}-list`} aria-label={t.results}>
        {sections.map((section) => (
          // biome-ignore lint/a11y/useSemanticElements: a group of options, not of form fields
          <div key={section.id} role="group" aria-labelledby={`${base}-${section.id}`}>
            <div className="pal-head" role="presentation" id={`${base}-${section.id}`}>
              {t.group[section.id]}
            </div>
            {section.entries.map((entry) => (
              <PaletteEntry
                key={entry.id}
                id={idOf(entry)}
                entry={entry}
                isCurrent={entry === current}
                onPoint={() => setAt(entries.indexOf(entry))}
                onChoose={() => choose(entry)}
              />
            ))}
          </div>
        ))}
      </div>
      <p className="sr" role="status">
        {typed && t.found(entries.length)}
      </p>
      <PaletteHint />
    </>
  );
}

function moved(key: string, at: number, count: number): number | null {
  if (count === 0) return null;
  switch (key) {
    case "ArrowDown":
      return (at + 1) % count;
    case "ArrowUp":
      return (at - 1 + count) % count;
    case "PageDown":
      return Math.min(at + 8, count - 1);
    case "PageUp":
      return Math.max(at - 8, 0);
    default:
      return null;
  }
}
