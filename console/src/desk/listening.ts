// What the realtime layer tells, into the state: how soon each thing shows, and what follows from it.
import type { ConversationId, ConversationUpdate, ServerFrame } from "../protocol";
import type { ConnectionState, Fault, OutboxEntry, RealtimeListener } from "../realtime/types";
import type { Api } from "./api";
import { applyRoom } from "./apply";
import type { Core, Due } from "./core";
import type { DeskEnvironment } from "./environment";
import type { Hearing } from "./happenings";
import type { ListLoads } from "./list-loads";
import type { Ledger } from "./model";
import { forgetPeople } from "./people";
import type { ThreadLoads } from "./thread-loads";
import type { Happening } from "./types";

const SUMMARY_WITHIN_MS = 1000;

type Parts = {
  core: Core;
  api: Api;
  threads: ThreadLoads;
  lists: ListLoads;
  hearing: Hearing;
  environment: DeskEnvironment;
  tell(happening: Happening): void;
  refused(): void;
  resync(): void;
};

export class Listening implements RealtimeListener {
  #parts: Parts;
  #state: ConnectionState = { kind: "idle" };
  #asked = new Set<ConversationId>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  get #isOpen(): boolean {
    return this.#state.kind === "live" || this.#state.kind === "catching_up";
  }

  onState(state: ConnectionState): void {
    this.#state = state;
    const isOpen = this.#isOpen;
    this.#parts.core.later((draft) => {
      draft.rest.connection = state;
      if (!isOpen) forgetPeople(draft);
    }, "now");
    if (state.kind === "refused") this.#parts.refused();
    if (state.kind === "offline") this.bring();
  }

  onFrame(frame: ServerFrame): void {
    if (frame.type === "pong" || frame.type === "error" || frame.type === "room_left") return;
    const { core, hearing } = this.#parts;
    const { signIn } = core.state;
    if (signIn.kind === "signed_in") hearing.hear(frame, this.#state.kind === "live", signIn.user, core.state);
    core.frame(frame, this.#due(frame));
  }

  onRoom(id: ConversationId, update: ConversationUpdate, isWhole: boolean): void {
    this.#parts.core.later((draft) => {
      if (draft.openId === id) applyRoom(draft, update, isWhole);
    }, "now");
  }

  onRoomFault(id: ConversationId, fault: Fault): void {
    this.#parts.core.flush();
    this.#parts.threads.failed(id, fault);
  }

  onResync(): void {
    this.#parts.resync();
  }

  onOutbox(entries: readonly OutboxEntry[]): void {
    this.#parts.core.later((draft) => {
      draft.rest.outbox = entries;
    }, "now");
  }

  /** The socket may be kept out where plain requests get through: the open conversation by REST. */
  bring(): void {
    const { core, threads } = this.#parts;
    const { openId } = core.state;
    if (openId === null || this.#isOpen || this.#state.kind === "idle") return;
    if (core.state.threads.get(openId)?.load.kind === "ready") return;
    threads.whole(openId, () => !this.#isOpen).catch(() => {});
  }

  applied(ledger: Ledger): void {
    const { core, lists, threads, hearing, tell } = this.#parts;
    threads.seek();
    lists.settle(ledger, this.#state.kind === "live");
    const { told, missing } = hearing.take(core.state.conversations);
    for (const happening of told) tell(happening);
    for (const id of missing) this.#ask(id);
  }

  #ask(id: ConversationId): void {
    const { api, environment, hearing } = this.#parts;
    if (this.#asked.has(id)) return;
    this.#asked.add(id);
    environment.later(SUMMARY_WITHIN_MS, async () => {
      this.#asked.delete(id);
      if (!hearing.isMissing(id)) return;
      try {
        const { messages: _, ...summary } = await api.conversation(id);
        hearing.know(summary);
        this.applied(this.#parts.core.ledger);
      } catch {
        hearing.giveUp(id);
      }
    });
  }

  #due(frame: ServerFrame): Due {
    if (frame.reply_to !== undefined || frame.type === "auth_success") return "now";
    switch (frame.type) {
      case "conversation_update":
        return frame.payload.id === this.#parts.core.state.openId ? "frame" : "calm";
      case "session_created":
      case "session_claimed":
      case "session_released":
      case "session_closed":
      case "session_transferred":
        return frame.payload.conversation_id === this.#parts.core.state.openId ? "frame" : "calm";
      case "presence_update":
      case "sla_alert":
        return "calm";
      default:
        return "frame";
    }
  }
}
