import { act, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, test, vi } from "vitest";
import type { Fault } from "../../realtime/types";
import { fakeDesk, ME, renderWithDesk } from "../../testing/fake-desk";
import { Gate } from "./gate";

const fault = (code: Fault["code"], over: Partial<Fault> = {}): Fault => ({
  code,
  message: "",
  retryable: true,
  ...over,
});

function gate(reason: "new" | "ended" | "away", outbox = 0) {
  const entry = {
    temp_id: "t",
    conversation_id: 1,
    text: "x",
    quote_message_id: null,
    at: 0,
    fault: null,
    isTried: false,
  };
  const desk = fakeDesk({
    signIn: { kind: "signed_out", reason },
    outbox: Array.from({ length: outbox }, (_, at) => ({ ...entry, temp_id: `t${at}`, state: "waiting" as const })),
  });
  renderWithDesk(<Gate>the desk</Gate>, desk);
  return desk;
}

async function submit(): Promise<void> {
  await userEvent.type(screen.getByLabelText("User name"), " arisa ");
  await userEvent.type(screen.getByLabelText("Password"), "secret-one{Enter}");
}

beforeEach(() => history.replaceState(null, "", "/c/7?m=9"));

describe("signing in", () => {
  test("gives the name without blanks, the password as it is, and leaves the address alone", async () => {
    const desk = gate("new");
    await submit();
    expect(desk.signIn).toHaveBeenCalledWith("arisa", "secret-one");
    expect(location.pathname + location.search).toBe("/c/7?m=9");
    act(() => desk.store.setState({ signIn: { kind: "signed_in", user: ME } }));
    expect(screen.getByText("the desk")).toBeDefined();
  });

  test("a wrong password is said, and the field has the focus", async () => {
    const desk = gate("new");
    desk.signIn.mockRejectedValueOnce(fault("auth_invalid_token"));
    await submit();
    expect(screen.getByText(/name or the password is wrong/)).toBeDefined();
    expect(document.activeElement).toBe(screen.getByLabelText("Password"));
  });

  test("locked out: counts down, lets nothing through, then says when it is over", async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true });
    const desk = gate("new");
    desk.signIn.mockRejectedValueOnce(fault("rate_limit_exceeded", { retry_after_ms: 3000 }));
    await submit();
    const button = screen.getByRole("button", { name: "Sign in" });
    expect(button).toHaveProperty("disabled", true);
    expect(screen.getAllByText(/try again in [23] s/).length).toBeGreaterThan(0);
    act(() => {
      vi.advanceTimersByTime(4000);
    });
    expect(screen.getByText("You can try again now.")).toBeDefined();
    expect(button).toHaveProperty("disabled", false);
    vi.useRealTimers();
  });

  test("expired: says so and what is kept", () => {
    gate("ended", 2);
    expect(screen.getByText(/sign-in has ended.*2 unsent messages are kept/)).toBeDefined();
  });

  test("the desk does not answer a try", async () => {
    const desk = gate("new");
    desk.signIn.mockRejectedValueOnce(fault("offline"));
    await submit();
    expect(screen.getByText(/desk does not answer/)).toBeDefined();
  });

  test("the desk is away at the start: trying goes on, and can be hurried", async () => {
    const desk = gate("away", 2);
    expect(screen.getByText("The desk cannot be reached")).toBeDefined();
    expect(screen.getByText("2 messages will go out when you are back.")).toBeDefined();
    act(() => desk.store.setState({ connection: { kind: "offline", retryAt: Date.now() + 8000 } }));
    expect(screen.getByText(/^Next try in \d s\.$/)).toBeDefined();
    act(() => desk.store.setState({ connection: { kind: "connecting" } }));
    expect(screen.getByText("Trying now…")).toBeDefined();
    await userEvent.click(screen.getByRole("button", { name: "Try now" }));
    expect(desk.tryNow).toHaveBeenCalledTimes(1);
  });
});
