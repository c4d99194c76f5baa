import { expect, it } from "vitest";
import { match } from "./fuzzy";

it.each([
  ["Transfer", "tr", [[0, 2]]],
  ["Return to queue", "uq", null],
  [
    "Return to queue",
    "rtq",
    [
      [0, 1],
      [7, 8],
      [10, 11],
    ],
  ],
  ["Back to the queue", "queue", [[12, 17]]],
  ["Close", "ose", [[2, 5]]],
  ["ครูตรี", "ตรี", [[3, 6]]],
  ["志明", "明", [[1, 2]]],
  ["Emma", "x", null],
  ["Emma", "  ", []],
])("%s, %s", (text, query, ranges) => {
  expect(match(text, query)?.ranges ?? null).toEqual(ranges);
});

it("puts a beginning before a word's beginning before the middle before single letters", () => {
  const scores = ["note", "a note", "keynote", "new order the end"].map(
    (text) => match(text, "note")?.score ?? Number.NaN,
  );
  expect(scores).toEqual([...scores].sort((one, other) => one - other));
});
