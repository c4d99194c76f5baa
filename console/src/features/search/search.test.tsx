// Search over everything, by its address.
import { act, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import { Router } from "wouter";
import { memoryLocation } from "wouter/memory-location";
import type { SearchAnswer, SearchHit } from "../../protocol";
import {
  answer,
  type FakeDesk,
  fakeDesk,
  lastMessage,
  message,
  renderWithDesk,
  summary,
  thread,
} from "../../testing/fake-desk";
import { excerpt, piecesOf } from "./highlight";
import { Search } from "./search";

const hit = (id: number, content: string): SearchHit => ({
  message: message({ id, conversation_id: 4, content }),
  conversation: summary({ id: 4, display_name: "Emma" }),
});

function show(desk: FakeDesk, path = "/search?q=parcel") {
  const [pathname = "", query = ""] = path.split("?");
  const place = memoryLocation({ path: pathname, searchPath: query, record: true });
  renderWithDesk(
    <Router hook={place.hook} searchHook={place.searchHook}>
      <Search />
    </Router>,
    desk,
  );
  return place;
}

const part = (name: string) => within(screen.getByRole("heading", { name }).parentElement ?? document.body);

describe("search", () => {
  it("shows names and messages with the hit marked, each a link to its place", async () => {
    const desk = fakeDesk();
    desk.findConversations.mockResolvedValueOnce([summary({ id: 9, display_name: "Parcel Service" })]);
    desk.searchMessages.mockResolvedValueOnce({
      items: [
        hit(31, "Where is my PARCEL?"),
        { ...hit(30, ""), message: answer({ id: 30, content: "Your parcel left." }) },
      ],
      next_cursor: null,
    });
    show(desk);
    const [first, second] = await part("Messages").findAllByRole("link");
    expect(first?.getAttribute("href")).toBe("/c/4?m=31");
    expect(first?.querySelector("mark")?.textContent).toBe("PARCEL");
    expect(second?.textContent).toContain("You: Your parcel left.");
    expect(part("Conversations").getByRole("link").getAttribute("href")).toBe("/c/9");
    expect(screen.getByRole("status").textContent).toBe("Conversations: 1. Messages: 2.");
  });

  it("drops what is withdrawn meanwhile", async () => {
    const desk = fakeDesk();
    desk.findConversations.mockResolvedValueOnce([
      summary({ id: 4, last_message: lastMessage({ content: "my card" }) }),
    ]);
    desk.searchMessages.mockResolvedValueOnce({
      items: [hit(31, "parcel to my card"), hit(30, "parcel my card"), hit(29, "parcel kept")],
      next_cursor: null,
    });
    show(desk);
    expect(await part("Messages").findAllByRole("link")).toHaveLength(3);
    const unsent_at = new Date(0).toISOString();
    const gone = message({ id: 30, conversation_id: 4, content: "", unsent_at });
    act(() =>
      desk.store.setState({
        conversations: new Map([
          [4, summary({ id: 4, last_message: lastMessage({ id: 31, content: "", unsent_at }) })],
        ]),
        threads: new Map([[4, thread({ messages: [gone] })]]),
      }),
    );
    expect(document.body.innerHTML).not.toContain("my card");
    expect(part("Messages").getAllByRole("link")).toHaveLength(1);
  });

  it("goes on page by page", async () => {
    const user = userEvent.setup();
    const desk = fakeDesk();
    desk.searchMessages.mockResolvedValueOnce({ items: [hit(31, "parcel 31")], next_cursor: "31" });
    desk.searchMessages.mockRejectedValueOnce({ code: "unavailable", message: "", retryable: true });
    desk.searchMessages.mockResolvedValueOnce({ items: [hit(12, "parcel 12")], next_cursor: null });
    show(desk);
    await user.click(await screen.findByRole("button", { name: "Show more" }));
    expect(await screen.findByText("The next messages were not loaded.")).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "Show more" }));
    await waitFor(() => expect(part("Messages").getAllByRole("link")).toHaveLength(2));
    expect(desk.searchMessages).toHaveBeenLastCalledWith("parcel", "31");
    expect(screen.queryByRole("button", { name: "Show more" })).toBeNull();
  });

  it("says what to do when nothing is found, and when nothing is asked", async () => {
    show(fakeDesk());
    expect(await screen.findByText(/No message contains “parcel”/)).toBeTruthy();
    expect(screen.getByText("Nobody is called “parcel”.")).toBeTruthy();
  });

  it("asks nothing without words", () => {
    const desk = fakeDesk();
    show(desk, "/search");
    expect(screen.getByText(/Search every message and note/)).toBeTruthy();
    expect(desk.searchMessages).not.toHaveBeenCalled();
  });

  it("says that it failed, keeps the other half, and tries again", async () => {
    const user = userEvent.setup();
    const desk = fakeDesk();
    desk.findConversations.mockResolvedValue([summary({ id: 9, display_name: "Parcel Service" })]);
    desk.searchMessages.mockRejectedValueOnce({ code: "offline", message: "", retryable: true });
    show(desk);
    expect(await screen.findByText("The messages were not searched.")).toBeTruthy();
    expect(part("Conversations").getByRole("link")).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "Try again" }));
    expect(desk.searchMessages).toHaveBeenCalledTimes(2);
  });

  it("drops an answer that was overtaken", async () => {
    const desk = fakeDesk();
    let finish: (answer: SearchAnswer) => void = () => {};
    const late = new Promise<SearchAnswer>((resolve) => {
      finish = resolve;
    });
    desk.searchMessages.mockReturnValueOnce(late);
    desk.searchMessages.mockResolvedValueOnce({ items: [hit(2, "refund")], next_cursor: null });
    const place = show(desk);
    act(() => place.navigate("/search?q=refund"));
    expect((await part("Messages").findByRole("link")).textContent).toContain("refund");
    await act(async () => finish({ items: [hit(1, "parcel")], next_cursor: null }));
    expect(part("Messages").getByRole("link").textContent).toContain("refund");
  });

  it("puts what is typed into the address, and goes down into the hits", async () => {
    const user = userEvent.setup();
    const desk = fakeDesk();
    desk.searchMessages.mockResolvedValue({ items: [hit(31, "parcel 31"), hit(30, "parcel 30")], next_cursor: null });
    const place = show(desk, "/search");
    const field = screen.getByRole("searchbox");
    expect(document.activeElement).toBe(field);
    await user.type(field, "parcel{Enter}");
    expect(place.history).toEqual(["/search?q=parcel"]);
    await part("Messages").findAllByRole("link");
    await user.keyboard("{ArrowDown}{ArrowDown}{ArrowUp}");
    expect(document.activeElement?.textContent).toContain("parcel 31");
    await user.keyboard("{ArrowUp}");
    expect(document.activeElement).toBe(field);
    await user.keyboard("{ArrowDown}{Enter}");
    expect(place.history.at(-1)).toBe("/c/4?m=31");
  });
});

describe("highlighting", () => {
  it("marks every hit, whatever its case, and takes signs as they are", () => {
    expect(piecesOf("a.b A.B axb", "a.b").filter((piece) => piece.isHit)).toHaveLength(2);
    expect(piecesOf("(50%) [x] \\ - /", "[x]").find((piece) => piece.isHit)?.text).toBe("[x]");
    expect(piecesOf("ตรวจสอบสถานะ", "สถานะ").at(-1)).toEqual({ text: "สถานะ", isHit: true });
  });

  it("cuts a long text so that the first hit is in sight, and no character in two", () => {
    const text = `${"😀".repeat(300)}needle${"😀".repeat(300)}`;
    const cut = excerpt(text, "needle");
    expect(cut).toMatch(/^….*needle.*…$/u);
    expect(cut).not.toMatch(/\p{Surrogate}/u);
  });
});
