import { act, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { ConnectionState } from "../../realtime/types";
import { type FakeDesk, fakeDesk, renderWithDesk } from "../../testing/fake-desk";
import { ConnectionBanner, LiveMark } from "./connection";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const shown = () => screen.getByRole("status").textContent ?? "";
const become = (desk: FakeDesk, connection: ConnectionState) => act(() => desk.store.setState({ connection }));
const pass = (ms: number) =>
  act(() => {
    vi.advanceTimersByTime(ms);
  });
const offline = (inMs: number): ConnectionState => ({ kind: "offline", retryAt: Date.now() + inMs });

function live() {
  const desk = fakeDesk();
  renderWithDesk(<ConnectionBanner />, desk);
  return desk;
}

test("live is quiet", () => {
  live();
  expect(shown()).toBe("");
});

test("a blip of less than a second is not shown", () => {
  const desk = live();
  become(desk, offline(500));
  pass(900);
  become(desk, { kind: "connecting" });
  pass(50);
  become(desk, { kind: "live" });
  pass(5000);
  expect(shown()).toBe("");
});

test("offline: what waits, when the next try is, and a way to hurry it", () => {
  const desk = live();
  const entry = {
    temp_id: "t",
    conversation_id: 1,
    text: "x",
    quote_message_id: null,
    at: 0,
    fault: null,
    isTried: false,
  };
  act(() =>
    desk.store.setState({
      outbox: [
        { ...entry, state: "waiting" },
        { ...entry, state: "refused" },
      ],
    }),
  );
  become(desk, offline(9000));
  pass(1000);
  expect(shown()).toContain("You are offline. 1 message will go out when you are back. Next try in 8 s.");
  act(() => screen.getByRole("button", { name: "Try now" }).click());
  expect(desk.tryNow).toHaveBeenCalledTimes(1);
});

test("the seconds are not read out", () => {
  const desk = live();
  become(desk, offline(9000));
  pass(1000);
  expect(screen.getByText(/Next try/).getAttribute("aria-hidden")).toBe("true");
});

test("back after offline is said, and then quiet again", () => {
  const desk = live();
  become(desk, offline(9000));
  pass(1000);
  become(desk, { kind: "connecting" });
  pass(100);
  become(desk, { kind: "live" });
  expect(shown()).toContain("Back online.");
  pass(4000);
  expect(shown()).toBe("");
});

test("refused comes at once, with the way back in", () => {
  const desk = live();
  become(desk, { kind: "refused" });
  expect(shown()).toContain("Your sign-in has ended.");
  act(() => screen.getByRole("button", { name: "Sign in again" }).click());
  expect(desk.start).toHaveBeenCalledTimes(1);
});

test("a second after the loss it is shown, though tries begin and fail meanwhile", () => {
  const desk = live();
  become(desk, offline(500));
  pass(500);
  become(desk, { kind: "connecting" });
  pass(300);
  become(desk, offline(5000));
  pass(200);
  expect(shown()).toContain("You are offline.");
});

test("a try does not flicker in a banner that is there", () => {
  const desk = live();
  become(desk, offline(2000));
  pass(2000);
  become(desk, { kind: "connecting" });
  pass(500);
  expect(shown()).toContain("You are offline.");
  become(desk, offline(5000));
  pass(5000);
  become(desk, { kind: "connecting" });
  pass(1000);
  expect(shown()).not.toContain("You are offline.");
});

test("live is said only while it is known to be", () => {
  const desk = fakeDesk();
  renderWithDesk(<LiveMark />, desk);
  expect(screen.queryByText("Live")).not.toBeNull();
  become(desk, offline(500));
  expect(screen.queryByText("Live")).toBeNull();
  become(desk, { kind: "live" });
  expect(screen.queryByText("Live")).not.toBeNull();
});

test("back is not said of what is lost again", () => {
  const desk = live();
  become(desk, offline(9000));
  pass(1000);
  become(desk, { kind: "live" });
  become(desk, offline(9000));
  expect(shown()).toBe("");
});
