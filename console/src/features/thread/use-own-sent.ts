// What one sends is at the end, and so is the eye that wrote it.
import { useEffect, useRef } from "react";
import type { OutboxEntry } from "../../realtime/types";
import { takeSentHere } from "../composer/sent-here";

export function useOwnSent(entries: readonly OutboxEntry[], toEnd: () => void): void {
  const known = useRef<ReadonlySet<string> | null>(null);
  useEffect(() => {
    const before = known.current;
    known.current = new Set(entries.map((entry) => entry.temp_id));
    // Those that were there when the thread was opened are not news, nor are another tab's or what the browser had kept:
    // the eye may be reading elsewhere.
    if (before && entries.some(({ temp_id }) => !before.has(temp_id) && takeSentHere(temp_id))) toEnd();
  }, [entries, toEnd]);
}
