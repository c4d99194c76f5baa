// The outbox's entries: in memory, where they are shown from, and in the database, which all tabs share.
// INVARIANT: what this tab does to the database happens one after the other, so a reading shows all that was done before.
import type { OperatorId } from "../protocol";
import type { OutboxDatabase, StoredEntry } from "./database";
import type { Channel, Environment } from "./environment";
import { localFault } from "./faults";
import type { OutboxEntry } from "./types";

/** A database that hangs must not hold up what can be sent without it. */
const DATABASE_WITHIN = 3_000;

type Change = Pick<OutboxEntry, "state" | "isTried"> & { fault?: OutboxEntry["fault"] };

type Kept = {
  entry: OutboxEntry;
  /** Changes on their way to the database: until then this tab knows better. */
  writes: number;
  save: "new" | "saved" | "unsaved";
};

export class Shelf {
  isLoaded = false;

  #kept: Kept[] = [];
  #gone = new Set<string>();
  #isBroken = false;
  #isEnded = false;
  #work: Promise<void> = Promise.resolve();
  readonly #operator: OperatorId;
  readonly #environment: Environment;
  readonly #database: OutboxDatabase;
  readonly #channel: Channel;
  readonly #changed: () => void;

  /** `changed`: the entries are others than before, by this tab or another. */
  constructor(environment: Environment, database: OutboxDatabase, operator: OperatorId, changed: () => void) {
    this.#environment = environment;
    this.#database = database;
    this.#operator = operator;
    this.#changed = changed;
    this.#channel = environment.channel(`linedesk-outbox-${operator}`, () => void this.refresh());
    void this.refresh();
  }

  end(): void {
    this.#isEnded = true;
    this.#channel.close();
  }

  /** Ends it and leaves nothing of this operator in the browser. Whether the browser could. */
  async wipe(): Promise<boolean> {
    this.#isEnded = true;
    this.#kept = [];
    let isWiped = false;
    await this.#enqueue(async () => {
      await this.#database.clear(this.#operator);
      isWiped = true;
    });
    this.#channel.tell();
    this.#channel.close();
    return isWiped;
  }

  get entries(): readonly OutboxEntry[] {
    return this.#kept.map(({ entry }) => entry);
  }

  find(tempId: string): OutboxEntry | undefined {
    return this.#kept.find(({ entry }) => entry.temp_id === tempId)?.entry;
  }

  /** Settles when the browser has it, or could not keep it. */
  add(entry: OutboxEntry): Promise<void> {
    const kept: Kept = { entry, writes: 0, save: "new" };
    this.#kept.push(kept);
    const written = this.#write(kept, () => this.#database.add(this.#stored(kept.entry)));
    this.#changed();
    return written;
  }

  change(tempId: string, { state, fault = null, isTried }: Change): void {
    const kept = this.#kept.find(({ entry }) => entry.temp_id === tempId);
    if (!kept) return;
    const before = kept.entry;
    const unsaved = kept.save === "unsaved" ? localFault("outbox_unsaved") : null;
    kept.entry = { ...before, state, fault: fault ?? unsaved, isTried };
    // That it is being sent just now concerns this page only.
    const isNews = (before.state === "refused") !== (state === "refused") || before.isTried !== isTried;
    if (isNews && kept.save !== "unsaved")
      void this.#write(kept, () => this.#database.update(this.#stored(kept.entry)));
    this.#changed();
  }

  remove(tempId: string): void {
    const kept = this.#kept.find(({ entry }) => entry.temp_id === tempId);
    if (!kept) return;
    this.#kept = this.#kept.filter((one) => one !== kept);
    // Also where it counts as unsaved: a database that was only slow may keep it after all.
    this.#gone.add(tempId);
    void this.#enqueue(async () => {
      await this.#database.remove(tempId);
      this.#gone.delete(tempId);
      this.#tell();
    });
    this.#changed();
  }

  /** Takes in what other tabs have done. */
  refresh(): Promise<void> {
    // What can be sent without the database does not wait for it.
    if (this.#isBroken) return Promise.resolve();
    return this.#enqueue(async () => {
      try {
        const found = await this.#database.list(this.#operator);
        if (!this.#isEnded) this.#merge(found);
      } finally {
        if (!this.isLoaded) {
          this.isLoaded = true;
          this.#changed();
        }
      }
    });
  }

  #merge(found: readonly StoredEntry[]): void {
    const before = new Map(this.#kept.map((kept) => [kept.entry.temp_id, kept]));
    const merged: Kept[] = [];
    for (const stored of found) {
      if (this.#gone.has(stored.temp_id)) continue;
      const known = before.get(stored.temp_id);
      before.delete(stored.temp_id);
      const isKnown =
        known &&
        (known.writes > 0 ||
          known.entry.state === "sending" ||
          ((known.entry.state === "refused") === (stored.refusal !== null) && known.entry.isTried === stored.is_tried));
      merged.push(isKnown ? known : { entry: shown(stored), writes: 0, save: "saved" });
    }
    // What is saved and no longer there, another tab has seen stored or discarded. What is not saved keeps its place.
    this.#kept.forEach((kept, at) => {
      if (kept.save === "saved" || !before.has(kept.entry.temp_id)) return;
      const later = new Set(this.#kept.slice(at + 1).map(({ entry }) => entry.temp_id));
      const next = merged.findIndex(({ entry }) => later.has(entry.temp_id));
      merged.splice(next < 0 ? merged.length : next, 0, kept);
    });
    const isSame = merged.length === this.#kept.length && merged.every((kept, at) => kept === this.#kept[at]);
    this.#kept = merged;
    if (!isSame && this.isLoaded) this.#changed();
  }

  #write(kept: Kept, run: () => Promise<void>): Promise<void> {
    kept.writes++;
    return this.#enqueue(async () => {
      try {
        if (this.#isBroken) throw new Error("the database does not answer");
        await run();
        this.#isSaved(kept);
        this.#tell();
      } catch {
        this.#isUnsaved(kept);
      } finally {
        kept.writes--;
      }
    });
  }

  #isSaved(kept: Kept): void {
    const { temp_id } = kept.entry;
    // Too late: it was sent, discarded or wiped meanwhile.
    if (!this.find(temp_id)) void this.#enqueue(() => this.#database.remove(temp_id));
    const wasUnsaved = kept.save === "unsaved";
    kept.save = "saved";
    if (!wasUnsaved || kept.entry.fault?.code !== "outbox_unsaved") return;
    kept.entry = { ...kept.entry, fault: null };
    this.#changed();
  }

  #isUnsaved(kept: Kept): void {
    if (kept.save !== "new") return;
    kept.save = "unsaved";
    kept.entry = { ...kept.entry, fault: kept.entry.fault ?? localFault("outbox_unsaved") };
    this.#changed();
  }

  /** One after the other; none takes longer than it may. */
  #enqueue(run: () => Promise<void>): Promise<void> {
    this.#work = this.#work.then(() => this.#inTime(run()));
    return this.#work;
  }

  #inTime(work: Promise<void>): Promise<void> {
    return new Promise((resolve) => {
      let isLate = false;
      const cancel = this.#environment.after(DATABASE_WITHIN, () => {
        isLate = true;
        this.#isBroken = true;
        this.isLoaded = true;
        for (const kept of this.#kept) this.#isUnsaved(kept);
        this.#changed();
        resolve();
      });
      const done = () => {
        cancel();
        resolve();
        if (!isLate) return;
        // It was only slow, as after the sleep of a laptop.
        this.#isBroken = false;
        void this.refresh();
      };
      work.then(done, done);
    });
  }

  #tell(): void {
    if (!this.#isEnded) this.#channel.tell();
  }

  #stored({ state, fault, isTried, ...entry }: OutboxEntry): StoredEntry {
    const refusal = state === "refused" ? fault : null;
    return { ...entry, operator_id: this.#operator, refusal, is_tried: isTried };
  }
}

function shown({ operator_id: _, refusal, is_tried, ...entry }: StoredEntry): OutboxEntry {
  return { ...entry, state: refusal ? "refused" : "waiting", fault: refusal, isTried: is_tried };
}
