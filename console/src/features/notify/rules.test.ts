import { describe, expect, it } from "vitest";
import type { Happening } from "../../desk/types";
import {
  answer,
  COLLEAGUE,
  counts,
  deskState,
  ME,
  message,
  session,
  summary,
  waiting,
  withRows,
} from "../../testing/fake-desk";
import { attentionOf, keyOf, NOTHING, type Telling, tellingOf } from "./rules";
import { DEFAULTS, type NotifySettings } from "./settings";

const mine = summary({ id: 1, session: session() });
const theirs = summary({ id: 2, session: session({ operator_id: COLLEAGUE.id }) });
const queued = summary({ id: 3, session: waiting(30) });

const waits: Happening = { kind: "customer_waits", conversation: queued };
const wrote: Happening = { kind: "customer_wrote", conversation: mine, message: message() };
const wroteThem: Happening = { kind: "customer_wrote", conversation: theirs, message: message() };
const transferred: Happening = { kind: "transferred_to_me", conversation: mine, from: "Nok", reason: null };
const mentioned: Happening = { kind: "mentioned", conversation: theirs, message: answer({ message_type: "note" }) };

const BOTH: Telling = { sound: "ring", isNotified: true };
const TICK: Telling = { sound: "tick", isNotified: false };
const without = (part: "sounds" | "notifications", topic: "queue" | "mine" | "mention"): Partial<NotifySettings> => ({
  [part]: { ...DEFAULTS[part], [topic]: false },
});

describe("who is told what", () => {
  it.each([
    ["the queue, away", waits, {}, false, BOTH],
    ["the queue, looking", waits, {}, true, NOTHING],
    ["the queue, looking, with the tick", waits, { hasTick: true }, true, TICK],
    ["the queue, away, with the tick", waits, { hasTick: true }, false, BOTH],
    ["the queue without sound", waits, without("sounds", "queue"), false, { sound: null, isNotified: true }],
    ["my customer, away", wrote, {}, false, BOTH],
    ["my customer, looking, with the tick", wrote, { hasTick: true }, true, NOTHING],
    [
      "my customer without notification",
      wrote,
      without("notifications", "mine"),
      false,
      { sound: "ring", isNotified: false },
    ],
    ["a colleague's customer", wroteThem, {}, false, NOTHING],
    ["transferred to me", transferred, {}, false, BOTH],
    [
      "transferred, of my own turned off",
      transferred,
      without("sounds", "mine"),
      false,
      { sound: null, isNotified: true },
    ],
    ["mentioned in a colleague's chat", mentioned, {}, false, BOTH],
    ["mentioned, looking", mentioned, {}, true, NOTHING],
  ] satisfies [string, Happening, Partial<NotifySettings>, boolean, Telling][])(
    "%s",
    (_, happening, change, isLooking, expected) => {
      expect(tellingOf(happening, ME.id, { ...DEFAULTS, ...change }, isLooking)).toEqual(expected);
    },
  );
});

describe("what makes it the same happening", () => {
  it("is the message, the session or the hop, not the state of the conversation", () => {
    expect(keyOf({ ...wrote, conversation: { ...mine, unread_count: 5 } })).toBe(keyOf(wrote));
    const keys = [waits, wrote, wroteThem, transferred, mentioned].map(keyOf);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it("is another one when the next message comes", () => {
    expect(keyOf({ kind: "customer_wrote", conversation: mine, message: message({ id: 2 }) })).not.toBe(keyOf(wrote));
  });
});

it("counts the queue, my chats with something unread, and mentions; each chat once", () => {
  const rows = [
    summary({ id: 1, session: session(), unread_count: 4 }),
    summary({ id: 2, session: session({ operator_id: COLLEAGUE.id }), unread_count: 2 }),
    summary({ id: 3, session: session(), unread_count: 0 }),
    summary({ id: 4, session: session(), unread_count: 1 }),
  ];
  const state = deskState({ ...withRows(rows), counts: counts({ waiting: 3, active: 4 }) });
  expect(attentionOf(state, ME.id, new Set())).toBe(5);
  expect(attentionOf(state, ME.id, new Set([4, 2]))).toBe(6);
});
