import { act, screen, waitFor, within } from "@testing-library/react";
import type { UserEvent } from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import { ME } from "../../testing/fake-desk";
import { getDraft } from "./drafts";
import { takeBack } from "./take-back";
import { entry, field, open } from "./testing";

const item = (label: string) => ({ type: "action", action: { type: "message", label, text: label } });

describe("quick replies", () => {
  const bar = async (user: UserEvent) => {
    await user.click(screen.getByRole("button", { name: "More to send" }));
    await user.click(await screen.findByRole("menuitemcheckbox", { name: "Quick replies" }));
    const box = await screen.findByRole("group", { name: "Quick replies" });
    return { box, input: within(box).getByRole("textbox") };
  };

  it("are written one after the other, and go with the text", async () => {
    const { desk, user } = open();
    await user.type(field(), "Sure?");
    const { box, input } = await bar(user);
    await user.type(input, "Yes{Enter}Maybe{Enter}No{Enter}");
    await user.click(within(box).getByRole("button", { name: "Remove Maybe" }));
    await user.click(input);
    // Enter with nothing more to add leads back to the text, and there it sends.
    await user.keyboard("{Enter}");
    expect(document.activeElement).toBe(field());
    await user.keyboard("{Enter}");
    const message = { type: "text", text: "Sure?", quickReply: { items: [item("Yes"), item("No")] } };
    expect(desk.send).toHaveBeenCalledExactlyOnceWith(1, { text: "Sure?", message }, null);
    expect(screen.queryByRole("group", { name: "Quick replies" })).toBeNull();
    expect(getDraft(ME.id, 1)).toEqual({ text: "", isNote: false, since: null });
  });

  it("are no more, no longer and no other than LINE shows", async () => {
    const { user } = open();
    const { box, input } = await bar(user);
    await user.type(input, `${"x".repeat(21)}{Enter}`);
    expect(within(box).getByRole("status").textContent).toBe("At most 20 characters.");
    await user.clear(input);
    await user.type(input, "a{Enter}a{Enter}");
    expect(within(box).getByRole("status").textContent).toBe("There is one with these words already.");
    await user.clear(input);
    for (const label of "bcdefghijklm") await user.type(input, `${label}{Enter}`);
    expect(getDraft(ME.id, 1).replies).toHaveLength(13);
    await user.type(input, "n{Enter}");
    expect(within(box).getByRole("status").textContent).toBe("13 is the most that LINE shows.");
    expect(getDraft(ME.id, 1).replies).toHaveLength(13);
  });

  it("survive a reload with the draft, and are let go of by their own button", async () => {
    const { desk, user } = open();
    const { box, input } = await bar(user);
    await user.type(input, "Yes{Enter}");
    expect(localStorage.getItem("linedesk.draft.1.1")).toContain('"replies":["Yes"]');
    await user.click(within(box).getByRole("button", { name: "Send without quick replies" }));
    await user.type(field(), "Plain{Enter}");
    expect(desk.send).toHaveBeenCalledExactlyOnceWith(1, "Plain", null);
  });

  it("come back with the text that was refused", async () => {
    open();
    const said = { type: "text", text: "Sure?", quickReply: { items: [item("Yes")] } };
    act(() => takeBack(ME.id, entry(said, "Sure?")));
    await waitFor(() => expect(field()).toHaveProperty("value", "Sure?"));
    expect(getDraft(ME.id, 1).replies).toEqual(["Yes"]);
    screen.getByRole("button", { name: "Remove Yes" });
  });
});
