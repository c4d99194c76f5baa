import { screen, within } from "@testing-library/react";
import { userEvent } from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Media, Message } from "../../protocol";
import {
  deskState,
  fakeDesk,
  message,
  renderWithDesk,
  session,
  summary,
  thread,
  withRows,
} from "../../testing/fake-desk";
import { shownName } from "./media-links";
import { ThreadView } from "./thread";

class Nowhere {
  observe() {}
  unobserve() {}
  disconnect() {}
}

beforeEach(() => {
  vi.stubGlobal("IntersectionObserver", Nowhere);
});
afterEach(() => {
  vi.unstubAllGlobals();
});

const media = (change: Partial<Media> = {}): Media => ({
  id: "m1",
  state: "ready",
  content_type: "image/jpeg",
  size_bytes: 2138,
  file_name: null,
  width: 640,
  height: 480,
  duration_ms: null,
  has_preview: true,
  ...change,
});

function show(messages: Message[]) {
  const row = summary({ id: 1, display_name: "Malee", session: session() });
  const desk = fakeDesk({
    ...withRows([row]),
    openId: 1,
    threads: new Map([[1, thread({ messages })]]),
    limits: deskState().limits,
  });
  renderWithDesk(<ThreadView id={1} />, desk);
  return desk;
}

const row = (id: number) => {
  const found = document.querySelector<HTMLElement>(`[data-id="${id}"]`);
  if (!found) throw new Error(`no row ${id}`);
  return found;
};
const image = (id: number, change: Partial<Media> = {}, payload: unknown = null) =>
  message({ id, message_type: "image", content: "", payload, media: media({ id: `m${id}`, ...change }) });

describe("files", () => {
  test("a picture is its preview, and large in a box with the others one key away", async () => {
    show([image(1), image(2)]);
    const user = userEvent.setup();
    expect(row(1).querySelector("img")?.getAttribute("src")).toBe("/media/m1/preview");
    await user.click(within(row(1)).getByRole("button", { name: "Show large: Photo" }));
    const box = screen.getByRole("dialog");
    expect(box.querySelector("img")?.getAttribute("src")).toBe("/media/m1");
    expect(box.textContent).toContain("1 of 2");
    await user.click(within(box).getByRole("button", { name: "Next photo" }));
    expect(box.querySelector("img")?.getAttribute("src")).toBe("/media/m2");
    expect(within(box).getByRole("link", { name: "Download" }).getAttribute("href")).toBe("/media/m2?download=1");
    await user.keyboard("{Escape}");
    expect(screen.queryByRole("dialog")).toBeNull();
  });

  test("pictures that were sent together are one album, in their order", () => {
    const set = (index: number) => ({ imageSet: { id: "set", index, total: 3 } });
    show([image(1, {}, set(1)), image(2, {}, set(3)), message({ id: 3 }), image(4, {}, set(2))]);
    const sources = [...row(1).querySelectorAll("img")].map((one) => one.getAttribute("src"));
    expect(sources).toEqual(["/media/m1/preview", "/media/m4/preview", "/media/m2/preview"]);
    expect(row(1).contains(row(4))).toBe(true);
  });

  test("video and sound are played from the desk, and nothing is loaded before", () => {
    show([
      message({ id: 1, message_type: "video", content: "", media: media({ content_type: "video/mp4" }) }),
      message({ id: 2, message_type: "audio", content: "", media: media({ content_type: "audio/mp4", id: "m2" }) }),
    ]);
    const video = row(1).querySelector("video");
    expect(video?.getAttribute("src")).toBe("/media/m1");
    expect(video?.getAttribute("poster")).toBe("/media/m1/preview");
    for (const player of [video, row(2).querySelector("audio")]) expect(player?.getAttribute("preload")).toBe("none");
  });

  test("a picture that is none is a file to take, and says so", () => {
    show([image(1, { has_preview: false, content_type: "application/zip", file_name: "photo.jpg" })]);
    expect(row(1).querySelector("img")).toBeNull();
    const link = within(row(1)).getByRole("link", { name: "photo.jpg" });
    expect(link.getAttribute("href")).toBe("/media/m1?download=1");
    expect(row(1).textContent).toContain("no photo that a browser can show");
  });

  test("what is on its way, gone or failed says so, and can be tried again", async () => {
    const desk = show([
      image(1, { state: "fetching" }),
      image(2, { state: "gone" }),
      image(3, { state: "failed", code: "line_unavailable" }),
      image(4, { state: "fetching", code: "unavailable" }),
    ]);
    expect(row(1).textContent).toContain("On its way from LINE");
    expect(within(row(1)).queryByRole("button", { name: "Try again" })).toBeNull();
    expect(row(2).textContent).toContain("LINE has it no more");
    expect(row(4).textContent).toContain("disk may be full");
    await userEvent.setup().click(within(row(3)).getByRole("button", { name: "Try again" }));
    expect(desk.fetchAgain).toHaveBeenCalledWith(3);
  });
});

describe("names of files", () => {
  test("cannot pretend and stay short, with their ending", () => {
    expect(shownName("photo\u202egpj.exe")).toBe("photo gpj.exe");
    expect(shownName("a\nb\u0000.txt")).toBe("a b .txt");
    const long = shownName(`${"x".repeat(10_000)}.xlsx`);
    expect(long.length).toBeLessThan(130);
    expect(long.endsWith(".xlsx")).toBe(true);
  });
});
