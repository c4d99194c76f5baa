import { act, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import "../testing/fake-desk";
import { showToast, Toasts } from "./toasts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  act(() => {
    vi.runAllTimers();
  });
  vi.useRealTimers();
});

test("a toast is announced and goes by itself", () => {
  render(<Toasts />);
  act(() => {
    showToast({ text: "Copied", ms: 2000 });
  });
  expect(screen.getByText("Copied").closest("[aria-live]")?.getAttribute("aria-live")).toBe("polite");
  act(() => {
    vi.advanceTimersByTime(1999);
  });
  expect(screen.queryByText("Copied")).not.toBeNull();
  act(() => {
    vi.advanceTimersByTime(1);
  });
  expect(screen.queryByText("Copied")).toBeNull();
});

test("its act runs once and takes it away", () => {
  const run = vi.fn();
  render(<Toasts />);
  act(() => {
    showToast({ text: "Closed", action: { label: "Undo", run } });
  });
  act(() => screen.getByRole("button", { name: "Undo" }).click());
  expect(run).toHaveBeenCalledTimes(1);
  expect(screen.queryByText("Closed")).toBeNull();
});
