import { expect, it } from "vitest";
import { summary } from "../../testing/fake-desk";
import { outOfReach } from "./reach";

const NOW = Date.parse("2026-01-12T03:00:00.000Z");
const until = (ms: number) => ({ reach_until: new Date(NOW + ms).toISOString() });

it.each([
  ["a friend, or a group", {}, null],
  ["who wrote lately", until(1), null],
  ["who has not written for seven days", until(0), "silent"],
  ["who never wrote", { ...until(-1), friend_status: "UNKNOWN" as const }, "unheard"],
  ["who blocked the account: nothing is sent at all", { friend_status: "UNFOLLOWED" as const }, null],
])("%s", (_who, over, expected) => expect(outOfReach(summary(over), NOW)).toBe(expected));
