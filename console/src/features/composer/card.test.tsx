import { act, screen, waitFor, within } from "@testing-library/react";
import type { UserEvent } from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";
import type { MessageCheck } from "../../protocol";
import { ME } from "../../testing/fake-desk";
import { EXAMPLES, readCard, wordsOf } from "./card";
import { getDraft } from "./drafts";
import { takeBack } from "./take-back";
import { entry, open, refused } from "./testing";

const bubble = { type: "bubble", body: { type: "box", layout: "vertical", contents: [{ type: "text", text: "Hi" }] } };

describe("what is written", () => {
  it.each([
    ["  ", "empty"],
    ["{", "not_json"],
    ["[]", "no_message"],
    ["7", "no_message"],
    ["null", "no_message"],
    ['{"text":"no type"}', "no_message"],
    ['{"type":7}', "no_message"],
    ['{"type":"text","text":"Hi"}', "message"],
  ])("%s is %s", (text, kind) => expect(readCard(text).kind).toBe(kind));

  it("is put into a flex message where it is the inside of one", () => {
    expect(readCard(JSON.stringify(bubble))).toEqual({
      kind: "message",
      message: { type: "flex", altText: "Hi", contents: bubble },
    });
    expect(readCard('{"type":"carousel","contents":[]}')).toMatchObject({ message: { altText: "Flex" } });
  });

  it("has words for where it is not drawn", () => {
    expect(Object.values(EXAMPLES).map((one) => wordsOf(one))).toEqual([
      "Your order",
      "How can we help?",
      "Is that right?",
      "Our rooms",
    ]);
    expect(wordsOf({ type: "sticker" })).toBe("");
  });
});

describe("the dialog", () => {
  const dialog = async (user: UserEvent) => {
    await user.click(screen.getByRole("button", { name: "More to send" }));
    await user.click(await screen.findByRole("menuitem", { name: "Card or menu (JSON)" }));
    const box = await screen.findByRole("dialog", { name: "Send a card or menu" });
    const button = (name: string) => within(box).getByRole<HTMLButtonElement>("button", { name });
    return { box, field: within(box).getByRole("textbox"), button };
  };

  it("begins with an example, draws it, and sends it", async () => {
    const { desk, user } = open();
    const { box, button } = await dialog(user);
    expect(button("Send it").disabled).toBe(true);
    await user.click(button("Question"));
    const preview = within(box).getByRole("region", { name: "Preview" });
    expect(preview.textContent).toBe("Is that right?YesNoIn the chat list: Is that right?");
    await user.click(button("Send it"));
    const said = { text: "Is that right?", message: EXAMPLES.confirm };
    expect(desk.send).toHaveBeenCalledExactlyOnceWith(1, said, null);
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    expect(getDraft(ME.id, 1).card).toBeUndefined();
  });

  it("sends nothing that is no message, and says why", async () => {
    const { desk, user } = open();
    const { box, field, button } = await dialog(user);
    await user.click(field);
    await user.paste('{"type": "flex",');
    expect(within(box).getByRole("status").textContent).toContain("This is not valid JSON yet.");
    for (const name of ["Send it", "Check with LINE"]) expect(button(name).disabled).toBe(true);
    await user.clear(field);
    await user.paste('{"a":1}');
    expect(within(box).getByRole("status").textContent).toContain("with a “type”");
    expect(button("Send it").disabled).toBe(true);
    expect(desk.send).not.toHaveBeenCalled();
  });

  it("asks LINE, shows each problem with its place, and forgets the answer when the words change", async () => {
    const { desk, user } = open();
    const { box, field, button } = await dialog(user);
    await user.click(button("Card"));
    const problems = [
      { field: "line_message.contents.body.contents[0].text", message: "must be non-empty text" },
      { field: "line_message", message: "is odd" },
    ];
    desk.checkMessage.mockResolvedValueOnce({ valid: false, problems });
    await user.click(button("Check with LINE"));
    expect(desk.checkMessage).toHaveBeenCalledExactlyOnceWith(EXAMPLES.flex);
    await within(box).findByText("2 things are wrong:");
    const places = within(box)
      .getAllByRole("listitem")
      .map((one) => one.textContent);
    expect(places).toEqual(["contents.body.contents[0].text must be non-empty text", " is odd"]);
    await user.type(field, " ");
    expect(within(box).queryByText("2 things are wrong:")).toBeNull();
    await user.click(button("Check with LINE"));
    await within(box).findByText("LINE would take it.");
    desk.checkMessage.mockRejectedValueOnce({ code: "line_unavailable", message: "", retryable: true });
    await user.click(button("Check with LINE"));
    expect((await within(box).findByRole("alert")).textContent).toContain("It was not checked.");
  });

  it("takes no answer about words that are no longer there", async () => {
    const { desk, user } = open();
    const { box, field, button } = await dialog(user);
    await user.click(button("Card"));
    let answer = (_: MessageCheck) => {};
    desk.checkMessage.mockReturnValueOnce(new Promise((resolve) => (answer = resolve)));
    await user.click(button("Check with LINE"));
    await user.type(field, " ");
    await act(async () => answer({ valid: true, problems: [] }));
    expect(within(box).queryByText("LINE would take it.")).toBeNull();
  });

  it("keeps what is written while it is closed or cannot go", async () => {
    const { desk, user } = open();
    const { button } = await dialog(user);
    await user.click(button("Buttons"));
    desk.send.mockReturnValueOnce(refused);
    await user.click(button("Send it"));
    await vi.waitFor(() => expect(screen.getByRole("alert").textContent).toContain("Not sent; it is still here."));
    await user.keyboard("{Escape}");
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    expect(localStorage.getItem("linedesk.draft.1.1")).toContain("How can we help?");
    const { box } = await dialog(user);
    expect(within(box).getByRole("textbox")).toHaveProperty("value", JSON.stringify(EXAMPLES.buttons, null, 2));
  });

  it("opens with what was refused", async () => {
    open();
    act(() => takeBack(ME.id, entry({ type: "flex", altText: "x", contents: bubble }, "x")));
    const box = await screen.findByRole("dialog", { name: "Send a card or menu" });
    expect(within(box).getByRole("region", { name: "Preview" }).textContent).toContain("Hi");
  });
});
