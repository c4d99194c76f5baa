// What an operator does to conversations and messages. Session commands show at once and are taken back when refused.
import * as v from "valibot";
import type { ConversationId, Message, MessageId, OperatorId, OperatorStatus, Summary, User } from "../protocol";
import { beginAct, claimed, closed, endAct, type Patch, released, taken, transferred } from "./acts";
import type { Api } from "./api";
import { takeSummary } from "./apply";
import type { Core } from "./core";
import type { DeskEnvironment } from "./environment";
import { faultOf } from "./fault";
import type { Link } from "./link";
import { nameOfOperator } from "./people";
import { beforeRetry, find, put } from "./windows";

const Taken = v.object({ reason: v.literal("already_claimed"), operator_id: v.number(), operator_name: v.string() });

export class Commands {
  #core: Core;
  #api: Api;
  #link: Link;
  #environment: DeskEnvironment;
  #tickets = 0;
  #started: { what: string; temp_id: string } | null = null;

  constructor(core: Core, api: Api, link: Link, environment: DeskEnvironment) {
    this.#core = core;
    this.#api = api;
    this.#link = link;
    this.#environment = environment;
  }

  async claim(id: ConversationId, me: User): Promise<void> {
    const at = this.#at();
    try {
      await this.#act(id, claimed(me.id, me.display_name, at), () =>
        this.#link.request("claim_session", { conversation_id: id }),
      );
    } catch (error) {
      // SE3: the first wins. The refusal names them before the event does.
      const { details } = faultOf(error);
      if (v.is(Taken, details)) {
        const { operator_id, operator_name } = details;
        this.#core.change((draft) => {
          const known = draft.truth(id);
          if (known) takeSummary(draft, claimed(operator_id, operator_name, at)(known));
        });
      }
      throw error;
    }
  }

  release(id: ConversationId): Promise<void> {
    return this.#act(id, released, () => this.#link.request("release_session", { conversation_id: id }));
  }

  close(id: ConversationId): Promise<void> {
    return this.#act(id, closed, () => this.#link.request("close_session", { conversation_id: id }));
  }

  transfer(id: ConversationId, to: OperatorId, reason: string): Promise<void> {
    const name = nameOfOperator(this.#core.state, to);
    const why = reason.trim();
    return this.#act(id, transferred(to, name, this.#at()), () =>
      this.#link.request("transfer_session", {
        conversation_id: id,
        to_operator_id: to,
        ...(why ? { reason: why } : {}),
      }),
    );
  }

  /** SE4: an ADMIN transfers it to themselves. */
  takeOver(id: ConversationId, me: User): Promise<void> {
    const isWaiting = this.#core.state.conversations.get(id)?.session?.status === "WAITING";
    return isWaiting ? this.claim(id, me) : this.transfer(id, me.id, "");
  }

  async takeFromBot(id: ConversationId, me: User): Promise<void> {
    // It goes another way than messages do: what is written by then would overtake it, and be refused.
    this.#link.hold(id, true);
    try {
      await this.#act(id, taken(me.id, me.display_name, this.#at()), () =>
        this.#core.ask(
          () => this.#api.human(id),
          (draft, summary) => takeSummary(draft, summary),
        ),
      );
    } finally {
      this.#link.hold(id, false);
    }
  }

  refreshProfile(id: ConversationId): Promise<void> {
    return this.#summary(() => this.#api.refreshProfile(id));
  }

  archive(id: ConversationId, isArchived: boolean): Promise<void> {
    return this.#summary(() => this.#api.archive(id, isArchived));
  }

  /** The same again after a failure sends the first message only once. */
  async startConversation(lineUserId: string, text: string): Promise<ConversationId> {
    const what = JSON.stringify([lineUserId, text]);
    if (this.#started?.what !== what) this.#started = { what, temp_id: this.#environment.newId() };
    const { temp_id } = this.#started;
    let id = 0;
    await this.#summary(async () => {
      const summary = await this.#api.start(lineUserId, text, temp_id);
      id = summary.id;
      return summary;
    });
    this.#started = null;
    return id;
  }

  retry(message: MessageId): Promise<void> {
    this.#core.change((draft) => {
      for (const [id, { messages }] of draft.threads.value) {
        if (find(messages, message))
          draft.patchThread(id, (window) => beforeRetry(window, message, draft.ledger.latest));
      }
    });
    return this.#ask(() => this.#link.request("retry_message", { message_id: message }));
  }

  cancel(message: MessageId): Promise<void> {
    return this.#ask(() => this.#link.request("cancel_message", { message_id: message }));
  }

  writeNote(id: ConversationId, text: string, tempId: string): Promise<void> {
    return this.#message(id, () => this.#api.note(id, text, tempId));
  }

  sendFile(id: ConversationId, file: File, tempId: string, preview: Blob | null): Promise<void> {
    return this.#message(id, () => this.#api.file(id, file, tempId, preview));
  }

  setStatus(status: OperatorStatus): Promise<void> {
    return this.#ask(() => this.#link.request("set_status", { status }));
  }

  async loadOperators(): Promise<void> {
    await this.#ask(() =>
      this.#core.ask(
        () => this.#api.operators(),
        (draft, operators) => {
          draft.rest.operators = operators;
        },
      ),
    );
  }

  async #act(id: ConversationId, patch: Patch, run: () => Promise<unknown>): Promise<void> {
    const ticket = ++this.#tickets;
    this.#core.change((draft) => beginAct(draft, id, ticket, patch));
    try {
      await this.#ask(run);
    } finally {
      this.#core.change((draft) => endAct(draft, id, ticket));
    }
  }

  async #message(id: ConversationId, question: () => Promise<Message>): Promise<void> {
    await this.#ask(() =>
      this.#core.ask(question, (draft, message) =>
        draft.patchThread(id, (window) => put(window, message, draft.ledger.latest)),
      ),
    );
  }

  async #summary(question: () => Promise<Summary>): Promise<void> {
    await this.#ask(() => this.#core.ask(question, (draft, summary) => takeSummary(draft, summary)));
  }

  /** What comes of it is applied when the promise resolves. */
  async #ask(run: () => Promise<unknown>): Promise<void> {
    try {
      await run();
    } catch (error) {
      throw faultOf(error);
    } finally {
      this.#core.flush();
    }
  }

  #at(): string {
    return new Date(this.#environment.now()).toISOString();
  }
}
