// Loading messages by REST: older and newer ones, around one, the end; and a conversation that the socket cannot bring.
import type { ConversationId, MessageId, MessagePage } from "../protocol";
import type { Fault } from "../realtime/types";
import type { Api, Page } from "./api";
import { applyRoom } from "./apply";
import type { Core } from "./core";
import type { Draft } from "./draft";
import type { DeskEnvironment } from "./environment";
import { faultOf } from "./fault";
import type { Thread } from "./types";
import { find, fromPage, withAfter, withBefore } from "./windows";

const PAGE = 50;
const AROUND = 60;
/** In looking for the first unread. */
const SEEK_PAGE = 100;
const SEEK_PAGES = 5;
/** For longer nobody is kept from what is there; the looking goes on. */
const SEEK_HIDES_MS = 1000;

export class ThreadLoads {
  #core: Core;
  #api: Api;
  #environment: DeskEnvironment;
  #before = new Map<ConversationId, Promise<void>>();
  #seeking = new Set<ConversationId>();

  constructor(core: Core, api: Api, environment: DeskEnvironment) {
    this.#core = core;
    this.#api = api;
    this.#environment = environment;
  }

  /** One at a time: who asks meanwhile waits for the same. */
  before(id: ConversationId, limit = PAGE): Promise<void> {
    const running = this.#before.get(id);
    if (running) return running;
    const mine = this.#loadBefore(id, limit).finally(() => this.#before.delete(id));
    this.#before.set(id, mine);
    return mine;
  }

  /** Where the open conversation's first unread is above what is loaded: loads back to it, but not without end. */
  seek(): void {
    const { openId, threads } = this.#core.state;
    if (openId === null || !threads.get(openId)?.isSeeking || this.#seeking.has(openId)) return;
    const end = () => this.#patch(openId, { isSeeking: false });
    this.#seeking.add(openId);
    const cancel = this.#environment.later(SEEK_HIDES_MS, end);
    // What fails here is asked for again at the upper edge, which tells why.
    this.#seek(openId)
      .catch(() => {})
      .finally(() => {
        cancel();
        this.#seeking.delete(openId);
        end();
      });
  }

  async #seek(id: ConversationId): Promise<void> {
    for (let n = 0; n < SEEK_PAGES; n++) {
      const thread = this.#thread(id);
      const isWanted = this.#core.state.openId === id && thread?.unread && !thread.hasAfter && thread.hasBefore;
      if (!isWanted) return;
      await this.before(id, SEEK_PAGE);
    }
  }

  async #loadBefore(id: ConversationId, limit: number): Promise<void> {
    const thread = this.#thread(id);
    const first = thread?.messages[0]?.id;
    if (!thread || first === undefined || !thread.hasBefore) return;
    this.#patch(id, { isLoadingBefore: true });
    await this.#load(id, { at: "before", id: first }, limit, (held, page) =>
      // A window that was moved meanwhile has another beginning.
      held.messages[0]?.id === first ? withBefore(held, page) : held,
    ).catch((fault: Fault) => this.#failed(id, { isLoadingBefore: false }, fault));
  }

  async after(id: ConversationId): Promise<void> {
    const thread = this.#thread(id);
    const last = thread?.messages.at(-1)?.id;
    if (!thread || last === undefined || !thread.hasAfter || thread.isLoadingAfter) return;
    this.#patch(id, { isLoadingAfter: true });
    await this.#load(id, { at: "after", id: last }, PAGE, (held, page) =>
      held.messages.at(-1)?.id === last ? withAfter(held, page) : held,
    ).catch((fault: Fault) => this.#failed(id, { isLoadingAfter: false }, fault));
  }

  async around(id: ConversationId, message: MessageId): Promise<void> {
    const thread = this.#thread(id);
    if (thread?.load.kind === "ready" && find(thread.messages, message)) return;
    await this.#load(id, { at: "around", id: message }, AROUND, fromPage);
  }

  async end(id: ConversationId): Promise<void> {
    if (this.#thread(id)?.hasAfter !== true) return;
    await this.#load(id, { at: "end" }, PAGE, fromPage);
  }

  /** The window where it is, as it is now: after much was missed. */
  async again(id: ConversationId): Promise<void> {
    const messages = this.#thread(id)?.messages ?? [];
    const middle = messages[messages.length >> 1];
    if (middle) await this.#load(id, { at: "around", id: middle.id }, 2 * PAGE, fromPage);
  }

  /** The latest messages where no socket brings them. */
  async whole(id: ConversationId, isWanted: () => boolean): Promise<void> {
    try {
      await this.#core.ask(
        () => this.#api.conversation(id),
        (draft, detail) => {
          if (!isWanted() || draft.openId !== id) return;
          applyRoom(draft, { ...detail, has_more: detail.messages.length >= PAGE }, true);
          // Only the socket's own answer says from where on nothing is missed.
          draft.threadMarks.set(id, { ...draft.threadMark(id), isFollowed: false });
        },
      );
    } catch (error) {
      if (isWanted()) this.failed(id, faultOf(error));
    }
  }

  /** After a failure: as if it was opened for the first time. */
  retry(draft: Draft, id: ConversationId): void {
    draft.patchThread(id, ({ thread, mark }) => ({ thread: { ...thread, load: { kind: "loading" } }, mark }));
  }

  /** The thread cannot be loaded; what is there of it stays in sight. */
  failed(id: ConversationId, fault: Fault): void {
    if (this.#thread(id)?.load.kind !== "ready") this.#patch(id, { load: { kind: "failed", fault } });
  }

  #thread(id: ConversationId): Thread | undefined {
    return this.#core.state.threads.get(id);
  }

  async #load(
    id: ConversationId,
    page: Page,
    limit: number,
    take: (thread: Thread, answer: MessagePage) => Thread,
  ): Promise<void> {
    await this.#core.ask(
      () => this.#api.messages(id, page, limit),
      (draft, answer) => {
        const held = draft.threads.get(id);
        if (!held) return;
        const next = take(held, answer);
        const isMoved = next !== held && (page.at === "around" || page.at === "end");
        const mark = draft.threadMark(id);
        draft.setThread(
          id,
          { ...next, isLoadingBefore: false, isLoadingAfter: false },
          isMoved ? { ...mark, isFresh: true } : mark,
        );
      },
    );
  }

  #patch(id: ConversationId, change: Partial<Thread>): void {
    this.#core.change((draft: Draft) =>
      draft.patchThread(id, ({ thread, mark }) => ({ thread: { ...thread, ...change }, mark })),
    );
  }

  #failed(id: ConversationId, change: Partial<Thread>, error: unknown): never {
    this.#patch(id, change);
    throw faultOf(error);
  }
}
