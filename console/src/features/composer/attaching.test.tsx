import { act, createEvent, fireEvent, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, describe, expect, it } from "vitest";
import { deskState, fakeDesk, renderWithDesk, session, summary, thread, withRows } from "../../testing/fake-desk";
import { forgetAll } from "../../ui/forget";
import { Toasts } from "../../ui/toasts";
import { Composer } from "./composer";

afterEach(forgetAll);

function open(media = true) {
  const row = summary({ id: 1, display_name: "Malee", session: session() });
  const limits = { ...deskState().limits, media, media_bytes: 1000 };
  const desk = fakeDesk({ ...withRows([row]), openId: 1, threads: new Map([[1, thread()]]), limits });
  renderWithDesk(
    <>
      <Composer id={1} />
      <Toasts />
    </>,
    desk,
  );
  return desk;
}

const file = (name: string, size = 10) => new File(["x".repeat(size)], name);
const drop = (...files: File[]) => {
  const event = createEvent.drop(document.body, { dataTransfer: { files, types: ["Files"] } });
  fireEvent(document.body, event);
  return event;
};
const names = () => [...document.querySelectorAll(".cfile-name")].map((one) => one.textContent);
const field = () => screen.getByRole("textbox");

describe("without media", () => {
  it("offers nothing, and a dropped file does not take the console's place", () => {
    open(false);
    expect(screen.queryByRole("button", { name: "Attach files" })).toBeNull();
    expect(drop(file("a.jpg")).defaultPrevented).toBe(true);
    fireEvent.paste(field(), { clipboardData: { files: [file("a.jpg")], types: ["Files"] } });
    expect(names()).toEqual([]);
  });
});

describe("files", () => {
  it("come by button, by drop and by paste, and go in their order with Enter", async () => {
    const desk = open();
    const user = userEvent.setup();
    const input = document.querySelector<HTMLInputElement>("input[type=file]");
    if (!input) throw new Error("no input");
    await user.upload(input, file("a.jpg"));
    drop(file("b.jpg"));
    fireEvent.paste(field(), { clipboardData: { files: [file("c.jpg")], types: ["Files"] } });
    expect(names()).toEqual(["a.jpg", "b.jpg", "c.jpg"]);
    expect(desk.sendFile).not.toHaveBeenCalled();
    await user.keyboard("{Enter}");
    await waitFor(() => expect(names()).toEqual([]));
    expect(desk.sendFile.mock.calls.map(([id, sent]) => [id, sent.name])).toEqual([
      [1, "a.jpg"],
      [1, "b.jpg"],
      [1, "c.jpg"],
    ]);
    expect(document.activeElement).toBe(field());
  });

  it("stay when one is refused, say why, and go again under the same id", async () => {
    const desk = open();
    desk.sendFile.mockRejectedValueOnce({ code: "line_unavailable", message: "no", retryable: true });
    drop(file("a.jpg"), file("b.jpg"));
    await userEvent.click(screen.getByRole("button", { name: "Send 2 files" }));
    expect((await screen.findByRole("alert")).textContent).toContain("Not sent.");
    expect(names()).toEqual(["a.jpg", "b.jpg"]);
    await userEvent.click(screen.getByRole("button", { name: "Send 2 files" }));
    await waitFor(() => expect(names()).toEqual([]));
    const [first, again] = desk.sendFile.mock.calls;
    expect(again?.[2]).toBe(first?.[2]);
  });

  it("that cannot go say so before they are sent, and leave the others alone", async () => {
    const desk = open();
    drop(file("empty.txt", 0), file("large.mp4", 1001), file("ok.jpg", 1000));
    const reasons = screen.getAllByRole("alert").map((one) => one.textContent);
    expect(reasons).toEqual([
      "It is empty. Choose another.",
      "Too large: at most 1 kB. Send a smaller one, or a link to it.",
    ]);
    await userEvent.click(screen.getByRole("button", { name: "Send 1 file" }));
    await waitFor(() => expect(names()).toEqual(["empty.txt", "large.mp4"]));
    expect(desk.sendFile).toHaveBeenCalledTimes(1);
    await userEvent.click(screen.getByRole("button", { name: "Do not send large.mp4" }));
    expect(names()).toEqual(["empty.txt"]);
  });

  it("beyond ten are left out, and one is told", async () => {
    open();
    act(() => void drop(...Array.from({ length: 12 }, (_, at) => file(`${at}.jpg`))));
    expect(names()).toHaveLength(10);
    expect(await screen.findByText(/At most 10 files at once/)).toBeTruthy();
  });

  it("are not taken by a note, nor in place of pasted text", async () => {
    open();
    fireEvent.paste(field(), { clipboardData: { files: [file("a.png")], types: ["text/plain", "Files"] } });
    expect(names()).toEqual([]);
    await userEvent.click(screen.getByRole("button", { name: "Note" }));
    drop(file("a.jpg"));
    expect(names()).toEqual([]);
    expect(screen.queryByRole("button", { name: "Attach files" })).toBeNull();
  });
});
