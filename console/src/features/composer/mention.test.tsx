import { act, fireEvent, screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import type { Member } from "../../protocol";
import { ME } from "../../testing/fake-desk";
import { matchingMembers, mentionAt } from "./mention";
import { saidOf } from "./said";
import { takeBack } from "./take-back";
import { entry, field, open } from "./testing";

const member = (display_name: string | null, over: Partial<Member> = {}): Member => ({
  line_user_id: `U${display_name}`,
  display_name,
  has_left: false,
  ...over,
});
const members = [member("Malee"), member("Somsak"), member("สมศรี"), member("Ann Lee"), member(null)];
const gone = member("Malinee", { has_left: true });

describe("an @", () => {
  it.each([
    ["@", { start: 0, query: "" }],
    ["Hi @ma", { start: 3, query: "ma" }],
    ["สวัสดี@สม", { start: 6, query: "สม" }],
    ["a@b.co", null],
    ["@Malee ", null],
    ["Hi", null],
  ])("in %o asks for %o", (text, asked) => expect(mentionAt(text, text.length)).toEqual(asked));

  it("offers who is there, by the beginning of the name first", () => {
    const names = (query: string) => matchingMembers([...members, gone], query).map((one) => one.display_name);
    expect(names("")).toEqual(["Malee", "Somsak", "สมศรี", "Ann Lee"]);
    expect(names("LEE")).toEqual(["Malee", "Ann Lee"]);
    expect(names("s")).toEqual(["Somsak"]);
    expect(names("mal")).toEqual(["Malee"]);
  });
});

const group = () => {
  const scene = open({ source_type: "group", display_name: "Neighbours" });
  scene.desk.members.mockResolvedValue({ members: [...members, gone], member_count: 9 });
  return scene;
};

describe("in a group", () => {
  it("is picked by the keys, and sent as a mention", async () => {
    const { desk, user } = group();
    await user.type(field(), "Hi @");
    const list = await screen.findByRole("listbox", { name: "Who to mention" });
    expect(
      within(list)
        .getAllByRole("option")
        .map((one) => one.lastChild?.textContent),
    ).toEqual(["Malee", "Somsak", "สมศรี", "Ann Lee"]);
    await user.keyboard("{ArrowDown}{ArrowDown}");
    const marked = within(list).getByRole("option", { selected: true });
    expect(field().getAttribute("aria-activedescendant")).toBe(marked.id);
    await user.keyboard("{Enter}");
    expect(field()).toHaveProperty("value", "Hi @สมศรี ");
    await waitFor(() => expect(screen.queryByRole("listbox")).toBeNull());
    expect(desk.send).not.toHaveBeenCalled();
    await user.keyboard("see you{Enter}");
    expect(desk.send).toHaveBeenCalledExactlyOnceWith(
      1,
      {
        text: "Hi @สมศรี see you",
        message: {
          type: "textV2",
          text: "Hi {at_1} see you",
          substitution: { at_1: { type: "mention", mentionee: { type: "user", userId: "Uสมศรี" } } },
        },
      },
      null,
    );
  });

  it("is picked by the pointer, narrowed by typing, and dismissed by Escape", async () => {
    const { desk, user } = group();
    await user.type(field(), "@so");
    await user.click(await screen.findByRole("option", { name: /Somsak/ }));
    expect(field()).toHaveProperty("value", "@Somsak ");
    await user.type(field(), "@ma");
    await screen.findByRole("listbox");
    await user.keyboard("{Escape}");
    expect(screen.queryByRole("listbox")).toBeNull();
    await user.keyboard("{Enter}");
    expect(desk.send).toHaveBeenCalledOnce();
  });

  it("follows what an input method writes, which comes without keys", async () => {
    group();
    fireEvent.change(field(), { target: { value: "@" } });
    await screen.findByRole("listbox");
    fireEvent.change(field(), { target: { value: "@สม" } });
    expect(screen.getAllByRole("option")).toHaveLength(1);
  });

  it("says when nobody has such a name, and sends it as it is", async () => {
    const { desk, user } = group();
    await user.type(field(), "@zoe");
    await screen.findByText("Nobody by this name is known here.");
    await user.keyboard("{Enter}");
    expect(desk.send).toHaveBeenCalledExactlyOnceWith(1, "@zoe", null);
  });
});

it("is still whom it mentioned when a refused message is edited", async () => {
  const { desk, user } = group();
  await user.type(field(), "and");
  const text = "Hi @Ann Lee, see you";
  const said = saidOf({ text, isNote: false, since: null, mentions: [{ name: "Ann Lee", line_user_id: "UAnn Lee" }] });
  if (typeof said === "string") throw new Error("no message");
  act(() => takeBack(ME.id, entry(said.message, text)));
  expect(field()).toHaveProperty("value", "Hi @Ann Lee, see you\nand");
  await user.type(field(), " more{Enter}");
  const [, again] = desk.send.mock.calls[0] ?? [];
  expect(again).toMatchObject({
    text: "Hi @Ann Lee, see you\nand more",
    message: { text: "Hi {at_1}, see you\nand more", substitution: { at_1: { mentionee: { userId: "UAnn Lee" } } } },
  });
});

it("with one person there is nobody to mention, and nobody is asked", async () => {
  const { desk, user } = open();
  await user.type(field(), "Hi @m");
  expect(desk.members).not.toHaveBeenCalled();
  expect(screen.queryByRole("listbox")).toBeNull();
});
