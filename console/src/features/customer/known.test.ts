import { describe, expect, it } from "vitest";
import { answer, at, message, session, thread } from "../../testing/fake-desk";
import { beganAt, notesOf, sessionsOf } from "./known";

const note = (over = {}) => answer({ message_type: "note", content: "Call first", delivery: null, ...over });

it("lists notes newest first, without withdrawn ones and without messages", () => {
  const messages = [note({ id: 1 }), message({ id: 2 }), note({ id: 3 }), note({ id: 4, unsent_at: at(1) })];
  expect(notesOf(messages).map((one) => one.id)).toEqual([3, 1]);
});

describe("when it began", () => {
  const messages = [message({ created_at: at(900) })];
  it.each([
    ["with its beginning loaded", thread({ messages }), at(900)],
    ["with more before it", thread({ messages, hasBefore: true }), null],
    ["while loading", thread({ messages, load: { kind: "loading" } }), null],
    ["without messages", thread(), null],
    ["never opened", undefined, null],
  ])("%s", (_, one, expected) => expect(beganAt(one)).toBe(expected));
});

describe("sessions", () => {
  it("are what the messages belong to, newest first, with who answered", () => {
    const seen = sessionsOf(
      [
        message({ id: 1, session_id: null }),
        message({ id: 2, session_id: 7, created_at: at(500) }),
        answer({ id: 3, session_id: 7, operator_name: "Nok" }),
        answer({ id: 4, session_id: 7, operator_name: "Ken" }),
        answer({ id: 5, session_id: 7, operator_name: "Nok" }),
        note({ id: 6, session_id: 7, operator_name: "Mei" }),
        message({ id: 7, session_id: 9, created_at: at(50) }),
      ],
      null,
    );
    expect(seen).toEqual([
      { id: 9, from: at(50), isOpen: false, names: [], messages: 1 },
      { id: 7, from: at(500), isOpen: false, names: ["Nok", "Ken"], messages: 5 },
    ]);
  });

  it("hold the open one, though no message of it is loaded", () => {
    const open = session({ id: 4, started_at: at(60), operator_name: "Arisa" });
    expect(sessionsOf([], open)).toEqual([{ id: 4, from: at(60), isOpen: true, names: ["Arisa"], messages: 0 }]);
  });
});
