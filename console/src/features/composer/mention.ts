// `@` in a group: whom it may mean. Pure.
import type { Member } from "../../protocol";

const MOST = 8;
/** Not within a word, as in an address; Thai and Japanese put no space before it. */
const BEFORE_CARET = /(?<![A-Za-z0-9._-])@([^\s@]{0,40})$/;

export type Asked = { start: number; query: string };

/** The `@` that is being written before the caret, if there is one. */
export function mentionAt(text: string, caret: number): Asked | null {
  const found = BEFORE_CARET.exec(text.slice(0, caret));
  return found ? { start: found.index, query: found[1] ?? "" } : null;
}

/** Who is there and has a name, those whose name begins with it first. */
export function matchingMembers(members: readonly Member[], query: string): (Member & { display_name: string })[] {
  const words = fold(query);
  const named = members.flatMap((one) =>
    one.has_left || !one.display_name ? [] : [{ ...one, display_name: one.display_name }],
  );
  const found = named.filter((one) => fold(one.display_name).includes(words));
  const rank = (name: string) => (fold(name).startsWith(words) ? 0 : 1);
  return found.sort((one, other) => rank(one.display_name) - rank(other.display_name)).slice(0, MOST);
}

const fold = (text: string) => text.normalize("NFKC").toLowerCase();
