// A text with what was looked for marked, cut so that the first hit is in sight.
import { langOf } from "../../ui/language";

/** How much stands before the first hit. */
const LEAD = 48;
const LONGEST = 240;

export type Piece = { text: string; isHit: boolean };

/** The desk looks without regard to case; so does this. */
export function piecesOf(text: string, q: string): readonly Piece[] {
  if (q === "") return [{ text, isHit: false }];
  const pattern = new RegExp(`(${q.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&")})`, "giu");
  return text
    .split(pattern)
    .map((piece, at) => ({ text: piece, isHit: at % 2 === 1 }))
    .filter((piece) => piece.text !== "");
}

/** Never begins or ends within a character. */
export function excerpt(text: string, q: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  const before = piecesOf(line, q).findIndex((piece) => piece.isHit);
  const at = before <= 0 ? 0 : (piecesOf(line, q)[0]?.text.length ?? 0);
  const from = at > LEAD ? wholeAt(line, at - LEAD) : 0;
  const to = wholeAt(line, Math.min(line.length, from + LONGEST));
  return `${from > 0 ? "…" : ""}${line.slice(from, to)}${to < line.length ? "…" : ""}`;
}

/** The end of the character that this place cuts, so that no half of a pair is left. */
function wholeAt(text: string, at: number): number {
  const code = text.charCodeAt(at);
  return code >= 0xdc00 && code <= 0xdfff ? at + 1 : at;
}

export function Highlight({ text, q }: { text: string; q: string }) {
  let at = 0;
  return (
    <span lang={langOf(text)}>
      {piecesOf(text, q).map((piece) => {
        const key = at;
        at += piece.text.length;
        return piece.isHit ? <mark key={key}>{piece.text}</mark> : <span key={key}>{piece.text}</span>;
      })}
    </span>
  );
}
