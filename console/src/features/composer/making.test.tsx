// What is made beside the text: stickers and places.
import { act, screen, waitFor, within } from "@testing-library/react";
import type { UserEvent } from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import { ME } from "../../testing/fake-desk";
import { getDraft } from "./drafts";
import { setQuote } from "./quote";
import { SETS } from "./stickers";
import { takeBack } from "./take-back";
import { entry, field, open, refused } from "./testing";

describe("stickers", () => {
  const tray = async (user: UserEvent) => {
    await user.click(screen.getByRole("button", { name: "Stickers" }));
    return screen.findByRole("group", { name: "Stickers" });
  };

  it("are those that LINE lets an account send", () => {
    expect(SETS.map(({ id, count }) => [id, count])).toEqual([
      ["11537", 40],
      ["11538", 40],
      ["11539", 40],
      ["446", 40],
      ["789", 40],
      ["1070", 40],
      ["6136", 24],
      ["6325", 24],
      ["6359", 24],
      ["6362", 24],
      ["6370", 24],
      ["6632", 24],
      ["8515", 24],
      ["8522", 24],
      ["8525", 24],
    ]);
  });

  it("are walked by the arrows, go with Enter, and leave the text alone", async () => {
    const { desk, user } = open();
    await user.type(field(), "half a thou");
    act(() => setQuote(1, 7));
    await tray(user);
    await user.selectOptions(screen.getByRole("combobox", { name: "Sticker sets" }), "446");
    const tiles = within(screen.getByRole("group", { name: "Stickers" })).getAllByRole("button");
    expect(tiles).toHaveLength(40);
    expect(tiles[0]?.querySelector("img")?.getAttribute("src")).toBe("/media/stickers/1988");
    act(() => tiles[0]?.focus());
    await user.keyboard("{ArrowDown}{ArrowRight}{Enter}");
    expect(desk.send).toHaveBeenCalledExactlyOnceWith(
      1,
      { text: "", message: { type: "sticker", packageId: "446", stickerId: "1993" } },
      7,
    );
    expect(screen.queryByRole("group", { name: "Stickers" })).toBeNull();
    expect(getDraft(ME.id, 1).text).toBe("half a thou");
    await waitFor(() => expect(document.activeElement).toBe(field()));
    // Next time it is at hand.
    const again = await tray(user);
    expect(
      within(again)
        .getAllByRole("button")
        .map((one) => one.textContent),
    ).toEqual(["1993"]);
    await user.keyboard("{Escape}");
    await waitFor(() => expect(screen.queryByRole("group", { name: "Stickers" })).toBeNull());
    expect(desk.send).toHaveBeenCalledOnce();
  });

  it("that cannot go say so by the field", async () => {
    const { desk, user } = open();
    desk.send.mockReturnValueOnce(refused);
    await user.click(within(await tray(user)).getAllByRole("button")[0] ?? document.body);
    expect((await screen.findByRole("alert")).textContent).toContain("Not sent");
  });

  it("are not for notes", async () => {
    const { user } = open();
    await user.click(screen.getByRole("button", { name: "Note" }));
    expect(screen.queryByRole("button", { name: "Stickers" })).toBeNull();
    expect(screen.queryByRole("button", { name: "More to send" })).toBeNull();
  });
});

describe("a place", () => {
  const dialog = async (user: UserEvent) => {
    await user.click(screen.getByRole("button", { name: "More to send" }));
    await user.click(await screen.findByRole("menuitem", { name: "Location" }));
    return screen.findByRole("dialog", { name: "Send a location" });
  };

  it("comes out of a map link, says what is missing, and goes", async () => {
    const { desk, user } = open();
    const box = await dialog(user);
    await user.click(within(box).getByLabelText(/Map link or coordinates/));
    await user.paste("https://www.google.com/maps/place/Grand+Palace/@13.75,100.49,17z");
    expect(within(box).getByLabelText("Latitude")).toHaveProperty("value", "13.75");
    expect(within(box).getByLabelText("Title")).toHaveProperty("value", "Grand Palace");
    await user.click(within(box).getByRole("button", { name: "Send the location" }));
    expect(within(box).getByRole("alert").textContent).toBe("LINE needs it.");
    expect(desk.send).not.toHaveBeenCalled();
    await user.keyboard("Na Phra Lan Rd");
    await user.click(within(box).getByRole("button", { name: "Send the location" }));
    const message = {
      type: "location",
      title: "Grand Palace",
      address: "Na Phra Lan Rd",
      latitude: 13.75,
      longitude: 100.49,
    };
    expect(desk.send).toHaveBeenCalledExactlyOnceWith(1, { text: "Grand Palace", message }, null);
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    expect(getDraft(ME.id, 1).place).toBeUndefined();
  });

  it("is kept while it is not sent, and says so when it cannot go", async () => {
    const { desk, user } = open();
    await user.type(within(await dialog(user)).getByLabelText("Title"), "Shop");
    await user.keyboard("{Escape}");
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    expect(JSON.parse(localStorage.getItem("linedesk.draft.1.1") ?? "null")).toMatchObject({
      place: { title: "Shop" },
    });
    const box = await dialog(user);
    expect(within(box).getByLabelText("Title")).toHaveProperty("value", "Shop");
    await user.type(within(box).getByLabelText("Address"), "1 Silom Rd");
    await user.type(within(box).getByLabelText("Latitude"), "13");
    await user.type(within(box).getByLabelText("Longitude"), "100");
    desk.send.mockReturnValueOnce(refused);
    await user.click(within(box).getByRole("button", { name: "Send the location" }));
    expect((await within(box).findByRole("alert")).textContent).toContain("Not sent; it is still here.");
    expect(getDraft(ME.id, 1).place?.title).toBe("Shop");
  });

  it("that was refused comes back into its fields", async () => {
    open();
    const said = { type: "location", title: "Shop", address: "1 Silom Rd", latitude: 13.5, longitude: 100 };
    act(() => takeBack(ME.id, entry(said)));
    const box = await screen.findByRole("dialog", { name: "Send a location" });
    expect(within(box).getByLabelText("Latitude")).toHaveProperty("value", "13.5");
  });
});
