import { describe, expect, test } from "vitest";
import type { Message } from "../../protocol";
import type { OutboxEntry } from "../../realtime/types";
import { answer, ME, message } from "../../testing/fake-desk";
import { buildDays, messageLook, type Row } from "./rows";

const BANGKOK = "Asia/Bangkok";
const at = (time: string) => `2026-01-31T${time}.000Z`;

function rowsOf(
  messages: readonly Message[],
  entries: readonly OutboxEntry[] = [],
  firstUnread: number | null = null,
): Row[] {
  return days(messages, entries, firstUnread).flatMap((day) => [...day.rows]);
}

const days = (messages: readonly Message[], entries: readonly OutboxEntry[] = [], firstUnread: number | null = null) =>
  buildDays({ messages, entries, timezone: BANGKOK, me: ME.id, firstUnread });

const entry = (over: Partial<OutboxEntry> = {}): OutboxEntry => ({
  temp_id: "a",
  conversation_id: 1,
  text: "Soon",
  quote_message_id: null,
  at: Date.parse(at("08:30:00")),
  state: "waiting",
  fault: null,
  isTried: false,
  ...over,
});

describe("groups", () => {
  test("one speaker within five minutes is one group, with time and mark below its last", () => {
    const rows = rowsOf([
      message({ id: 1, created_at: at("08:00:00") }),
      message({ id: 2, created_at: at("08:04:59") }),
      message({ id: 3, created_at: at("08:10:00") }),
    ]);
    expect(rows.map((row) => [row.isFirst, row.isLast, row.isMarked])).toEqual([
      [true, false, false],
      [false, true, true],
      [true, true, true],
    ]);
  });

  test("an operator's name stands where the operator changes", () => {
    const rows = rowsOf([
      answer({ id: 1, created_at: at("08:00:00") }),
      message({ id: 2, created_at: at("08:01:00") }),
      answer({ id: 3, created_at: at("08:02:00") }),
      answer({ id: 4, created_at: at("08:03:00"), operator_id: 2, operator_name: "Nok" }),
    ]);
    expect(rows.map((row) => row.hasName)).toEqual([true, false, false, true]);
  });

  test("the bot always has its mark, and members of a group their names", () => {
    const member = { author: { line_user_id: `U${"a".repeat(32)}`, display_name: null } };
    const rows = rowsOf([
      answer({ id: 1, sender_role: "BOT", operator_id: null, operator_name: null }),
      message({ id: 2, ...member }),
      message({ id: 3, author: { line_user_id: `U${"b".repeat(32)}`, display_name: "Mali" } }),
    ]);
    expect(rows.map((row) => [row.look, row.isFirst, row.hasName])).toEqual([
      ["bot", true, true],
      ["in", true, true],
      ["in", true, true],
    ]);
  });

  test("what is not simply sent says so below itself, within a group too", () => {
    const rows = rowsOf([
      answer({ id: 1, created_at: at("08:00:00"), delivery: { state: "failed", cost: null, code: "line_rejected" } }),
      answer({ id: 2, created_at: at("08:00:01"), delivery: { state: "accepted", cost: "free" } }),
      answer({ id: 3, created_at: at("08:00:02"), delivery: { state: "accepted", cost: "paid" } }),
      answer({ id: 4, created_at: at("08:00:03"), delivery: { state: "accepted", cost: "paid" } }),
    ]);
    expect(rows.map((row) => row.isMarked)).toEqual([true, true, false, true]);
  });

  test("a group ends at the unread line", () => {
    const rows = rowsOf(
      [message({ id: 1, created_at: at("08:00:00") }), message({ id: 2, created_at: at("08:00:30") })],
      [],
      2,
    );
    expect(rows.map((row) => [row.isFirst, row.isLast, row.isFirstUnread])).toEqual([
      [true, true, false],
      [true, true, true],
    ]);
  });
});

describe("days", () => {
  test("are those of the business time zone", () => {
    // 17:00 UTC is midnight in Bangkok.
    const found = days([
      message({ id: 1, created_at: at("16:59:59") }),
      message({ id: 2, created_at: at("17:00:00") }),
    ]);
    expect(found.map((day) => day.key)).toEqual(["2026-01-31", "2026-02-01"]);
  });

  test("never come twice, even when LINE's times go back", () => {
    const found = days([
      message({ id: 1, created_at: at("16:59:59") }),
      message({ id: 2, created_at: at("17:00:00") }),
      message({ id: 3, created_at: at("16:59:58") }),
    ]);
    expect(found.map((day) => day.rows.length)).toEqual([1, 2]);
  });
});

describe("unsent messages", () => {
  test("stand at the end, and not twice once the desk has them", () => {
    const stored = answer({ id: 5, temp_id: "a" });
    const rows = rowsOf([stored], [entry(), entry({ temp_id: "b" })]);
    expect(rows.map((row) => row.line.key)).toEqual(["ta", "tb"]);
    expect(rows[0]?.line.kind).toBe("message");
  });

  test("keep their key when they are stored, so that the row stays", () => {
    const [before] = rowsOf([], [entry()]);
    const [after] = rowsOf([answer({ id: 5, temp_id: "a" })]);
    expect(after?.line.key).toBe(before?.line.key);
  });
});

test("the same message gives the same line: rows that did not change are not rendered again", () => {
  const first = message({ id: 1 });
  const [before] = rowsOf([first]);
  const [after] = rowsOf([first, message({ id: 2 })]);
  expect(after?.line).toBe(before?.line);
});

describe("looks", () => {
  test.each([
    [message(), "in"],
    [answer(), "out"],
    [answer({ sender_role: "BOT" }), "bot"],
    [answer({ sender_role: "SYSTEM" }), "bot"],
    [answer({ message_type: "note" }), "note"],
    [message({ message_type: "system", payload: { kind: "postback" } }), "sys"],
    [message({ message_type: "system", payload: { line_type: "hologram" } }), "in"],
    [message({ unsent_at: at("08:00:00") }), "sys"],
  ])("%#", (one, look) => {
    expect(messageLook(one)).toBe(look);
  });
});
