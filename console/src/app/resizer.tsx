// The edge between list and thread: dragged by pointer, moved by arrow keys, back to the usual width by a double click.
import { type KeyboardEvent, type PointerEvent, useRef } from "react";
import { useMessages } from "../catalogue/catalogue";
import { LIST_WIDTH } from "./layout";

const STEP = 20;

export function Resizer({ width, onWidth }: { width: number; onWidth: (width: number) => void }) {
  const t = useMessages().status;
  const grip = useRef<number | null>(null);

  function onKeyDown(event: KeyboardEvent): void {
    const wanted = {
      ArrowLeft: width - STEP,
      ArrowRight: width + STEP,
      Home: LIST_WIDTH.least,
      End: LIST_WIDTH.most,
    }[event.key];
    if (wanted === undefined) return;
    event.preventDefault();
    onWidth(wanted);
  }

  function onPointerDown(event: PointerEvent<HTMLElement>): void {
    if (event.button !== 0) return;
    grip.current = event.clientX - width;
    event.currentTarget.setPointerCapture(event.pointerId);
  }

  return (
    // biome-ignore lint/a11y/useSemanticElements: an hr cannot be focused and dragged
    <div
      className="resizer"
      role="separator"
      tabIndex={0}
      aria-orientation="vertical"
      aria-label={t.resize}
      aria-valuenow={width}
      aria-valuemin={LIST_WIDTH.least}
      aria-valuemax={LIST_WIDTH.most}
      onKeyDown={onKeyDown}
      onPointerDown={onPointerDown}
      onPointerMove={(event) => grip.current !== null && onWidth(event.clientX - grip.current)}
      onPointerUp={() => {
        grip.current = null;
      }}
      onPointerCancel={() => {
        grip.current = null;
      }}
      onDoubleClick={() => onWidth(LIST_WIDTH.usual)}
    />
  );
}
