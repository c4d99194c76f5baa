import { renderHook } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import type { OutboxEntry } from "../../realtime/types";
import { noteSent } from "../composer/sent-here";
import { useOwnSent } from "./use-own-sent";

const entry = (temp_id: string): OutboxEntry => ({
  temp_id,
  conversation_id: 1,
  text: temp_id,
  quote_message_id: null,
  at: 0,
  state: "waiting",
  fault: null,
  isTried: false,
});

test("only what was sent in this page leads to the end", () => {
  const toEnd = vi.fn();
  const [old, other, mine] = [entry("kept from before"), entry("another tab's"), entry("mine")];
  const { rerender } = renderHook(({ entries }) => useOwnSent(entries, toEnd), { initialProps: { entries: [old] } });
  rerender({ entries: [old, other] });
  expect(toEnd).not.toHaveBeenCalled();
  noteSent("mine");
  rerender({ entries: [old, other, mine] });
  expect(toEnd).toHaveBeenCalledOnce();
  // Thrown away and taken back.
  rerender({ entries: [old, other] });
  rerender({ entries: [old, other, mine] });
  expect(toEnd).toHaveBeenCalledOnce();
});
