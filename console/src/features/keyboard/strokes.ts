// Keys as they are written in commands ("c", "g q", "mod+Enter") and as the browser tells them.

/** One key with what is held down. `key` is lower case. */
export type Stroke = { key: string; isMod: boolean; isAlt: boolean; isShift: boolean };

export const isMac = (): boolean => /mac|iphone|ipad/i.test(navigator.platform || navigator.userAgent);

/** "g q" is two strokes, one after the other. */
export const parseKeys = (keys: string): readonly Stroke[] => keys.trim().split(/\s+/).map(parseStroke);

function parseStroke(written: string): Stroke {
  // The last plus may be the key itself: "mod++".
  const parts = written.split(/\+(?=.)/);
  const held = new Set(parts.slice(0, -1).map((part) => part.toLowerCase()));
  return {
    key: (parts.at(-1) ?? "").toLowerCase(),
    isMod: held.has("mod"),
    isAlt: held.has("alt"),
    isShift: held.has("shift"),
  };
}

/** Whether a key that was pressed is the one that was meant. */
export function isStroke(event: KeyboardEvent, wanted: Stroke): boolean {
  const mac = isMac();
  const isMod = mac ? event.metaKey : event.ctrlKey;
  const isOther = mac ? event.ctrlKey : event.metaKey;
  if (isOther || isMod !== wanted.isMod || event.altKey !== wanted.isAlt) return false;
  if (keyOf(event) !== wanted.key) return false;
  // Where "?" is, and whether it needs Shift, is the layout's affair.
  return isSymbol(wanted.key) || event.shiftKey === wanted.isShift;
}

const isSymbol = (key: string): boolean => key.length === 1 && !/[a-z0-9]/.test(key);

/** The Latin key of a stroke: with a Thai layout, or Alt on a Mac, `key` is another sign at the place of the same key. */
function keyOf(event: KeyboardEvent): string {
  const isLatin = /^[\x20-\x7e]+$/.test(event.key);
  if (isLatin) return event.key.toLowerCase();
  const letter = /^(?:Key|Digit)([A-Z0-9])$/.exec(event.code)?.[1];
  if (letter) return letter.toLowerCase();
  if (event.code === "Slash") return event.shiftKey ? "?" : "/";
  return event.key.toLowerCase();
}

/** A stroke without anything held is text while one writes. */
export const isPlain = (stroke: Stroke): boolean => !stroke.isMod && !stroke.isAlt;

const SIGNS: Record<string, string> = {
  arrowup: "↑",
  arrowdown: "↓",
  arrowleft: "←",
  arrowright: "→",
  enter: "Enter",
  escape: "Esc",
  " ": "Space",
};

export function formatStroke(stroke: Stroke): string {
  const mac = isMac();
  const isHeld = stroke.isMod || stroke.isAlt || stroke.isShift;
  const key =
    SIGNS[stroke.key] ?? (stroke.key.length > 1 ? capital(stroke.key) : isHeld ? stroke.key.toUpperCase() : stroke.key);
  const held = [
    stroke.isMod && (mac ? "⌘" : "Ctrl"),
    stroke.isAlt && (mac ? "⌥" : "Alt"),
    stroke.isShift && (mac ? "⇧" : "Shift"),
  ].filter((part) => part !== false);
  return [...held, key].join(mac ? "" : "+");
}

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);
