// What can be done from the keyboard right now. A feature's commands are here while its screen is;
// each is a shortcut, an entry of the palette and a line of the help.
import { useEffect, useEffectEvent, useId, useMemo } from "react";
import { useStore } from "zustand";
import { createStore } from "zustand/vanilla";
import { formatStroke, parseKeys } from "./strokes";

export type CommandGroup = "move" | "act" | "write" | "general";

export type Command = {
  /** "session.claim". The same id mounted twice is one command: the later one. */
  id: string;
  /** Each one is enough: `["j", "ArrowDown"]`, `["g q"]`, `["mod+Enter"]`. `mod` is Ctrl, or Cmd on a Mac. */
  keys?: readonly string[] | undefined;
  label: string;
  run: () => void;
  isEnabled?: boolean | undefined;
  /** Plain keys run in fields too; keys with `mod` or `alt` always do. */
  inFields?: boolean | undefined;
  /** Runs while a dialog or a menu is open: for what belongs to the dialog. */
  inDialogs?: boolean | undefined;
  /** Where the help shows it; found from the id's first word when left out. */
  group?: CommandGroup | undefined;
};

export type RegisteredCommand = Omit<Command, "keys" | "group" | "isEnabled"> & {
  keys: readonly string[];
  group: CommandGroup;
  isEnabled: boolean;
  token: string;
};

const store = createStore<{ commands: readonly RegisteredCommand[] }>(() => ({ commands: [] }));

/** Registers a command while the component is mounted. The words and `run` may change at each render. */
export function useCommand(command: Command): void {
  const { id, label, inFields, inDialogs } = command;
  const group = command.group ?? groupOf(id);
  const isEnabled = command.isEnabled ?? true;
  const written = command.keys?.join("\n") ?? "";
  const run = useEffectEvent(() => command.run());
  const token = useId();

  useEffect(() => {
    const keys = written === "" ? [] : written.split("\n");
    put({ token, id, keys, label, group, inFields, inDialogs, isEnabled, run: () => run() });
  }, [token, id, written, label, group, inFields, inDialogs, isEnabled]);
  // Apart from the above, so that new words do not move it to the end.
  useEffect(() => () => remove(token), [token]);
}

/** What is registered now, in the order of mounting. For the listener. */
export const registeredCommands = (): readonly RegisteredCommand[] => store.getState().commands;

/** Every command, each id once: the later one, but one that is enabled before one that is not. */
export function useCommands(): readonly RegisteredCommand[] {
  const commands = useStore(store, (state) => state.commands);
  return useMemo(() => {
    const byId = new Map<string, RegisteredCommand>();
    for (const one of commands) if (one.isEnabled || !byId.get(one.id)?.isEnabled) byId.set(one.id, one);
    return [...byId.values()];
  }, [commands]);
}

/** "Ctrl+Enter", "G Q", "⌘K"; of several the first. */
export function formatKeys(keys: string | readonly string[]): string {
  return formatStrokes(keys).join(" ");
}

/** One text a key cap. */
export function formatStrokes(keys: string | readonly string[]): readonly string[] {
  const first = typeof keys === "string" ? keys : keys[0];
  return first ? parseKeys(first).map(formatStroke) : [];
}

/** A command that is there already keeps its place. */
function put(command: RegisteredCommand): void {
  store.setState(({ commands }) => ({
    commands: commands.some((one) => one.token === command.token)
      ? commands.map((one) => (one.token === command.token ? command : one))
      : [...commands, command],
  }));
}

function remove(token: string): void {
  store.setState(({ commands }) => ({ commands: commands.filter((one) => one.token !== token) }));
}

const GROUPS: Record<string, CommandGroup> = {
  go: "move",
  list: "move",
  conversation: "act",
  customer: "act",
  session: "act",
  composer: "write",
  note: "write",
  search: "write",
  thread: "write",
};

const groupOf = (id: string): CommandGroup => GROUPS[id.split(".")[0] ?? ""] ?? "general";
