// Whether an Enter belongs to an input method. One that ends a composition must never send.
import { type CompositionEvent, type KeyboardEvent, useRef } from "react";

/** What browsers say of a key that the input method handles. */
const KEY_OF_IME = 229;
/** Safari ends the composition first and tells the key a moment later, in the same turn. */
const SAME_STROKE_MS = 60;

export function useIme() {
  const endedAt = useRef<number | null>(null);
  return {
    isIme(event: KeyboardEvent): boolean {
      if (event.nativeEvent.isComposing || event.keyCode === KEY_OF_IME) return true;
      return endedAt.current !== null && event.timeStamp - endedAt.current < SAME_STROKE_MS;
    },
    /** For the field. The key that ended the composition is over once it is let go. */
    handlers: {
      onCompositionEnd: (event: CompositionEvent): void => {
        endedAt.current = event.timeStamp;
      },
      onKeyUp: (): void => {
        endedAt.current = null;
      },
    },
  };
}
