// The one listener for keys: finds the command that a key, or a row of keys, means at this moment.
import { type RegisteredCommand, registeredCommands } from "./commands";
import { isPlain, isStroke, parseKeys, type Stroke } from "./strokes";

/** How long "g" waits for "q". */
const SEQUENCE_MS = 1_200;

/** Listens until the returned function is called. `isOpening`: a dialog was asked for and may not be there yet. */
export function listenForKeys(isOpening: () => boolean = () => false, target: Document = document): () => void {
  let typed: readonly KeyboardEvent[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;

  const forget = () => {
    clearTimeout(timer);
    typed = [];
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.defaultPrevented || isComposing(event) || isModifier(event.key)) return;
    // Whoever writes ahead means the dialog: "claim" into the palette must not claim, close and so on, letter by letter.
    if (isOpening() && !isAnythingOpen(target)) return forget();
    const found = find([...typed, event], target) ?? (typed.length > 0 ? find([event], target) : null);
    if (!found) return forget();
    event.preventDefault();
    if (found.kind === "more") {
      clearTimeout(timer);
      typed = found.typed;
      timer = setTimeout(forget, SEQUENCE_MS);
      return;
    }
    forget();
    if (!event.repeat || repeats(event.key)) found.command.run();
  };

  target.addEventListener("keydown", onKeyDown);
  return () => {
    forget();
    target.removeEventListener("keydown", onKeyDown);
  };
}

type Found = { kind: "command"; command: RegisteredCommand } | { kind: "more"; typed: readonly KeyboardEvent[] };

function find(typed: readonly KeyboardEvent[], target: Document): Found | null {
  const event = typed.at(-1);
  if (!event) return null;
  const isCovered = isAnythingOpen(target);
  let hasMore = false;
  // From the end: what was mounted later wins.
  for (const command of [...registeredCommands()].reverse()) {
    if (!command.isEnabled || (isCovered && !command.inDialogs)) continue;
    for (const keys of command.keys) {
      const strokes = parseKeys(keys);
      if (!typed.every((one, at) => isAt(one, strokes[at])) || !isAllowed(event, strokes, command)) continue;
      if (strokes.length === typed.length) return { kind: "command", command };
      hasMore = true;
    }
  }
  return hasMore ? { kind: "more", typed } : null;
}

const isAt = (event: KeyboardEvent, stroke: Stroke | undefined): boolean =>
  stroke !== undefined && isStroke(event, stroke);

function isAllowed(event: KeyboardEvent, strokes: readonly Stroke[], command: RegisteredCommand): boolean {
  if (!strokes.every(isPlain) || command.inFields) return true;
  const at = event.target instanceof Element ? event.target : null;
  return at === null || (!isField(at) && !isOwnKey(at, event.key));
}

const NOT_TEXT = new Set(["button", "checkbox", "color", "file", "image", "radio", "range", "reset", "submit"]);

/** Whether a plain key is text here. */
export function isField(element: Element): boolean {
  if (element instanceof HTMLInputElement) return !NOT_TEXT.has(element.type);
  if (element instanceof HTMLTextAreaElement || element instanceof HTMLSelectElement) return true;
  return element.closest('[contenteditable=""],[contenteditable="true"],[role="textbox"],[role="combobox"]') !== null;
}

const PRESSED = 'button,a[href],summary,[role="button"],[role="link"],input';
const MOVED = 'input[type="radio"],input[type="range"],[role="radio"],[role="slider"],[role="tab"],[role="separator"]';

/** Keys that the focused control needs for itself. */
function isOwnKey(element: Element, key: string): boolean {
  if (key === "Enter" || key === " ") return element.closest(PRESSED) !== null;
  return key.startsWith("Arrow") && element.closest(MOVED) !== null;
}

const OPEN = '[role="dialog"],[role="alertdialog"],[role="menu"]';

/** Whether a dialog, a popover or a menu lies over the page. Those that are kept in the page while closed do not count. */
export function isAnythingOpen(target: Document): boolean {
  return [...target.querySelectorAll(OPEN)].some((one) => one.closest("[hidden],[inert],[data-closed]") === null);
}

/** 229: what browsers send for a key that an input method took, some without `isComposing`. */
const isComposing = (event: KeyboardEvent): boolean => event.isComposing || event.keyCode === 229;

const isModifier = (key: string): boolean => key === "Shift" || key === "Control" || key === "Alt" || key === "Meta";

/** Holding a key walks through the list; it does not claim twice. */
const repeats = (key: string): boolean => key.startsWith("Arrow") || key === "j" || key === "k";
