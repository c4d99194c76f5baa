import { describe, expect, it } from "vitest";
import { answer, at, message, session } from "../../testing/fake-desk";
import { languageName, notesOf, sessionsOf } from "./known";

const note = (over = {}) => answer({ message_type: "note", content: "Call first", delivery: null, ...over });

it("lists notes newest first, each once, as they are now, without withdrawn ones and without messages", () => {
  const listed = [note({ id: 4 }), note({ id: 3, content: "old" }), note({ id: 1 })];
  const messages = [
    message({ id: 2 }),
    note({ id: 3, content: "new" }),
    note({ id: 4, unsent_at: at(1) }),
    note({ id: 5 }),
  ];
  const shown = notesOf(listed, messages).map((one) => [one.id, one.content]);
  expect(shown).toEqual([
    [5, "Call first"],
    [3, "new"],
    [1, "Call first"],
  ]);
});

describe("sessions", () => {
  const closed = session({ id: 3, status: "CLOSED", closed_by: "OPERATOR" });
  const open = session({ id: 4, operator_name: "Arisa" });

  it("begin with the open one as the summary has it", () => {
    expect(sessionsOf([session({ id: 4, operator_name: null }), closed], open)).toEqual([open, closed]);
    expect(sessionsOf([closed], open)).toEqual([open, closed]);
    expect(sessionsOf([closed], null)).toEqual([closed]);
  });
});

it.each([
  ["th", "en", "Thai"],
  ["zh-TW", "en", "Traditional Chinese"],
  ["xx-nonsense-", "en", null],
  ["", "en", null],
])("the language %j is called %s", (tag, locale, name) => {
  const told = languageName(tag, locale);
  if (tag === "zh-TW") expect(told).toMatch(/Chinese/);
  else expect(told).toBe(name);
});
