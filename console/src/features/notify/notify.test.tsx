import { act, screen } from "@testing-library/react";
import { expect, it, vi } from "vitest";
import { fakeDesk, message, renderWithDesk, session, summary, waiting } from "../../testing/fake-desk";
import { Notify } from "./notify";

it("tells screen readers what happens elsewhere than in the open conversation", () => {
  vi.spyOn(document, "hasFocus").mockReturnValue(true);
  const desk = fakeDesk({ openId: 1 });
  renderWithDesk(<Notify />, desk);
  const status = screen.getByRole("status");
  const open = summary({ id: 1, display_name: "Emma", session: session() });
  act(() => desk.happen({ kind: "customer_wrote", conversation: open, message: message() }));
  expect(status.textContent).toBe("");
  const queued = summary({ id: 2, display_name: "Tan", session: waiting(3) });
  act(() => desk.happen({ kind: "customer_waits", conversation: queued }));
  expect(status.textContent).toBe("Tan: Waits in the queue");
});

it("stops hearing when it goes", () => {
  const desk = fakeDesk();
  const stop = vi.fn();
  desk.onHappening.mockReturnValueOnce(stop);
  renderWithDesk(<Notify />, desk).unmount();
  expect(stop).toHaveBeenCalledTimes(1);
});
