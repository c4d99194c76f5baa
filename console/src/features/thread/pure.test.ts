import { describe, expect, test } from "vitest";
import { messages as english } from "../../catalogue/en/all";
import type { Thread } from "../../desk/types";
import type { Delivery } from "../../protocol";
import { answer, message, thread } from "../../testing/fake-desk";
import { fileSize } from "../../ui/size";
import { findHits } from "./find";
import { splitLinks } from "./links";
import { canQuote, deliveryActs, deliveryMark, outboxMark } from "./marks";
import { mapLink, readPayload } from "./payload";
import { countNew, findMessage, unreadLine } from "./window";

const t = english.thread.marks;

describe("delivery marks", () => {
  const delivery = (over: Partial<Delivery>): Delivery => ({ state: "queued", cost: null, ...over });

  test.each<[Partial<Delivery>, readonly string[], string, string]>([
    [{ state: "queued" }, ["clock"], "Waiting to send", "quiet"],
    [{ state: "sending" }, ["ring"], "Sending", "quiet"],
    [{ state: "accepted", cost: "free" }, ["tick"], "Sent · free reply", "quiet"],
    [{ state: "accepted", cost: "paid" }, ["tick", "coin"], "Sent · paid message", "quiet"],
    [
      { state: "accepted", cost: "paid", recipients: 12 },
      ["tick", "coin"],
      "Sent · 12 paid messages, one for each member",
      "quiet",
    ],
    [
      { state: "failed", code: "line_rejected" },
      ["alert"],
      "Not sent: LINE refused it. Change it and send it anew.",
      "bad",
    ],
    [{ state: "unknown", code: "line_unavailable" }, ["help"], "LINE did not confirm. It may have arrived.", "ask"],
    [{ state: "withheld", code: "recipient_unreachable" }, ["block"], "Not sent: they blocked this account", "ask"],
    [{ state: "failed", code: "conflict" }, ["block"], "Taken back before it was sent", "off"],
  ])("%j", (over, icons, words, tone) => {
    expect(deliveryMark(delivery(over), t)).toEqual({ icons, words, tone });
  });

  test("what waits here says whether the desk can be reached", () => {
    expect(outboxMark("waiting", true, t).words).toBe("Waiting to send");
    expect(outboxMark("waiting", false, t)).toEqual({
      icons: ["cloud-off"],
      words: "Will send when you are back online",
      tone: "quiet",
    });
    expect(outboxMark("sending", true, t).words).toBe("Sending");
  });

  test("never say that it was read or delivered", () => {
    const words = JSON.stringify(english.thread, (_, value) => (typeof value === "function" ? value("", "") : value));
    expect(words).not.toMatch(/\b(delivered|read by|seen by)\b/i);
  });

  test("what can be done follows the state", () => {
    expect(deliveryActs(delivery({ state: "failed", retryable: true }))).toEqual(["retry", "delete"]);
    expect(deliveryActs(delivery({ state: "failed", retryable: false }))).toEqual(["delete"]);
    expect(deliveryActs(delivery({ state: "failed", code: "conflict" }))).toEqual([]);
    expect(deliveryActs(delivery({ state: "unknown", retryable: true }))).toEqual(["send_again"]);
    expect(deliveryActs(delivery({ state: "accepted" }))).toEqual([]);
  });
});

test("only what LINE can quote is quoted", () => {
  expect(canQuote(message())).toBe(true);
  expect(canQuote(message({ message_type: "location" }))).toBe(false);
  expect(canQuote(message({ unsent_at: "2026-01-31T08:00:00Z" }))).toBe(false);
  expect(canQuote(answer({ delivery: { state: "queued", cost: null } }))).toBe(false);
});

describe("links", () => {
  const links = (text: string) => splitLinks(text).flatMap((part) => (part.kind === "link" ? [part.text] : []));

  test.each([
    ["see https://example.com/a?b=c.", ["https://example.com/a?b=c"]],
    ["(https://example.com/a_(b))", ["https://example.com/a_(b)"]],
    ["https://example.jp/をご覧ください", ["https://example.jp/"]],
    ["javascript:alert(1) data:text/html,x", []],
    ["https://bank.example@evil.example/", []],
    ["https://", []],
  ])("%s", (text, found) => {
    expect(links(text)).toEqual(found);
  });

  test("nothing of the text is lost", () => {
    const text = "a https://example.com, b http://example.org/ c";
    expect(
      splitLinks(text)
        .map((part) => part.text)
        .join(""),
    ).toBe(text);
  });
});

describe("the window", () => {
  const messages = [message({ id: 2 }), answer({ id: 5 }), message({ id: 7 }), message({ id: 9 })];
  const line = (over: Partial<Thread>, away: number | null = null) =>
    unreadLine(thread({ messages, hasBefore: true, ...over }), away);

  test("finds by id", () => {
    expect(findMessage(messages, 7)?.id).toBe(7);
    expect(findMessage(messages, 6)).toBeUndefined();
  });

  test("the unread line goes above the customer's first after what was read", () => {
    expect(line({ readUpTo: 2 })?.at).toBe(7);
    expect(line({ readUpTo: null })).toBeNull();
    expect(line({ readUpTo: 9 })).toBeNull();
  });

  test("the unread line waits while it may be above", () => {
    expect(line({ readUpTo: 0 })).toBeNull();
    expect(line({ readUpTo: 0, hasBefore: false })?.at).toBe(2);
    // What follows right after what was read.
    expect(line({ readUpTo: 1 })?.at).toBe(2);
  });

  test("it says since when only where that is known", () => {
    expect(line({ readUpTo: 2 })?.isSince).toBe(false);
    expect(line({ readUpTo: 2, leftAt: 2 })?.isSince).toBe(true);
    // It was unread already then.
    expect(line({ readUpTo: 2, leftAt: 7 })?.isSince).toBe(false);
    expect(line({ readUpTo: null }, 2)?.isSince).toBe(true);
  });

  test("it is as near as can be told where too many are unread, and says how many are above", () => {
    const unread = { count: 40, upTo: 9 };
    expect(line({ unread, isSeeking: true })).toBeNull();
    expect(line({ unread })).toEqual({ at: 2, isSince: false, above: 37 });
    expect(line({ unread: { count: 40, upTo: 99 } })).toBeNull();
  });

  test("new ones are counted without my own and without withdrawn ones", () => {
    const more = [...messages, message({ id: 10, unsent_at: "2026-01-31T08:00:00Z" }), answer({ id: 11 })];
    expect(countNew(more, 2, 1)).toBe(2);
  });
});

describe("payloads", () => {
  test("are not trusted", () => {
    for (const odd of [null, 3, "x", [], { latitude: "13", longitude: Number.NaN }, { latitude: 1e9, longitude: 0 }]) {
      expect(mapLink(readPayload(odd))).toBeNull();
    }
    expect(mapLink(readPayload({ latitude: 13.7, longitude: 100.5 }))).toBe(
      "https://www.google.com/maps/search/?api=1&query=13.7,100.5",
    );
  });

  test("sizes are short", () => {
    expect([0, 999, 2138, 12_400_000].map((size) => fileSize(size, "en"))).toEqual([
      "0 byte",
      "999 byte",
      "2.1 kB",
      "12 MB",
    ]);
  });
});

test("find walks from the newest, and never finds what was withdrawn", () => {
  const all = [
    message({ id: 1, content: "Parcel" }),
    message({ id: 2, content: "parcel", unsent_at: "2026-01-31T08:00:00Z" }),
    message({ id: 3, content: "ｐａｒｃｅｌ!" }),
  ];
  expect(findHits(all, " PARCEL ")).toEqual([3, 1]);
  expect(findHits(all, " ")).toEqual([]);
});
