import { describe, expect, it } from "vitest";
import { repliesIn, saidOf } from "./said";

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

it("a message that makes no sense has no quick replies", () => {
  for (const quickReply of [null, 7, {}, { items: 3 }, { items: [null, { action: 1 }, { action: { label: 2 } }] }])
    expect(repliesIn({ type: "text", quickReply })).toEqual([]);
});
