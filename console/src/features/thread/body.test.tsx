// A sticker is shown with its picture, and by its words where there is none.
import { fireEvent } from "@testing-library/react";
import { expect, test } from "vitest";
import { fakeDesk, message, renderWithDesk } from "../../testing/fake-desk";
import { Body } from "./body";

const sticker = (payload: Record<string, unknown>) =>
  renderWithDesk(<Body message={message({ message_type: "sticker", content: "thank you", payload })} />, fakeDesk())
    .container;

test("a sticker's picture comes by way of the desk, and its words stay when it does not come", () => {
  const shown = sticker({ packageId: "446", stickerId: "1988" });
  const picture = shown.querySelector("img");
  expect(picture?.getAttribute("src")).toBe("/media/stickers/1988");
  expect(shown.textContent).toBe("Sticker: thank you");
  if (picture) fireEvent.error(picture);
  expect(shown.querySelector("img")).toBeNull();
  expect(shown.querySelector("svg")).not.toBeNull();
});

test("without an id there is nothing to ask for", () =>
  expect(sticker({ stickerId: 3 }).querySelector("img")).toBeNull());
