import { afterEach, describe, expect, it, vi } from "vitest";
import { fakeDesk } from "../../testing/fake-desk";
import { forgetAll } from "../../ui/forget";
import { addFiles, sendFiles } from "./files";
import { frameAt, frameSize, isVideo, smallEnough, videoFrame } from "./video-frame";

afterEach(() => {
  forgetAll();
  vi.useRealTimers();
});

const blob = (size: number) => new Blob([new Uint8Array(size)], { type: "image/jpeg" });

describe("a picture of a video", () => {
  it("is made of videos only", () => {
    const kinds = [
      { type: "video/mp4", name: "a" },
      { type: "", name: "A.MOV" },
      { type: "image/png", name: "a.png" },
      { type: "", name: "mp4" },
    ];
    expect(kinds.map(isVideo)).toEqual([true, true, false, false]);
  });

  it.each([
    [640, 360, { width: 640, height: 360 }],
    [1920, 1080, { width: 1280, height: 720 }],
    [1080, 1920, { width: 720, height: 1280 }],
    [100_000, 10, { width: 1280, height: 1 }],
    [0, 10, null],
    [Number.NaN, 10, null],
  ])("of %d × %d is as large as a phone shows", (width, height, size) => {
    expect(frameSize(width, height)).toEqual(size);
  });

  it("is of a moment that there is", () => {
    expect([60, 1, 0, Number.NaN, Number.POSITIVE_INFINITY].map(frameAt)).toEqual([1, 0.5, 0, 0, 0]);
  });

  it("is the best that LINE takes", async () => {
    const asked: number[] = [];
    const made = await smallEnough(async (quality) => {
      asked.push(quality);
      return blob(quality > 0.6 ? 1_000_001 : 1_000_000);
    });
    expect([made?.size, asked]).toEqual([1_000_000, [0.85, 0.7, 0.5]]);
    expect(await smallEnough(async () => blob(1_000_001))).toBeNull();
    expect(await smallEnough(async () => null)).toBeNull();
  });

  it("is none of what this browser does not play", async () => {
    // Happens here: nothing is ever loaded, and the time runs out.
    vi.spyOn(HTMLMediaElement.prototype, "load").mockImplementation(() => {});
    vi.spyOn(AbortSignal, "timeout").mockReturnValue(AbortSignal.abort());
    URL.createObjectURL = vi.fn(() => "blob:a");
    URL.revokeObjectURL = vi.fn();
    expect(await videoFrame(new File(["x"], "a.mp4"))).toBeNull();
    expect(URL.revokeObjectURL).toHaveBeenCalledWith("blob:a");
    expect(await videoFrame(new File(["x"], "a.pdf"))).toBeNull();
  });

  it("goes with its file, and the file goes without one", async () => {
    const desk = fakeDesk();
    addFiles(1, [new File(["x"], "a.mp4"), new File(["x"], "b.mp4")], 1000);
    const picture = blob(10);
    await sendFiles(desk, 1, async (file) => (file.name === "a.mp4" ? picture : null));
    expect(desk.sendFile.mock.calls.map(([, file, , preview]) => [file.name, preview])).toEqual([
      ["a.mp4", picture],
      ["b.mp4", null],
    ]);
  });
});
