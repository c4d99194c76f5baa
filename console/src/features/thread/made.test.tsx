// What was made in the composer, as the thread shows it.
import { act, screen, within } from "@testing-library/react";
import { userEvent } from "@testing-library/user-event";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { DeskState } from "../../desk/types";
import type { Message } from "../../protocol";
import type { LineMessage, OutboxEntry } from "../../realtime/types";
import {
  answer,
  at,
  fakeDesk,
  ME,
  message,
  renderWithDesk,
  session,
  summary,
  thread,
  withRows,
} from "../../testing/fake-desk";
import { forgetAll } from "../../ui/forget";
import { clearDrafts, getDraft } from "../composer/drafts";
import { askMembers } from "../customer/members-store";
import { ThreadView } from "./thread";

class Nowhere {
  observe() {}
  unobserve() {}
  disconnect() {}
}

beforeEach(() => {
  vi.stubGlobal("IntersectionObserver", Nowhere);
});
afterEach(() => {
  vi.unstubAllGlobals();
  forgetAll();
  clearDrafts(ME.id);
});

function show(messages: readonly Message[], state: Partial<DeskState> = {}) {
  const rows = withRows([summary({ session: session() })]);
  const desk = fakeDesk({ ...rows, openId: 1, threads: new Map([[1, thread({ messages })]]), ...state });
  renderWithDesk(<ThreadView id={1} />, desk);
  return desk;
}

const log = () => screen.getByRole("log");
const row = (id: number) => {
  const found = log().querySelector(`[data-id="${id}"]`);
  if (!(found instanceof HTMLElement)) throw new Error(`no row ${id}`);
  return found;
};

const sticker = { type: "sticker", packageId: "446", stickerId: "1988" };
const entry = (line_message: LineMessage, over: Partial<OutboxEntry> = {}): OutboxEntry => ({
  temp_id: "a",
  conversation_id: 1,
  text: "",
  line_message,
  quote_message_id: null,
  at: Date.parse(at(10)),
  state: "waiting",
  fault: null,
  isTried: false,
  ...over,
});

test("cards, menus, stickers and quick replies that were sent are drawn, before the desk has them and after", () => {
  const card = { type: "bubble", body: { type: "box", contents: [{ type: "text", text: "Paid in full" }] } };
  const menu = { type: "confirm", text: "Sure?", actions: [{ type: "message", label: "Yes", text: "Yes" }] };
  const quickReply = { items: [{ type: "action", action: { type: "message", label: "Thanks", text: "Thanks" } }] };
  const flex = { type: "flex", altText: "Receipt", contents: card };
  show(
    [
      answer({ id: 1, message_type: "flex", content: "Receipt", payload: flex }),
      answer({ id: 2, message_type: "template", content: "Sure?", payload: { type: "template", template: menu } }),
      answer({ id: 3, content: "Bye", payload: { type: "text", text: "Bye", quickReply } }),
      answer({ id: 4, message_type: "sticker", content: "", payload: sticker }),
    ],
    { outbox: [entry(sticker), entry(flex, { temp_id: "b", text: "Receipt" })] },
  );
  within(row(1)).getByText("Paid in full");
  within(row(2)).getByText("Yes");
  within(row(3)).getByText("Thanks");
  within(row(4)).getByText("Sticker: #1988");
  expect(screen.getAllByText("Sticker: #1988")).toHaveLength(2);
  expect(screen.getAllByText("Paid in full")).toHaveLength(2);
  expect(log().querySelector(".bub .pv-card")).toBeNull();
});

test("mentions have the names of those they mean", async () => {
  const mention = (userId: string) => ({ type: "mention", mentionee: { type: "user", userId } });
  const text = "Hi {m1}, {m2} and {all}: {{ok}} {what}";
  const all = { type: "mention", mentionee: { type: "all" } };
  const substitution = { m1: mention("U00aa"), m2: mention("U00bb"), all };
  const sent = answer({ id: 1, content: text, payload: { type: "textV2", text, substitution } });
  const theirs = message({ id: 2, content: "{m1}", payload: { type: "textV2", text: "{m1}", substitution } });
  const desk = show([sent, theirs]);
  // Known by their ids at first.
  within(row(1)).getByText("@Member 00aa");
  // The question of the row itself: nobody known yet.
  await act(() => askMembers(desk, 1));
  desk.members.mockResolvedValue({
    members: [{ line_user_id: "U00aa", display_name: "มาลี", has_left: true }],
    member_count: 1,
  });
  await act(() => askMembers(desk, 1));
  await within(row(1)).findByText("@มาลี");
  expect(row(1).querySelector(".bub")?.textContent).toBe("Hi @มาลี, @Member 00bb and @All: {ok} {what}");
  expect(row(2).querySelector(".bub")?.textContent).toBe("{m1}");
});

test("what was refused goes back to where it was made; a sticker has nothing to change", async () => {
  const fault = { code: "internal_error", message: "", retryable: false } as const;
  const place = { type: "location", title: "Shop", address: "1 Silom Rd", latitude: 13, longitude: 100 };
  const desk = show([message()], {
    outbox: [entry(sticker, { state: "refused", fault }), entry(place, { temp_id: "b", state: "refused", fault })],
  });
  expect(screen.getAllByRole("button", { name: "Try again" })).toHaveLength(2);
  await userEvent.click(screen.getByRole("button", { name: "Edit" }));
  expect(desk.discard).toHaveBeenCalledExactlyOnceWith("b");
  expect(getDraft(ME.id, 1).place?.latitude).toBe("13");
});
