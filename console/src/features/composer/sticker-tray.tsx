// The stickers that LINE lets an account send: their pictures, by way of the desk, and the number that LINE's list shows
// under each.
import { type KeyboardEvent, useEffect, useId, useRef, useState } from "react";
import { useMessages } from "../../catalogue/catalogue";
import { stepInGrid } from "../../ui/grid";
import { Icon } from "../../ui/icon";
import { StickerPicture } from "../../ui/sticker-picture";
import { LIST_PAGE, recentStickers, SETS, type Sticker, stickersOf } from "./stickers";

const COLUMNS = 4;
const RECENT = "recent";

export function StickerTray({ onPick }: { onPick: (sticker: Sticker) => void }) {
  const { compose, thread } = useMessages();
  const t = compose.stickers;
  const [recent] = useState(recentStickers);
  const [chosen, setChosen] = useState(recent.length > 0 ? RECENT : SETS[0]?.id);
  const id = useId();
  const set = SETS.find((one) => one.id === chosen);
  return (
    <>
      <div className="sticker-head">
        <label className="sr" htmlFor={id}>
          {t.packs}
        </label>
        <select id={id} className="input" value={chosen} onChange={(event) => setChosen(event.target.value)}>
          {recent.length > 0 && <option value={RECENT}>{t.recent}</option>}
          {SETS.map((one) => (
            <option key={one.id} value={one.id} lang="en">
              {one.id} · {one.title}
            </option>
          ))}
        </select>
      </div>
      <Grid key={chosen} stickers={set ? stickersOf(set) : recent} onPick={onPick} />
      <a
        className="sticker-list link"
        href={LIST_PAGE}
        target="_blank"
        rel="noopener noreferrer"
        title={thread.opensOutside}
      >
        {t.pictures} <Icon name="out" size={14} />
      </a>
    </>
  );
}

function Grid({ stickers, onPick }: { stickers: readonly Sticker[]; onPick: (sticker: Sticker) => void }) {
  const { compose } = useMessages();
  const [at, setAt] = useState(0);
  const ref = useRef<HTMLDivElement>(null);
  // When the tray opens; choosing another set leaves the focus where it is.
  useEffect(() => {
    if (!(document.activeElement instanceof HTMLSelectElement)) ref.current?.querySelector("button")?.focus();
  }, []);
  const onKeyDown = (event: KeyboardEvent) => {
    const next = stepInGrid(event.key, at, stickers.length, COLUMNS);
    if (next === null) return;
    event.preventDefault();
    setAt(next);
    ref.current?.querySelectorAll("button")[next]?.focus();
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for fields.
    <div ref={ref} className="sticker-grid" role="group" aria-label={compose.sticker} onKeyDown={onKeyDown}>
      {stickers.map((sticker, index) => (
        <button
          key={sticker.id}
          type="button"
          tabIndex={index === at ? 0 : -1}
          aria-label={compose.stickers.one(sticker.set, sticker.id)}
          onFocus={() => setAt(index)}
          onClick={() => onPick(sticker)}
        >
          <StickerPicture id={sticker.id}>
            <Icon name="sticker" />
          </StickerPicture>
          <span>{sticker.id}</span>
        </button>
      ))}
    </div>
  );
}
