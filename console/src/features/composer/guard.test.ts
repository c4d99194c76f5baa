import { describe, expect, it } from "vitest";
import type { LastMessage, Message } from "../../protocol";
import { answer, lastMessage, ME, message } from "../../testing/fake-desk";
import { unseenAnswer } from "./guard";

const noks = answer({ id: 5, operator_id: 2, operator_name: "Nok" });

describe("a colleague answered since one began", () => {
  it.each<[string, readonly Message[], number | null, number | null]>([
    ["nothing is written", [noks], null, null],
    ["after it", [message({ id: 4 }), noks], 4, 5],
    ["before it", [noks, message({ id: 6 })], 6, null],
    ["my own", [answer({ id: 5 })], 4, null],
    ["the bot's", [answer({ id: 5, sender_role: "BOT", operator_id: null })], 4, null],
    ["a note", [answer({ id: 5, operator_id: 2, message_type: "note" })], 4, null],
    ["the customer's", [message({ id: 5 })], 4, null],
    ["the newest of two", [noks, { ...noks, id: 7 }], 4, 7],
  ])("%s", (_name, messages, since, found) => {
    expect(unseenAnswer(messages, null, since, ME.id)?.id ?? null).toBe(found);
  });

  it.each<[string, Partial<LastMessage>, number | null]>([
    ["the newest of all", { id: 9 }, 9],
    ["a note", { id: 9, message_type: "note" }, 5],
    ["my own", { id: 9, operator_id: ME.id }, 5],
    ["in the window already", { id: 5 }, 5],
  ])("where the window is in the past: %s", (_name, over, found) => {
    const last = lastMessage({ direction: "OUTGOING", sender_role: "ADMIN", operator_id: 2, ...over });
    expect(unseenAnswer([noks], last, 4, ME.id)?.id ?? null).toBe(found);
  });
});
