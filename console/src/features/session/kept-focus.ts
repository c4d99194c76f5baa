// Where the focus goes when the button that had it leaves with the act it did: to the conversation's name.
import { type RefObject, useEffect, useRef } from "react";
import type { Summary } from "../../protocol";

/** For the heading. `isAway`: a dialog has the focus and gives it back when it closes. */
export function useKeptFocus({ session }: Summary, isAway: boolean): RefObject<HTMLHeadingElement | null> {
  const heading = useRef<HTMLHeadingElement>(null);
  const last = useRef<EventTarget | null>(null);
  const standing = session && `${session.id} ${session.status} ${session.operator_id}`;

  useEffect(() => {
    const thread = heading.current?.closest(".thread");
    const note = (event: Event) => {
      last.current = event.target;
    };
    thread?.addEventListener("focusin", note);
    return () => thread?.removeEventListener("focusin", note);
  }, []);

  // biome-ignore lint/correctness/useExhaustiveDependencies: `standing` is what takes buttons away
  useEffect(() => {
    if (isAway) return;
    // After a dialog has tried to give the focus back.
    const timer = setTimeout(() => {
      const had = last.current;
      const isGone = had instanceof Element && !had.isConnected;
      if (isGone && document.activeElement === document.body) heading.current?.focus({ preventScroll: true });
    });
    return () => clearTimeout(timer);
  }, [standing, isAway]);

  return heading;
}
