// The composer of a conversation of mine, for tests of what is made in it. Importing this leaves no draft between tests.
import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach } from "vitest";
import type { Summary } from "../../protocol";
import type { LineMessage, OutboxEntry } from "../../realtime/types";
import { fakeDesk, ME, renderWithDesk, session, summary, thread, withRows } from "../../testing/fake-desk";
import { forgetAll } from "../../ui/forget";
import { Composer } from "./composer";
import { clearDrafts } from "./drafts";

beforeEach(() => localStorage.clear());
afterEach(() => {
  forgetAll();
  clearDrafts(ME.id);
});

export function open(over: Partial<Summary> = {}) {
  const row = summary({ id: 1, display_name: "Malee", session: session(), ...over });
  const desk = fakeDesk({ ...withRows([row]), openId: 1, threads: new Map([[1, thread()]]) });
  renderWithDesk(<Composer id={1} />, desk);
  return { desk, user: userEvent.setup() };
}

export const refused = { ok: false, fault: { code: "outbox_full", message: "", retryable: false } } as const;

/** A message of mine that the desk refused. */
export const entry = (line_message: LineMessage, text = ""): OutboxEntry => ({
  temp_id: "a",
  conversation_id: 1,
  text,
  line_message,
  quote_message_id: null,
  at: 0,
  state: "refused",
  fault: null,
  isTried: false,
});

export const field = () => screen.getByRole("textbox", { name: /^Reply to/ });
