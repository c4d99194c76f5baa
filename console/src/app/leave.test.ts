import { expect, test } from "vitest";
import type { OutboxEntry } from "../realtime/types";
import { fakeDesk } from "../testing/fake-desk";
import { askBeforeLoss } from "./leave";

const entry: OutboxEntry = {
  temp_id: "t",
  conversation_id: 1,
  text: "x",
  quote_message_id: null,
  at: 0,
  state: "waiting",
  fault: null,
  isTried: false,
};
const unsaved: OutboxEntry = { ...entry, fault: { code: "outbox_unsaved", message: "", retryable: false } };

const isAsked = () => !dispatchEvent(new Event("beforeunload", { cancelable: true }));

test("leaving is asked about while something would be lost, and not otherwise", () => {
  const desk = fakeDesk({ outbox: [entry] });
  const stop = askBeforeLoss(desk);
  expect(isAsked()).toBe(false);
  desk.store.setState({ outbox: [entry, unsaved] });
  expect(isAsked()).toBe(true);
  desk.store.setState({ outbox: [] });
  expect(isAsked()).toBe(false);
  desk.store.setState({ outbox: [unsaved] });
  stop();
  expect(isAsked()).toBe(false);
});
