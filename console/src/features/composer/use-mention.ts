// Picking a member while `@` is being written: which are offered, and the keys that walk among them.
import { type KeyboardEvent, useId, useState } from "react";
import type { Summary } from "../../protocol";
import { useAskMembers, useMembers } from "../customer/members-store";
import { matchingMembers, mentionAt } from "./mention";
import type { Writing } from "./use-writing";

export type Mentioning = ReturnType<typeof useMention>;

/** `put`: writes a piece into the field in place of what is from `start` to `end`. */
export function useMention(
  { id, source_type }: Summary,
  writing: Writing,
  put: (piece: string, start: number, end: number) => void,
) {
  const listId = useId();
  const { text, isNote, mentions = [] } = writing.draft;
  const [caret, setCaret] = useState(0);
  const [at, setAt] = useState(0);
  /** The place of the `@` that was dismissed. */
  const [dismissed, setDismissed] = useState<number | null>(null);
  const asked = source_type === "user" || isNote ? null : mentionAt(text, caret);
  const isOpen = asked !== null && asked.start !== dismissed;
  useAskMembers(id, isOpen ? String(asked.start) : null);
  const { list } = useMembers(id);
  const options = isOpen ? matchingMembers(list?.members ?? [], asked.query) : [];
  const current = Math.min(at, options.length - 1);

  const pick = (index: number) => {
    const member = options[index];
    if (!member || !asked) return;
    const { display_name: name, line_user_id } = member;
    const others = mentions.filter((one) => one.name !== name);
    writing.put({ mentions: [...others, { name, line_user_id }] });
    put(`@${name} `, asked.start, caret);
    setAt(0);
  };
  return {
    listId,
    options,
    current,
    /** Said when the members are there and none has such a name. */
    isNobody: isOpen && list !== null && options.length === 0 && asked.query !== "",
    pick,
    /** With every change, too: what an input method writes comes with no key. */
    moved({ value, selectionStart }: { value: string; selectionStart: number }) {
      setCaret(selectionStart);
      if (selectionStart !== caret) setAt(0);
      if (dismissed !== null && mentionAt(value, selectionStart)?.start !== dismissed) setDismissed(null);
    },
    /** Whether the key was for the list. */
    onKey({ key }: KeyboardEvent): boolean {
      if (options.length === 0) return false;
      if (key === "ArrowDown") setAt((current + 1) % options.length);
      else if (key === "ArrowUp") setAt((current + options.length - 1) % options.length);
      else if (key === "Enter" || key === "Tab") pick(current);
      else if (key === "Escape") setDismissed(asked?.start ?? null);
      else return false;
      return true;
    },
  };
}
