// @vitest-environment node
import { expect, test } from "vitest";
import { parseFrame } from "./frames";
import { stage } from "./testing/stage";

const AT = "2026-01-31T08:30:00.123Z";

test("what cannot be read, or is of an unknown type, is null and never throws", () => {
  const texts = [
    "",
    "{",
    "null",
    "[]",
    "1",
    '"x"',
    "{}",
    '{"type":7}',
    JSON.stringify({ type: "pong", timestamp: AT }),
  ];
  for (const text of texts) expect(parseFrame(text)).toBeNull();
  expect(parseFrame(JSON.stringify({ type: "party_started", payload: {}, timestamp: AT }))).toBeNull();
  expect(parseFrame(JSON.stringify({ type: "pong", payload: { server_time: 7 }, timestamp: AT }))).toBeNull();
});

test("fields and words that this version does not know do not kill a frame", () => {
  const { desk } = stage();
  const message = { ...desk.write(1, "hi", "customer"), message_type: "hologram", direction: "SIDEWAYS", mood: "good" };
  const frame = parseFrame(JSON.stringify({ type: "new_message", payload: message, timestamp: AT, seq: 3, extra: 1 }));
  expect(frame).toMatchObject({ type: "new_message", seq: 3, payload: { message_type: "hologram", content: "hi" } });
});

test("an error keeps its details", () => {
  const payload = {
    code: "session_not_found",
    message: "No.",
    retryable: false,
    details: { reason: "none" },
  };
  const frame = parseFrame(JSON.stringify({ type: "error", payload, timestamp: AT, reply_to: "s" }));
  expect(frame).toEqual({ type: "error", payload, timestamp: AT, reply_to: "s" });
});
