// Finding by a few letters: "tr" finds "Transfer", "rtq" finds "Return to queue". Pure.

/** Half-open ranges of UTF-16 units that matched. */
export type Range = readonly [from: number, to: number];
/** A smaller score is a better match. */
export type Match = { score: number; ranges: readonly Range[] };

/** Null when `text` does not match. Nothing typed matches everything. */
export function match(text: string, query: string): Match | null {
  const wanted = fold(query.trim());
  if (wanted === "") return { score: 0, ranges: [] };
  const inside = fold(text);
  const at = inside.indexOf(wanted);
  if (at >= 0) return whole(inside, wanted, at);
  return scattered(inside, wanted);
}

/** A run of letters: best at the beginning, then at a word's beginning. */
function whole(inside: string, wanted: string, first: number): Match {
  let at = first;
  while (at >= 0 && !isWordStart(inside, at)) at = inside.indexOf(wanted, at + 1);
  const place = at < 0 ? first : at;
  const score = place === 0 ? 0 : at >= 0 ? 1 : 2;
  return { score: score + place / 10_000, ranges: [[place, place + wanted.length]] };
}

/** Single letters in order, beginning at a word: a match that begins in mid-word finds nearly everything. */
function scattered(inside: string, wanted: string): Match | null {
  // Without spaces there are no word starts to go by: Thai and Chinese need the run of letters.
  if (!/^[\x20-\x7e]+$/.test(wanted)) return null;
  const ranges: Range[] = [];
  let from = 0;
  for (const letter of wanted.replaceAll(" ", "")) {
    const at = next(inside, letter, from, ranges.length === 0);
    if (at < 0) return null;
    const last = ranges.at(-1);
    if (last && last[1] === at) ranges[ranges.length - 1] = [last[0], at + 1];
    else ranges.push([at, at + 1]);
    from = at + 1;
  }
  const begin = ranges[0]?.[0] ?? 0;
  return { score: 3 + ranges.length + (from - begin) / 1_000, ranges };
}

/** A letter that goes on in the word, else one that begins a word, else any. */
function next(inside: string, letter: string, from: number, isFirst: boolean): number {
  if (!isFirst && inside[from] === letter) return from;
  for (let at = inside.indexOf(letter, from); at >= 0; at = inside.indexOf(letter, at + 1)) {
    if (isWordStart(inside, at)) return at;
  }
  return isFirst ? -1 : inside.indexOf(letter, from);
}

const isWordStart = (text: string, at: number): boolean => at === 0 || /[\s\-_/.(“]/.test(text[at - 1] ?? "");

/** Lower case, unit by unit, so that places stay what they are. */
function fold(text: string): string {
  let folded = "";
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charAt(at);
    const lower = unit.toLowerCase();
    folded += lower.length === 1 ? lower : unit;
  }
  return folded;
}
