// Files that are chosen for a conversation and not yet on the desk. They live in this page: a browser gives a file to the
// page that it was chosen in.
import { useStore } from "zustand";
import { createStore } from "zustand/vanilla";
import type { Desk } from "../../desk/types";
import type { ConversationId } from "../../protocol";
import { newId } from "../../realtime/browser";
import { isFault } from "../../realtime/faults";
import type { Fault } from "../../realtime/types";
import { onForget } from "../../ui/forget";
import { videoFrame } from "./video-frame";

/** `flaw`: it cannot go as it is. */
export type Chosen = {
  tempId: string;
  file: File;
  flaw: "empty" | "too_large" | null;
  state: "ready" | "sending";
  fault: Fault | null;
};

/** As many as one looks over before they go. */
export const MAX_FILES = 10;

type All = ReadonlyMap<ConversationId, readonly Chosen[]>;

const store = createStore<{ all: All }>(() => ({ all: new Map() }));
const NONE: readonly Chosen[] = [];
onForget(() => store.setState({ all: new Map() }));

export const useFiles = (id: ConversationId): readonly Chosen[] => useStore(store, ({ all }) => all.get(id) ?? NONE);

const filesOf = (id: ConversationId): readonly Chosen[] => store.getState().all.get(id) ?? NONE;

function put(id: ConversationId, files: readonly Chosen[]): void {
  store.setState(({ all }) => {
    const next = new Map(all);
    if (files.length > 0) next.set(id, files);
    else next.delete(id);
    return { all: next };
  });
}

/** Adds files, as many as there is room for; tells whether all of them were. */
export function addFiles(id: ConversationId, files: readonly File[], mostBytes: number): boolean {
  const known = filesOf(id);
  const added = files.slice(0, MAX_FILES - known.length);
  put(id, [
    ...known,
    ...added.map(
      (file): Chosen => ({ tempId: newId(), file, flaw: flawOf(file, mostBytes), state: "ready", fault: null }),
    ),
  ]);
  return added.length === files.length;
}

export function flawOf(file: { size: number }, mostBytes: number): Chosen["flaw"] {
  if (file.size === 0) return "empty";
  return file.size > mostBytes ? "too_large" : null;
}

export function removeFile(id: ConversationId, tempId: string): void {
  put(
    id,
    filesOf(id).filter((one) => one.tempId !== tempId),
  );
}

/** One after the other, in their order; one that is refused stays with the reason, and so do those after it. */
export async function sendFiles(
  desk: Desk,
  id: ConversationId,
  look: (file: File) => Promise<Blob | null> = videoFrame,
): Promise<void> {
  if (filesOf(id).some((one) => one.state === "sending")) return;
  for (const { tempId } of filesOf(id)) {
    const chosen = filesOf(id).find((one) => one.tempId === tempId);
    if (!chosen || chosen.flaw) continue;
    change(id, tempId, { state: "sending", fault: null });
    try {
      await desk.sendFile(id, chosen.file, tempId, await look(chosen.file));
      removeFile(id, tempId);
    } catch (reason) {
      if (!isFault(reason)) throw reason;
      change(id, tempId, { state: "ready", fault: reason });
      return;
    }
  }
}

function change(id: ConversationId, tempId: string, to: Partial<Chosen>): void {
  put(
    id,
    filesOf(id).map((one) => (one.tempId === tempId ? { ...one, ...to } : one)),
  );
}

export function hasFiles(): boolean {
  return store.getState().all.size > 0;
}
