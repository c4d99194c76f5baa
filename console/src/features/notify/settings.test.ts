import { afterEach, expect, it, vi } from "vitest";
import { changeSettings, DEFAULTS, followSettings, settingsOf } from "./settings";

afterEach(() => localStorage.clear());

it("keeps each operator's settings apart, across reloads", () => {
  changeSettings(11, { volume: 0.2, tone: "knock" });
  expect(settingsOf(11)).toEqual({ ...DEFAULTS, volume: 0.2, tone: "knock" });
  expect(settingsOf(12)).toEqual(DEFAULTS);
  expect(JSON.parse(localStorage.getItem("linedesk.notify.11") ?? "")).toMatchObject({ volume: 0.2 });
});

it.each([
  ["nonsense", "{"],
  ["something else", "[1]"],
  ["values out of range", '{"volume":7,"tone":"gong","shows":1}'],
])("takes its defaults for %s", (what, kept) => {
  const id = 100 + what.length;
  localStorage.setItem(`linedesk.notify.${id}`, kept);
  expect(settingsOf(id)).toEqual(DEFAULTS);
});

it("takes what an older console kept, and defaults for the rest", () => {
  localStorage.setItem("linedesk.notify.20", '{"sounds":{"queue":false},"tone":"drop"}');
  expect(settingsOf(20)).toEqual({ ...DEFAULTS, sounds: { ...DEFAULTS.sounds, queue: false }, tone: "drop" });
});

it("follows another tab", () => {
  const stop = followSettings(30);
  const tell = (newValue: string | null) =>
    dispatchEvent(new StorageEvent("storage", { key: "linedesk.notify.30", newValue }));
  tell('{"hasTick":true}');
  expect(settingsOf(30).hasTick).toBe(true);
  stop();
  tell(null);
  expect(settingsOf(30).hasTick).toBe(true);
});

it("holds for this page when the browser keeps nothing", () => {
  vi.spyOn(Storage.prototype, "setItem").mockImplementation(() => {
    throw new DOMException("full", "QuotaExceededError");
  });
  changeSettings(40, { hasTick: true });
  expect(settingsOf(40).hasTick).toBe(true);
});
