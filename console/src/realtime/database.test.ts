// @vitest-environment node
import "fake-indexeddb/auto";
import { expect, test } from "vitest";
import { outboxDatabase, type StoredEntry } from "./database";
import { localFault } from "./faults";

const entry = (temp_id: string, operator_id = 7): StoredEntry => ({
  temp_id,
  operator_id,
  conversation_id: 1,
  text: temp_id,
  quote_message_id: null,
  at: 0,
  refusal: null,
  is_tried: false,
});

test("entries come back in the order of adding, per operator, and a change keeps its place", async () => {
  const database = outboxDatabase("order");
  for (const id of ["b", "a", "c"]) await database.add(entry(id));
  await database.add(entry("x", 8));
  await database.update({ ...entry("b"), refusal: localFault("no_answer") });
  await database.remove("a");
  const found = await outboxDatabase("order").list(7);
  expect(found.map(({ temp_id, refusal }) => [temp_id, refusal?.code])).toEqual([
    ["b", "no_answer"],
    ["c", undefined],
  ]);
  expect(await database.list(8)).toEqual([entry("x", 8)]);
  await database.clear(7);
  expect([await database.list(7), await database.list(8)]).toEqual([[], [entry("x", 8)]]);
});

test("what is gone is not brought back by a change, and nothing is kept twice", async () => {
  const database = outboxDatabase("gone");
  await database.add(entry("a"));
  await expect(database.add(entry("a"))).rejects.toThrow();
  await database.remove("a");
  await database.remove("a");
  await database.update(entry("a"));
  expect(await database.list(7)).toEqual([]);
});
