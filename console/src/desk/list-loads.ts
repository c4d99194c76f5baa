// Loading the list: the first page, further ones, and quietly again when only the desk knows.
import type { ConversationList } from "../protocol";
import type { Fault } from "../realtime/types";
import type { Api } from "./api";
import type { Core } from "./core";
import type { DeskEnvironment } from "./environment";
import { faultOf } from "./fault";
import { showList, takeFirstPage, takeNextPage, takeNumbers } from "./lists";
import type { Ledger, ListFilter } from "./model";

const FIRST_PAGE = 50;
const PAGE = 100;
const COUNT_AFTER_MS = 1200;
const ROWS_AFTER_MS = 1500;
/** The filters that this side cannot decide are asked for no more often than this. */
const ROWS_AT_MOST_EVERY_MS = 8000;

export class ListLoads {
  #core: Core;
  #api: Api;
  #environment: DeskEnvironment;
  #loaded: (page: ConversationList, isFirst: boolean) => void;
  #failed: (fault: Fault) => void;
  #load = new AbortController();
  #more: Promise<void> | null = null;
  #loadedAt = 0;
  #cancelCount: (() => void) | null = null;
  #cancelRows: (() => void) | null = null;

  constructor(
    core: Core,
    api: Api,
    environment: DeskEnvironment,
    loaded: (page: ConversationList, isFirst: boolean) => void,
    failed: (fault: Fault) => void,
  ) {
    this.#core = core;
    this.#api = api;
    this.#environment = environment;
    this.#loaded = loaded;
    this.#failed = failed;
  }

  get filter(): ListFilter {
    const { status, q, tag } = this.#core.state.list;
    return { status, q, tag };
  }

  /** Shows another list; its rows come. */
  show(filter: ListFilter): void {
    const { status, q, tag, load } = this.#core.state.list;
    if (status === filter.status && q === filter.q && tag === filter.tag && load.kind !== "failed") return;
    this.#core.change((draft) => showList(draft, filter));
    this.load(false).catch(() => {});
  }

  /** The first page anew. Rejects with a `Fault`, but not when it was overtaken. */
  async load(isQuiet: boolean): Promise<void> {
    this.stop();
    const mine = new AbortController();
    this.#load = mine;
    this.#loadedAt = this.#environment.now();
    const { load } = this.#core.state.list;
    if (load.kind === "failed") this.#core.change((draft) => draft.setList({ load: { kind: "loading" } }));
    try {
      const page = await this.#core.ask(
        () => this.#api.list(this.filter, null, FIRST_PAGE, mine.signal),
        (draft, answer) => {
          if (mine.signal.aborted) return;
          takeFirstPage(draft, answer, isQuiet);
        },
      );
      if (!mine.signal.aborted) this.#loaded(page, true);
    } catch (error) {
      if (mine.signal.aborted) return;
      const fault = faultOf(error);
      // Rows that are there stay; the connection's line says how true they are.
      if (!isQuiet || !this.#core.state.list.ids.length) {
        this.#core.change((draft) => draft.setList({ load: { kind: "failed", fault } }));
      }
      this.#failed(fault);
      throw fault;
    }
  }

  more(): Promise<void> {
    this.#more ??= this.#loadMore().finally(() => {
      this.#more = null;
    });
    return this.#more;
  }

  /** What is in doubt is asked for, soon and not often. */
  settle({ doubt }: Ledger, isLive: boolean): void {
    if (!isLive) return;
    if (doubt.counts && !this.#cancelCount) {
      this.#cancelCount = this.#environment.later(COUNT_AFTER_MS, () => {
        this.#cancelCount = null;
        this.#count().catch(() => {});
      });
    }
    if (doubt.rows && !this.#cancelRows) {
      const since = Math.max(this.#environment.now() - this.#loadedAt, 0);
      const wait = Math.max(ROWS_AFTER_MS, ROWS_AT_MOST_EVERY_MS - since);
      this.#cancelRows = this.#environment.later(wait, () => {
        this.#cancelRows = null;
        this.load(true).catch(() => {});
      });
    }
  }

  stop(): void {
    this.#load.abort();
    this.#cancelCount?.();
    this.#cancelRows?.();
    this.#cancelCount = null;
    this.#cancelRows = null;
  }

  async #loadMore(): Promise<void> {
    const { cursor } = this.#core.ledger;
    const of = this.#load;
    if (cursor === null || this.#core.state.list.load.kind !== "ready") return;
    try {
      await this.#core.ask(
        () => this.#api.list(this.filter, cursor, PAGE, of.signal),
        (draft, answer) => {
          if (of.signal.aborted || draft.ledger.cursor !== cursor) return;
          takeNextPage(draft, answer);
          this.#loaded(answer, false);
        },
      );
    } catch (error) {
      if (!of.signal.aborted) throw faultOf(error);
    }
  }

  async #count(): Promise<void> {
    const of = this.#load;
    await this.#core.ask(
      () => this.#api.list(this.filter, null, 1, of.signal),
      (draft, answer) => {
        if (!of.signal.aborted) takeNumbers(draft, answer);
      },
    );
  }
}
