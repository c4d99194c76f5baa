import { describe, expect, it } from "vitest";
import { mentionsIn, repliesIn, saidOf } from "./said";

const draft = { text: "Hi @Malee and @Malee J, {ok}?", isNote: false, since: null };
const malee = { name: "Malee", line_user_id: "U1" };
const maleeJ = { name: "Malee J", line_user_id: "U2" };
const mention = (userId: string) => ({ type: "mention", mentionee: { type: "user", userId } });

describe("what is sent of a draft", () => {
  it("is the text as typed, when there is nothing else to it", () => {
    expect(saidOf(draft)).toBe(draft.text);
    expect(saidOf({ ...draft, replies: [] })).toBe(draft.text);
    expect(saidOf({ ...draft, mentions: [{ name: "Nok", line_user_id: "U3" }] })).toBe(draft.text);
  });

  it("has the quick replies, whose words come back", () => {
    const said = saidOf({ ...draft, replies: ["Yes", "No"] });
    expect(said).toMatchObject({ text: draft.text, message: { type: "text", text: draft.text } });
    if (typeof said === "string") throw new Error("no message");
    expect(said.message.quickReply).toEqual({
      items: ["Yes", "No"].map((label) => ({ type: "action", action: { type: "message", label, text: label } })),
    });
    expect(repliesIn(said.message)).toEqual(["Yes", "No"]);
  });

  it("mentions who was picked, the longer name first, with other braces as braces", () => {
    const said = saidOf({ ...draft, mentions: [malee, maleeJ], replies: ["Yes"] });
    expect(said).toMatchObject({
      text: draft.text,
      message: {
        type: "textV2",
        text: "Hi {at_Malee} and {at_2}, {{ok}}?",
        substitution: { at_Malee: mention("U1"), at_2: mention("U2") },
      },
    });
  });

  it("mentions the same person by one key, and at most twenty times", () => {
    const said = saidOf({ ...draft, text: "@Malee".repeat(21), mentions: [malee] });
    expect(said).toMatchObject({
      message: { text: `${"{at_Malee}".repeat(20)}@Malee`, substitution: { at_Malee: mention("U1") } },
    });
  });
});

describe("whom a message mentions, taken back", () => {
  it.each([
    ["with a name that is a part of the other", draft.text, [malee, maleeJ]],
    ["one after the other", "@Malee J@Malee @Malee J @Malee", [malee, maleeJ]],
    ["with braces and an @ of their own", "{@x} @สม ศรี{@Malee}", [malee, { name: "สม ศรี", line_user_id: "U9" }]],
    ["at most twenty times", "@Malee".repeat(25), [malee]],
  ])("is who was picked: %s", (_case, text, mentions) => {
    const said = saidOf({ ...draft, text, mentions });
    if (typeof said === "string") throw new Error("no message");
    expect(mentionsIn(text, said.message).sort((one, other) => (one.name < other.name ? -1 : 1))).toEqual(mentions);
  });

  it("is nobody where text and message do not fit, or there is no mention", () => {
    const said = saidOf({ ...draft, mentions: [malee] });
    if (typeof said === "string") throw new Error("no message");
    expect(mentionsIn("something else", said.message)).toEqual([]);
    expect(mentionsIn(draft.text, { type: "text", text: draft.text })).toEqual([]);
    expect(mentionsIn("@", { type: "textV2" })).toEqual([]);
  });
});

it("a message that makes no sense has no quick replies", () => {
  for (const quickReply of [null, 7, {}, { items: 3 }, { items: [null, { action: 1 }, { action: { label: 2 } }] }])
    expect(repliesIn({ type: "text", quickReply })).toEqual([]);
});
