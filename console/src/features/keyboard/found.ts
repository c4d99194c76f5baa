// What the palette lists for what was typed: commands by group, conversations by name, and the way to the full search.

import type { DeskState } from "../../desk/types";
import type { ConversationId, Summary } from "../../protocol";
import { nameOf } from "../../ui/name";
import type { CommandGroup, RegisteredCommand } from "./commands";
import { type Match, match } from "./fuzzy";

export type Entry =
  | { kind: "command"; id: string; command: RegisteredCommand; match: Match }
  | { kind: "conversation"; id: string; summary: Summary; name: string; match: Match }
  | { kind: "search"; id: string; q: string };

export type Section = { id: CommandGroup | "conversations"; entries: readonly Entry[] };

const MOST_CONVERSATIONS = 8;
/** Without a word typed: enough to see that names can be found here. */
const FIRST_CONVERSATIONS = 4;

/** Sections in the order of the screen; none of them empty. */
export function findEntries(
  commands: readonly RegisteredCommand[],
  state: DeskState,
  typed: string,
): readonly Section[] {
  const q = typed.trim();
  const of = (group: CommandGroup): Section => ({ id: group, entries: findCommands(commands, group, q) });
  const conversations: Section = { id: "conversations", entries: findConversations(state, q) };
  const rest = of("general");
  const search: Entry[] = q === "" ? [] : [{ kind: "search", id: "search", q }];
  return [
    of("act"),
    conversations,
    of("move"),
    of("write"),
    { id: rest.id, entries: [...rest.entries, ...search] },
  ].filter((section: Section) => section.entries.length > 0);
}

function findCommands(commands: readonly RegisteredCommand[], group: CommandGroup, q: string): readonly Entry[] {
  const found: Extract<Entry, { kind: "command" }>[] = [];
  for (const command of commands) {
    if (command.group !== group || !command.isEnabled) continue;
    const matched = match(command.label, q);
    if (matched) found.push({ kind: "command", id: `command.${command.id}`, command, match: matched });
  }
  // Of equal matches those with a key come first: they are what is done all day.
  return found.sort(
    (one, other) => one.match.score - other.match.score || Number(isKeyless(one)) - Number(isKeyless(other)),
  );
}

const isKeyless = ({ command }: { command: RegisteredCommand }): boolean => command.keys.length === 0;

function findConversations(state: DeskState, q: string): readonly Entry[] {
  const found: Extract<Entry, { kind: "conversation" }>[] = [];
  for (const summary of inOrder(state, q === "" ? FIRST_CONVERSATIONS : Number.POSITIVE_INFINITY)) {
    const name = nameOf(summary);
    const matched = match(name, q);
    if (matched) found.push({ kind: "conversation", id: `conversation.${summary.id}`, summary, name, match: matched });
  }
  // The sort is stable: of equal matches the row that is higher in the list comes first.
  return found.sort((one, other) => one.match.score - other.match.score).slice(0, MOST_CONVERSATIONS);
}

/** The list's rows first, then what else is known; without the one that is open. */
function inOrder(state: DeskState, most: number): readonly Summary[] {
  const ids = new Set<ConversationId>([...state.list.ids, ...state.conversations.keys()]);
  const rows: Summary[] = [];
  for (const id of ids) {
    if (rows.length >= most) break;
    const summary = state.conversations.get(id);
    if (summary && id !== state.openId) rows.push(summary);
  }
  return rows;
}
