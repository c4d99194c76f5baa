// A command's key as caps.
import { Fragment } from "react";
import { formatStrokes } from "./commands";

/** Caps are for the eye; a control's own `aria-keyshortcuts` tells the others. */
export function Keys({ keys }: { keys: string }) {
  return (
    <span className="keys">
      {formatStrokes(keys).map((stroke, at) => (
        // The strokes of one binding never change places.
        // biome-ignore lint/suspicious/noArrayIndexKey: "g g" has the same stroke twice
        <Fragment key={at}>
          {caps(stroke).map((cap) => (
            <kbd key={cap}>{cap.length === 1 ? cap.toUpperCase() : cap}</kbd>
          ))}
        </Fragment>
      ))}
    </span>
  );
}

/** "Ctrl+Shift+F" is three caps; on a Mac "⌘K" is one. */
const caps = (stroke: string): readonly string[] => stroke.split(/\+(?=.)/);
