import { act, render, screen } from "@testing-library/react";
import { expect, test } from "vitest";
import type { DeskState } from "../desk/types";
import { restoreDraft, takeRestored } from "../features/composer/quote";
import { runAct } from "../features/session/acts";
import type { Fault } from "../realtime/types";
import { COLLEAGUE, fakeDesk, ME, session, summary } from "../testing/fake-desk";
import { showToast, Toasts } from "../ui/toasts";
import { forgetBetweenTurns } from "./turn";

const nok = { ...ME, id: COLLEAGUE.id, display_name: COLLEAGUE.display_name };
const starting: DeskState["signIn"] = { kind: "starting" };
const ended: DeskState["signIn"] = { kind: "signed_out", reason: "ended" };
const left: DeskState["signIn"] = { kind: "signed_out", reason: "new" };

function leaveThings() {
  restoreDraft(5, "Arisa's words");
  showToast({ text: "Discarded your message to Bo" });
}

test("what one operator left does not meet the next, be it after a sign-out or in another tab's stead", () => {
  for (const between of [left, ended]) {
    const desk = fakeDesk({ signIn: starting });
    const stop = forgetBetweenTurns(desk);
    desk.store.setState({ signIn: { kind: "signed_in", user: ME } });
    leaveThings();
    desk.store.setState({ signIn: between });
    desk.store.setState({ signIn: { kind: "signed_in", user: nok } });
    expect(takeRestored(5)).toBeNull();
    render(<Toasts />);
    expect(screen.queryByText(/to Bo/)).toBeNull();
    stop();
  }
});

test("who has to sign in again finds everything", () => {
  const desk = fakeDesk({ signIn: starting });
  const stop = forgetBetweenTurns(desk);
  desk.store.setState({ signIn: { kind: "signed_in", user: ME } });
  leaveThings();
  desk.store.setState({ signIn: ended });
  desk.store.setState({ signIn: { kind: "signed_in", user: ME } });
  expect(takeRestored(5)).toBe("Arisa's words");
  stop();
});

test("an act whose answer comes after the sign-out is not told to the next", async () => {
  const bo = summary({ display_name: "Bo", session: session() });
  const desk = fakeDesk({ conversations: new Map([[1, bo]]) });
  const stop = forgetBetweenTurns(desk);
  render(<Toasts />);
  let fail: (fault: Fault) => void = () => {};
  desk.close.mockReturnValueOnce(new Promise((_, reject) => (fail = reject)));
  const done = runAct(desk, 1, "close");
  act(() => desk.store.setState({ signIn: left }));
  fail({ code: "disconnected", message: "", retryable: true });
  expect(await done).toBe(false);
  expect(screen.queryByText(/Bo/)).toBeNull();
  stop();
});
