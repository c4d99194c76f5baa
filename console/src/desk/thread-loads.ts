// Loading messages by REST: older and newer ones, around one, the end; and a conversation that the socket cannot bring.
import type { ConversationId, MessageId, MessagePage } from "../protocol";
import type { Fault } from "../realtime/types";
import type { Api, Page } from "./api";
import { applyRoom } from "./apply";
import type { Core } from "./core";
import type { Draft } from "./draft";
import { faultOf } from "./fault";
import type { Thread } from "./types";
import { find, fromPage, withAfter, withBefore } from "./windows";

const PAGE = 50;
const AROUND = 60;

export class ThreadLoads {
  #core: Core;
  #api: Api;

  constructor(core: Core, api: Api) {
    this.#core = core;
    this.#api = api;
  }

  async before(id: ConversationId): Promise<void> {
    const thread = this.#thread(id);
    const first = thread?.messages[0]?.id;
    if (!thread || first === undefined || !thread.hasBefore || thread.isLoadingBefore) return;
    this.#patch(id, { isLoadingBefore: true });
    await this.#load(id, { at: "before", id: first }, PAGE, (held, page) =>
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
