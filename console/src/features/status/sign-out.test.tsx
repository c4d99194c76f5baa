import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test } from "vitest";
import { fakeDesk, ME, renderWithDesk } from "../../testing/fake-desk";
import { clearDrafts, setDraft } from "../composer/drafts";
import { SignOutDialog } from "./sign-out";

const draft = (text: string) => ({ text, isNote: false, since: null });

beforeEach(() => {
  localStorage.clear();
  clearDrafts(ME.id);
});

test("with nothing to lose, the click was the decision", async () => {
  setDraft(2, 1, draft("a colleague's"));
  setDraft(ME.id, 1, draft(""));
  const desk = fakeDesk();
  renderWithDesk(<SignOutDialog onClose={() => {}} />, desk);
  await waitFor(() => expect(desk.signOut).toHaveBeenCalledExactlyOnceWith(false));
  expect(screen.queryByRole("dialog")).toBeNull();
});

test("drafts are not deleted unasked", async () => {
  setDraft(ME.id, 1, draft("half a reply"));
  setDraft(ME.id, 2, { ...draft("half a note"), isNote: true });
  const desk = fakeDesk();
  renderWithDesk(<SignOutDialog onClose={() => {}} />, desk);
  expect((await screen.findByRole("dialog")).textContent).toContain("In 2 conversations something is written");
  expect(desk.signOut).not.toHaveBeenCalled();
  await userEvent.click(screen.getByRole("button", { name: "Sign out" }));
  expect(desk.signOut).toHaveBeenCalledExactlyOnceWith(false);
});
