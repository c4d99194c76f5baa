import { describe, expect, it } from "vitest";
import type { QuotaState } from "../../protocol";
import { NOW, summary } from "../../testing/fake-desk";
import { isAhead, type ReplyClock, replyClock } from "./reply-clock";

const quota = (over: Partial<QuotaState> = {}): QuotaState => ({
  channel: "default",
  limit: 200,
  used: 42,
  left: 158,
  reserve: 0,
  forecast: null,
  level: "ok",
  checked_at: new Date(NOW).toISOString(),
  ...over,
});
const until = (ms: number) => ({ free_until: new Date(NOW + ms).toISOString() });

describe("dl3_how_long_a_reply_is_probably_free", () => {
  it.each<[string, Parameters<typeof summary>[0], ReplyClock]>([
    ["as long as the desk says", until(42_000), { kind: "free", leftMs: 42_000 }],
    ["past it the desk still tries", until(-1), { kind: "maybe" }],
    ["past that", until(-600_000), { kind: "paid", count: 1, left: 158 }],
    ["without a token", {}, { kind: "paid", count: 1, left: 158 }],
    ["a group costs one for each", { source_type: "group", member_count: 5 }, { kind: "paid", count: 5, left: 158 }],
    ["a group that LINE did not count", { source_type: "group" }, { kind: "paid", count: 1, left: 158 }],
  ])("%s", (_name, over, clock) => {
    expect(replyClock(summary(over), quota(), false, NOW)).toEqual(clock);
  });

  it("what waits on this side takes the token", () => {
    expect(replyClock(summary(until(42_000)), undefined, true, NOW)).toEqual({ kind: "paid", count: 1, left: null });
  });

  it("says when the month is used up, and a free reply is free all the same", () => {
    const spent = quota({ left: 0, level: "spent" });
    expect(replyClock(summary({}), spent, false, NOW)).toEqual({ kind: "spent" });
    expect(replyClock(summary(until(1_000)), spent, false, NOW).kind).toBe("free");
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
