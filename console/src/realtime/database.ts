// Where messages wait that the desk has not stored: IndexedDB, shared by all tabs of this browser.
import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import type { ConversationId, MessageId, OperatorId } from "../protocol";
import type { Fault, LineMessage } from "./types";

export type StoredEntry = {
  temp_id: string;
  operator_id: OperatorId;
  conversation_id: ConversationId;
  text: string;
  line_message?: LineMessage;
  quote_message_id: MessageId | null;
  at: number;
  /** Why the desk refused it, if it did. */
  refusal: Fault | null;
  /** See `OutboxEntry`. */
  is_tried: boolean;
};

export type OutboxDatabase = {
  /** In the order in which they were added, by whichever tab. */
  list(operator: OperatorId): Promise<StoredEntry[]>;
  add(entry: StoredEntry): Promise<void>;
  /** Keeps its place; does nothing when it is no longer there. */
  update(entry: StoredEntry): Promise<void>;
  remove(tempId: string): Promise<void>;
  /** Leaves nothing of this operator. */
  clear(operator: OperatorId): Promise<void>;
};

interface Schema extends DBSchema {
  outbox: {
    key: number;
    value: StoredEntry & { n?: number };
    indexes: { temp_id: string; operator_id: number };
  };
}

type Open = IDBPDatabase<Schema>;

export function outboxDatabase(name = "linedesk"): OutboxDatabase {
  let opening: Promise<Open> | null = null;
  const open = () => {
    opening ??= openAnew().catch((error: unknown) => {
      opening = null;
      throw error;
    });
    return opening;
  };
  const openAnew = () =>
    openDB<Schema>(name, 1, {
      upgrade(database) {
        const store = database.createObjectStore("outbox", { keyPath: "n", autoIncrement: true });
        store.createIndex("temp_id", "temp_id", { unique: true });
        store.createIndex("operator_id", "operator_id");
      },
      // A newer version of the console in another tab needs it.
      blocking(_current, _wanted, event) {
        opening = null;
        if (event.target instanceof IDBDatabase) event.target.close();
      },
      terminated() {
        opening = null;
      },
    });
  return {
    async list(operator) {
      // An index gives equal keys in the order of the primary key.
      const found = await (await open()).getAllFromIndex("outbox", "operator_id", operator);
      return found.map(({ n: _, ...entry }) => entry);
    },
    async add(entry) {
      await (await open()).add("outbox", entry);
    },
    async update(entry) {
      const change = (await open()).transaction("outbox", "readwrite");
      const n = await change.store.index("temp_id").getKey(entry.temp_id);
      if (n !== undefined) await change.store.put({ ...entry, n });
      await change.done;
    },
    async remove(tempId) {
      const change = (await open()).transaction("outbox", "readwrite");
      const n = await change.store.index("temp_id").getKey(tempId);
      if (n !== undefined) await change.store.delete(n);
      await change.done;
    },
    async clear(operator) {
      const change = (await open()).transaction("outbox", "readwrite");
      for (const n of await change.store.index("operator_id").getAllKeys(operator)) await change.store.delete(n);
      await change.done;
    },
  };
}
