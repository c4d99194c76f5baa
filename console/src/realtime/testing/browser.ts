// A browser with tabs: they share a database, locks and a channel; a tab can be closed in the middle of anything.
import type { OutboxDatabase, StoredEntry } from "../database";
import type { Cancel, Channel, Environment, Wire, WireEvents } from "../environment";
import type { Clock } from "./clock";

export type Network = (events: WireEvents) => Wire;

export class FakeBrowser {
  rows: StoredEntry[] = [];
  /** Everything that was ever kept, by its `temp_id`. */
  everKept = new Set<string>();
  hasLocks = true;
  /** Of each addition to the database. */
  failures = 0;
  readonly clock: Clock;
  readonly random: () => number;
  readonly channels = new Map<string, Set<() => void>>();
  #locks = new Map<string, Promise<void>>();
  #ids = 0;

  constructor(clock: Clock, random: () => number) {
    this.clock = clock;
    this.random = random;
  }

  newId(): string {
    this.#ids++;
    return `id-${this.#ids}`;
  }

  openTab(network: Network): FakeTab {
    return new FakeTab(this, network);
  }

  async lock(name: string, run: () => Promise<void>, closed: Promise<void>): Promise<void> {
    const before = this.#locks.get(name) ?? Promise.resolve();
    const mine = before.then(() => Promise.race([run(), closed]));
    const over = mine.then(
      () => {},
      () => {},
    );
    this.#locks.set(name, over);
    await mine;
  }
}

export class FakeTab {
  isClosed = false;
  isHidden = false;
  readonly environment: Environment;
  readonly database: OutboxDatabase;
  readonly #browser: FakeBrowser;
  readonly #hears = { online: new Set<() => void>(), offline: new Set<() => void>(), return: new Set<() => void>() };
  readonly #wires = new Set<Wire>();
  readonly #channels: Channel[] = [];
  readonly #closed: Promise<void>;
  #close = () => {};
  #idle: Promise<void> = Promise.resolve();

  constructor(browser: FakeBrowser, network: Network) {
    this.#browser = browser;
    this.#closed = new Promise((resolve) => {
      this.#close = resolve;
    });
    this.environment = this.#environment(network);
    this.database = this.#database();
  }

  fire(event: "online" | "offline" | "return"): void {
    for (const run of this.#hears[event]) run();
  }

  /** As when the page is left: nothing runs any more. */
  close(): void {
    this.isClosed = true;
    for (const wire of this.#wires) wire.close();
    for (const channel of this.#channels) channel.close();
    this.#close();
  }

  #environment(network: Network): Environment {
    const { clock } = this.#browser;
    const alive = (run: () => void) => () => {
      if (!this.isClosed) run();
    };
    const listen = (set: Set<() => void>, run: () => void): Cancel => {
      set.add(run);
      return () => set.delete(run);
    };
    return {
      now: () => clock.now,
      random: this.#browser.random,
      newId: () => this.#browser.newId(),
      after: (ms, run) => clock.after(ms, alive(run)),
      every: (ms, run) => clock.every(ms, alive(run)),
      connect: (events) => {
        const wire = network({
          opened: alive(events.opened),
          heard: (text) => {
            if (!this.isClosed) events.heard(text);
          },
          closed: (code) => {
            if (!this.isClosed) events.closed(code);
          },
        });
        this.#wires.add(wire);
        return wire;
      },
      onOnline: (run) => listen(this.#hears.online, run),
      onOffline: (run) => listen(this.#hears.offline, run),
      onReturn: (run) => listen(this.#hears.return, run),
      isHidden: () => this.isHidden,
      exclusive: (name, run) => this.#exclusive(name, run),
      channel: (name, heard) => this.#channel(name, alive(heard)),
    };
  }

  async #exclusive(name: string, run: () => Promise<void>): Promise<void> {
    if (!this.isClosed) await (this.#browser.hasLocks ? this.#browser.lock(name, run, this.#closed) : run());
    // A closed tab gets no further.
    if (this.isClosed) await new Promise<never>(() => {});
  }

  #channel(name: string, heard: () => void): Channel {
    const { channels, clock } = this.#browser;
    const all = channels.get(name) ?? new Set();
    channels.set(name, all.add(heard));
    const channel = {
      tell: () => {
        for (const other of all) if (other !== heard) clock.after(1, other);
      },
      close: () => all.delete(heard),
    };
    this.#channels.push(channel);
    return channel;
  }

  #database(): OutboxDatabase {
    const browser = this.#browser;
    // One after the other, each taking a while; what a closed tab had not finished is not done.
    const later = <T>(run: () => T): Promise<T> => {
      const work = this.#idle.then(
        () =>
          new Promise<T>((resolve, reject) => {
            browser.clock.after(Math.floor(browser.random() * 8), () => {
              if (this.isClosed) return;
              try {
                resolve(run());
              } catch (error) {
                reject(error);
              }
            });
          }),
      );
      this.#idle = work.then(
        () => {},
        () => {},
      );
      return work;
    };
    return {
      list: (operator) => later(() => browser.rows.filter(({ operator_id }) => operator_id === operator)),
      add: (entry) =>
        later(() => {
          if (browser.random() < browser.failures) throw new Error("QuotaExceededError");
          browser.rows = [...browser.rows, entry];
          browser.everKept.add(entry.temp_id);
        }),
      update: (entry) =>
        later(() => {
          browser.rows = browser.rows.map((row) => (row.temp_id === entry.temp_id ? entry : row));
        }),
      remove: (tempId) =>
        later(() => {
          browser.rows = browser.rows.filter((row) => row.temp_id !== tempId);
        }),
      clear: (operator) =>
        later(() => {
          browser.rows = browser.rows.filter(({ operator_id }) => operator_id !== operator);
        }),
    };
  }
}
