import { describe, expect, it } from "vitest";
import type { Message } from "../../protocol";
import { answer, at, message, NOW } from "../../testing/fake-desk";
import { isAhead, type ReplyClock, replyClock, SURE_MS, TRIED_MS, unansweredSince } from "./reply-clock";

const asked = message({ id: 1, created_at: at(120) });
const THEN = NOW - 120_000;
const sent = (state: "queued" | "sending" | "accepted" | "failed" | "unknown" | "withheld", id = 2): Message =>
  answer({ id, delivery: { state, cost: null } });

describe("dl3_how_long_a_reply_is_probably_free", () => {
  it.each<[string, readonly Message[], number | null]>([
    ["nothing there", [], null],
    ["the customer wrote", [asked], THEN],
    ["LINE took a free answer", [asked, answer({ id: 2 })], null],
    ["LINE took a paid answer", [asked, answer({ id: 2, delivery: { state: "accepted", cost: "paid" } })], null],
    ["the bot answered", [asked, answer({ id: 2, sender_role: "BOT", operator_id: null })], null],
    ["an answer waits", [asked, sent("queued")], null],
    ["an answer is on its way", [asked, sent("sending")], null],
    ["an answer is in doubt", [asked, sent("unknown")], null],
    ["an answer failed", [asked, sent("failed")], THEN],
    ["an answer was withheld", [asked, sent("withheld")], THEN],
    ["a note", [asked, answer({ id: 2, message_type: "note", delivery: null })], THEN],
    ["a line of the desk's own", [asked, message({ id: 2, sender_role: "SYSTEM", created_at: at(5) })], THEN],
    ["the customer wrote again", [asked, answer({ id: 2 }), message({ id: 3, created_at: at(120) })], THEN],
    ["withdrawn", [message({ unsent_at: at(1) })], null],
    ["withdrawn after another", [asked, message({ id: 2, created_at: at(5), unsent_at: at(1) })], THEN],
  ])("%s", (_name, messages, since) => {
    expect(unansweredSince(messages)).toBe(since);
  });

  it.each<[string, number | null, ReplyClock]>([
    ["just now", 0, { kind: "free", leftMs: SURE_MS }],
    ["within LINE's minute", 18_000, { kind: "free", leftMs: 42_000 }],
    ["past it", SURE_MS, { kind: "maybe" }],
    ["as long as the desk tries it", TRIED_MS - 1, { kind: "maybe" }],
    ["past that", TRIED_MS, { kind: "paid" }],
    ["answered", null, { kind: "paid" }],
    ["with a clock that is behind", -30_000, { kind: "free", leftMs: SURE_MS }],
  ])("%s", (_name, age, clock) => {
    expect(replyClock(age === null ? null : NOW - age, NOW)).toEqual(clock);
  });

  it("counts what waits on this side as ahead, unless it was refused", () => {
    const entry = {
      temp_id: "t",
      conversation_id: 1,
      text: "a",
      quote_message_id: null,
      at: NOW,
      fault: null,
      isTried: false,
    };
    expect(isAhead([{ ...entry, state: "waiting" }], 1)).toBe(true);
    expect(isAhead([{ ...entry, state: "refused" }], 1)).toBe(false);
    expect(isAhead([{ ...entry, state: "waiting" }], 2)).toBe(false);
  });
});
