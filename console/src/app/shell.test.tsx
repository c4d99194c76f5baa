import { act, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test, vi } from "vitest";
import { fakeDesk, ME, renderWithDesk, summary, withRows } from "../testing/fake-desk";
import { App } from "./app";
import { placeOf } from "./places";

let width = 1440;

beforeEach(() => {
  width = 1440;
  localStorage.clear();
  history.replaceState(null, "", "/");
  // jsdom has none.
  vi.stubGlobal(
    "IntersectionObserver",
    class {
      observe() {}
      unobserve() {}
      disconnect() {}
    },
  );
  vi.stubGlobal("matchMedia", (query: string) => ({
    matches: width >= Number(/min-width: (\d+)px/.exec(query)?.[1] ?? Number.POSITIVE_INFINITY),
    addEventListener: () => {},
    removeEventListener: () => {},
  }));
});

function at(place: string, state = withRows([summary({ id: 7 })])) {
  history.replaceState(null, "", place);
  const desk = fakeDesk(state);
  renderWithDesk(<App />, desk);
  return desk;
}

test("the address opens its conversation, and leaving closes it", async () => {
  const desk = at(placeOf.conversation(7));
  expect(desk.open).toHaveBeenLastCalledWith(7);
  await userEvent.click(screen.getByRole("link", { name: /^Settings/ }));
  expect(desk.open).toHaveBeenLastCalledWith(null);
  expect(await screen.findByRole("heading", { name: "Settings" })).toBeDefined();
});

test("the address chooses the list; elsewhere it stays, also over a reload", () => {
  const desk = at(placeOf.list("waiting"));
  expect(desk.showList).toHaveBeenLastCalledWith({ status: "waiting", q: "", tag: null });
  const later = at(placeOf.conversation(7));
  expect(later.showList).toHaveBeenLastCalledWith({ status: "waiting", q: "", tag: null });
});

test("an address of nothing says so", () => {
  at("/nope");
  expect(screen.getByText("There is nothing at this address")).toBeDefined();
});

test("the edge of the list is moved by keys, within its bounds, and kept", async () => {
  at("/");
  const edge = screen.getByRole("separator", { name: "Width of the list" });
  edge.focus();
  await userEvent.keyboard("{ArrowRight}{ArrowRight}");
  expect(edge.getAttribute("aria-valuenow")).toBe("380");
  await userEvent.keyboard("{End}{ArrowRight}");
  expect(edge.getAttribute("aria-valuenow")).toBe("460");
  expect(localStorage.getItem("linedesk.list_width")).toBe("460");
});

test("wide: the panel stands open, folds, and stays folded", async () => {
  at(placeOf.conversation(7));
  const panel = screen.getByRole("complementary");
  await userEvent.click(within(panel).getByRole("button", { name: /hide/i }));
  expect(screen.queryByRole("complementary")).toBeNull();
  expect(localStorage.getItem("linedesk.panel")).toBe("folded");
});

test("phone: one column at a time", () => {
  width = 390;
  at(placeOf.conversation(7));
  expect(document.querySelector(".app")?.getAttribute("data-view")).toBe("main");
  expect(screen.queryByRole("complementary")).toBeNull();
});

test("signing out with unsent messages asks first", async () => {
  const entry = {
    temp_id: "t",
    conversation_id: 7,
    text: "x",
    quote_message_id: null,
    at: 0,
    fault: null,
    isTried: false,
  };
  const desk = at("/", { ...withRows([]), outbox: [{ ...entry, state: "waiting" }] });
  await userEvent.click(screen.getByRole("button", { name: /^You: status/ }));
  await userEvent.click(await screen.findByRole("menuitem", { name: "Sign out" }));
  expect(desk.signOut).not.toHaveBeenCalled();
  const dialog = await screen.findByRole("dialog", { name: "Sign out?" });
  await userEvent.click(within(dialog).getByRole("button", { name: "Sign out" }));
  expect(desk.signOut).toHaveBeenCalledTimes(1);
});

test("a refused status says so", async () => {
  const desk = at("/", { presence: [{ id: ME.id, name: ME.display_name, status: "online", active_chats: 0 }] });
  desk.setStatus.mockRejectedValueOnce({ code: "offline", message: "", retryable: true });
  await userEvent.click(screen.getByRole("button", { name: /^You: status/ }));
  await userEvent.click(await screen.findByRole("menuitemcheckbox", { name: "Away" }));
  expect(await screen.findByText(/Your status was not changed/)).toBeDefined();
});

test("a sign-in that ends leaves the operator's place", () => {
  const desk = at(placeOf.conversation(7));
  act(() => desk.store.setState({ signIn: { kind: "signed_out", reason: "ended" } }));
  expect(screen.getByRole("heading", { name: "Sign in" })).toBeDefined();
  expect(location.pathname).toBe("/c/7");
});
