// Rows do not move under the pointer, nor under the keyboard's focus.
import { type FocusEvent, type PointerEvent, useEffect, useRef } from "react";
import { useDesk } from "../../desk/context";

export type Hold = {
  /** To spread on the element around the rows. */
  handlers: {
    onPointerEnter: (event: PointerEvent) => void;
    onPointerLeave: () => void;
    onPointerDown: () => void;
    onPointerUp: () => void;
    onFocus: () => void;
    onBlur: (event: FocusEvent) => void;
  };
  /** Lets what waits move now; the hold goes on afterwards. */
  release: () => void;
};

export function useHold(): Hold {
  const desk = useDesk();
  const held = useRef({ byPointer: false, byFocus: false, isPressing: false });

  const tell = (change: { byPointer?: boolean; byFocus?: boolean }) => {
    const now = held.current;
    const was = now.byPointer || now.byFocus;
    Object.assign(now, change);
    const is = now.byPointer || now.byFocus;
    if (is !== was) desk.holdList(is);
  };

  // Whoever takes the list away takes the pointer away too.
  useEffect(() => () => desk.holdList(false), [desk]);

  return {
    handlers: {
      // A finger that scrolls points at nothing.
      onPointerEnter: (event) => event.pointerType !== "touch" && tell({ byPointer: true }),
      onPointerLeave: () => tell({ byPointer: false }),
      onPointerDown: () => {
        held.current.isPressing = true;
      },
      onPointerUp: () => {
        held.current.isPressing = false;
      },
      // A click leaves the focus behind on what it opened; nobody works from there.
      onFocus: () => !held.current.isPressing && tell({ byFocus: true }),
      onBlur: (event) => {
        if (!event.currentTarget.contains(event.relatedTarget)) tell({ byFocus: false });
      },
    },
    release: () => {
      desk.holdList(false);
      if (held.current.byPointer || held.current.byFocus) desk.holdList(true);
    },
  };
}
