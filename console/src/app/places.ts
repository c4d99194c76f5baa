// The places of the app: every screen has an address, and only this file knows how it is written.
import type { ConversationId, ListStatus, MessageId } from "../protocol";

const LISTS: Record<ListStatus, string> = {
  all: "/all",
  waiting: "/queue",
  mine: "/mine",
  active: "/active",
  bot: "/bot",
  closed: "/closed",
};

export const placeOf = {
  list: (status: ListStatus): string => LISTS[status],
  conversation: (id: ConversationId, message?: MessageId): string =>
    message === undefined ? `/c/${id}` : `/c/${id}?m=${message}`,
  search: (q = ""): string => (q ? `/search?q=${encodeURIComponent(q)}` : "/search"),
  usage: "/usage",
  settings: "/settings",
  setup: "/setup",
};

export type Place =
  /** `status` is null at `/`: whichever list was shown last. */
  | { kind: "list"; status: ListStatus | null }
  | { kind: "conversation"; id: ConversationId; message: MessageId | null }
  | { kind: "search"; q: string }
  | { kind: "usage" }
  | { kind: "settings" }
  | { kind: "setup" }
  | { kind: "nowhere" };

export function readPlace(path: string, query: string): Place {
  const params = new URLSearchParams(query);
  if (path === "/" || path === "") return { kind: "list", status: null };
  for (const [status, place] of Object.entries(LISTS)) {
    if (place === path) return { kind: "list", status: listStatus(status) };
  }
  const id = /^\/c\/(\d{1,15})$/.exec(path)?.[1];
  if (id) return { kind: "conversation", id: Number(id), message: wholeNumber(params.get("m")) };
  if (path === "/search") return { kind: "search", q: params.get("q") ?? "" };
  if (path === "/usage") return { kind: "usage" };
  if (path === "/settings") return { kind: "settings" };
  if (path === "/setup") return { kind: "setup" };
  return { kind: "nowhere" };
}

/** "all" when it is not one. */
export function listStatus(text: string | null): ListStatus {
  switch (text) {
    case "waiting":
    case "active":
    case "mine":
    case "bot":
    case "closed":
      return text;
    default:
      return "all";
  }
}

function wholeNumber(text: string | null): number | null {
  return text && /^\d{1,15}$/.test(text) ? Number(text) : null;
}
