import { act, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { App } from "./app/app";
import { placeOf } from "./app/places";
import { startTheme } from "./app/theme";
import { preferredLocale, setLocale } from "./catalogue/catalogue";
import { browserEnvironment } from "./desk/environment";
import { changeSettings, settingsOf } from "./features/notify/settings";
import { keep, keepNoMore, kept } from "./kept";
import { fakeDesk, ME, renderWithDesk, summary, withRows } from "./testing/fake-desk";

beforeEach(() => {
  const matches = (query: string) => query.includes("min-width");
  vi.stubGlobal("matchMedia", (query: string) => ({
    matches: matches(query),
    addEventListener() {},
    removeEventListener() {},
  }));
  // As where cookies and the like are all forbidden.
  vi.spyOn(globalThis, "localStorage", "get").mockImplementation(() => {
    throw new DOMException("The operation is insecure.", "SecurityError");
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

test("a browser that keeps nothing is asked and told without harm", () => {
  keep("key", "value");
  expect(kept("key")).toBeNull();
  keepNoMore("key");
  const { storage } = browserEnvironment();
  storage.set("key", "value");
  expect(storage.get("key")).toBeNull();
  storage.remove("key");
});

test("the console begins and is arranged in a browser that keeps nothing", async () => {
  startTheme();
  await setLocale(preferredLocale());
  history.replaceState(null, "", placeOf.list("waiting"));
  const desk = fakeDesk(withRows([summary({ id: 7 })]));
  renderWithDesk(<App />, desk);
  expect(desk.showList).toHaveBeenCalledWith(expect.objectContaining({ status: "waiting" }));
  await userEvent.click(await screen.findByRole("button", { name: /^You: status/ }));
  await userEvent.click(await screen.findByRole("menuitemcheckbox", { name: "Dark" }));
  expect(document.documentElement.dataset.theme).toBe("dark");
  act(() => changeSettings(ME.id, { volume: 0.5 }));
  expect(settingsOf(ME.id).volume).toBe(0.5);
});
