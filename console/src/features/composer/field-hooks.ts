// The field's height, its focus, and what is put into it where the caret is.
import { useEffect, useLayoutEffect } from "react";
import { askFocus } from "./quote";

export type FieldRef = { readonly current: HTMLTextAreaElement | null };

/** Browsers that grow a field by themselves are left to it. */
const growsItself = (): boolean => globalThis.CSS?.supports?.("field-sizing", "content") ?? false;

export function useFit(ref: FieldRef, text: string): void {
  // biome-ignore lint/correctness/useExhaustiveDependencies: the height follows the text.
  useLayoutEffect(() => {
    const field = ref.current;
    if (!field || growsItself()) return;
    field.style.height = "auto";
    field.style.height = `${field.scrollHeight}px`;
  }, [ref, text]);
}

export function useFocus(ref: FieldRef, isWanted: boolean): void {
  useEffect(() => {
    const field = ref.current;
    if (!isWanted || !field) return;
    field.focus();
    field.setSelectionRange(field.value.length, field.value.length);
    askFocus(null);
  }, [ref, isWanted]);
}

/** Writes into the text as a person would: the caret goes behind it at once, and the field tells of the change. */
export function putInto({ current: field }: FieldRef, piece: string, start: number, end: number): void {
  if (!field) return;
  field.setRangeText(piece, start, end, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
  // A popover gives the focus back to its button first.
  setTimeout(() => field.focus());
}
