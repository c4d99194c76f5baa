import { act, fireEvent, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { fakeDesk, ME, renderWithDesk } from "../../testing/fake-desk";
import { NotifySettings } from "./notify-settings";
import { changeSettings, DEFAULTS, settingsOf } from "./settings";
import { play, soundStore } from "./sound";

vi.mock("./sound", async (original) => ({ ...(await original<typeof import("./sound")>()), play: vi.fn() }));

function allow(permission: NotificationPermission) {
  const notification = {
    permission,
    requestPermission: vi.fn(async () => {
      notification.permission = "granted";
      return notification.permission;
    }),
  };
  vi.stubGlobal("Notification", notification);
  return notification;
}

beforeEach(() => {
  changeSettings(ME.id, DEFAULTS);
  soundStore.setState({ state: "ready" });
});
afterEach(() => vi.unstubAllGlobals());

function show() {
  renderWithDesk(<NotifySettings />, fakeDesk());
  return userEvent.setup();
}

it("turns each kind on and off, for sound and notification apart", async () => {
  const user = show();
  await user.click(screen.getByRole("checkbox", { name: "Sound: A customer waits in the queue" }));
  expect(settingsOf(ME.id).sounds).toEqual({ queue: false, mine: true, mention: true });
  expect(settingsOf(ME.id).notifications).toEqual(DEFAULTS.notifications);
});

it("plays the chosen sound at the chosen volume", async () => {
  const user = show();
  await user.click(screen.getByRole("radio", { name: "Knock" }));
  fireEvent.change(screen.getByRole("slider", { name: "Volume" }), { target: { value: "30" } });
  await user.click(screen.getByRole("button", { name: "Test the sound" }));
  expect(play).toHaveBeenCalledWith("knock", 0.3);
});

it("says when the browser keeps the page silent, and when it no longer does", () => {
  soundStore.setState({ state: "blocked" });
  show();
  expect(screen.getByText(/keeps this page silent/)).toBeTruthy();
  act(() => soundStore.setState({ state: "ready" }));
  expect(screen.queryByText(/keeps this page silent/)).toBeNull();
});

describe("browser notifications", () => {
  it("are asked for on a click, not before", async () => {
    const notification = allow("default");
    const user = show();
    expect(notification.requestPermission).not.toHaveBeenCalled();
    await user.click(screen.getByRole("button", { name: "Allow browser notifications" }));
    expect(await screen.findByText("The browser allows notifications.")).toBeTruthy();
  });

  it.each([
    ["denied", /The browser blocks notifications/],
    ["granted", /The browser allows notifications/],
  ] satisfies [NotificationPermission, RegExp][])("%s is said", (permission, words) => {
    allow(permission);
    show();
    expect(screen.getByText(words)).toBeTruthy();
  });

  it("show the name only, until the text is wanted", async () => {
    allow("granted");
    const user = show();
    await user.click(screen.getByRole("radio", { name: "The name and the message" }));
    expect(settingsOf(ME.id).shows).toBe("text");
  });

  it("are not said to be allowed where a try shows that there are none", async () => {
    vi.stubGlobal(
      "Notification",
      class {
        static permission = "granted";
        constructor() {
          throw new TypeError("Illegal constructor");
        }
      },
    );
    const user = show();
    await user.click(screen.getByRole("button", { name: "Show a test notification" }));
    expect(await screen.findByText("This browser cannot show notifications.")).toBeTruthy();
  });
});
