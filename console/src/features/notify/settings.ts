// What an operator wants to be told of, kept in this browser for each of them, and the same in all tabs.

import * as v from "valibot";
import { useStore } from "zustand";
import { createStore } from "zustand/vanilla";
import { keep, kept } from "../../kept";
import type { OperatorId } from "../../protocol";

export const TOPICS = ["queue", "mine", "mention"] as const;
export type Topic = (typeof TOPICS)[number];

export const TONES = ["bell", "drop", "knock"] as const;
export type Tone = (typeof TONES)[number];

const byTopic = v.object({
  queue: v.optional(v.boolean(), true),
  mine: v.optional(v.boolean(), true),
  mention: v.optional(v.boolean(), true),
});

/** What is missing in what was kept gets its default, so that a new setting does not lose the old ones. */
const schema = v.object({
  sounds: v.optional(byTopic, {}),
  notifications: v.optional(byTopic, {}),
  tone: v.fallback(v.picklist(TONES), "bell"),
  /** 0 to 1. */
  volume: v.fallback(v.pipe(v.number(), v.minValue(0), v.maxValue(1)), 0.6),
  /** The queue's quiet tick while the page is looked at. */
  hasTick: v.optional(v.boolean(), false),
  /** A notification may be seen by others: the text only when it is wanted. */
  shows: v.fallback(v.picklist(["name", "text"]), "name"),
});

export type NotifySettings = v.InferOutput<typeof schema>;

export const DEFAULTS: NotifySettings = v.parse(schema, {});

const keyOf = (id: OperatorId): string => `linedesk.notify.${id}`;

/** What was read or set so far; the store only tells that something in it has changed. */
const known = new Map<OperatorId, NotifySettings>();
const store = createStore<{ changes: number }>(() => ({ changes: 0 }));

/** For code outside of components. */
export function settingsOf(id: OperatorId): NotifySettings {
  const settings = known.get(id) ?? parse(kept(keyOf(id)));
  known.set(id, settings);
  return settings;
}

export function useNotifySettings(id: OperatorId): NotifySettings {
  return useStore(store, () => settingsOf(id));
}

export function changeSettings(id: OperatorId, change: Partial<NotifySettings>): void {
  const next = { ...settingsOf(id), ...change };
  put(id, next);
  keep(keyOf(id), JSON.stringify(next));
}

/** Follows what another tab changes. Returns the way to stop. */
export function followSettings(id: OperatorId): () => void {
  const onStorage = (event: StorageEvent) => {
    if (event.key === keyOf(id)) put(id, parse(event.newValue));
  };
  addEventListener("storage", onStorage);
  return () => removeEventListener("storage", onStorage);
}

function put(id: OperatorId, settings: NotifySettings): void {
  known.set(id, settings);
  store.setState(({ changes }) => ({ changes: changes + 1 }));
}

function parse(text: string | null): NotifySettings {
  if (text === null) return DEFAULTS;
  try {
    const parsed = v.safeParse(schema, JSON.parse(text));
    return parsed.success ? parsed.output : DEFAULTS;
  } catch {
    return DEFAULTS;
  }
}
