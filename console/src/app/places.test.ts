import { expect, test } from "vitest";
import { placeOf, readPlace } from "./places";

const read = (href: string) => {
  const url = new URL(href, "http://desk");
  return readPlace(url.pathname, url.search);
};

test("what is written is read back", () => {
  expect(read(placeOf.list("waiting"))).toEqual({ kind: "list", status: "waiting" });
  expect(read(placeOf.conversation(12))).toEqual({ kind: "conversation", id: 12, message: null });
  expect(read(placeOf.conversation(12, 7))).toEqual({ kind: "conversation", id: 12, message: 7 });
  expect(read(placeOf.search("a&b ไทย"))).toEqual({ kind: "search", q: "a&b ไทย" });
  expect(read(placeOf.settings)).toEqual({ kind: "settings" });
  expect(read(placeOf.setup)).toEqual({ kind: "setup" });
});

test.each(["/c/x", "/c/", "/nope", "/c/1/2", "/c/99999999999999999999"])("%s is nowhere", (href) =>
  expect(read(href)).toEqual({ kind: "nowhere" }),
);
