// What the desk tells, without gap and without repeat: the place in the feed, the replay, and starting anew.
// A jump in seq is no hole: an operator does not see every event, and changes of a summary are told once (WS6). What the
// desk sends on one socket comes in order, so there is nothing to find there; what a lost socket missed, the replay tells.
import type { AuthSuccess, Limits, OperatorId, Seq, ServerFrame } from "../protocol";
import type { Environment } from "./environment";
import { Room } from "./room";
import type { Socket } from "./socket";
import type { RealtimeListener } from "./types";

/** Until the desk has told its own. */
const FIRST_LIMITS: Limits = {
  text_units: 5000,
  frame_bytes: 65_536,
  sends_per_minute: 60,
  media: false,
  media_bytes: 0,
};

export class Session {
  seq: Seq = 0;
  limits: Limits = FIRST_LIMITS;
  readonly room: Room;

  #operator: OperatorId | null = null;
  /** Where live events begin on this connection. */
  #head: Seq = 0;
  /** Events were missed for good: nothing durable is told until `begin`. */
  #isStale = false;
  readonly #socket: Socket;
  readonly #listener: RealtimeListener;

  constructor(environment: Environment, socket: Socket, listener: RealtimeListener) {
    this.#socket = socket;
    this.#listener = listener;
    this.room = new Room(environment, socket, listener);
  }

  begin(operator: OperatorId, seq: Seq): void {
    this.#operator = operator;
    this.seq = seq;
    this.#isStale = false;
    this.room.forget();
  }

  disconnected(): void {
    this.room.left();
  }

  welcome(welcome: AuthSuccess): void {
    this.#head = welcome.seq;
    this.room.sync();
    // Commands are answered after the replay, so this answer says that nothing is missing any more.
    this.#socket.askPatiently(
      "ping",
      {},
      {
        ok: () => {
          if (this.#isStale) return;
          this.seq = Math.max(this.seq, welcome.seq);
          this.room.replayed();
          this.#socket.live();
        },
        no() {},
      },
    );
  }

  hear(frame: ServerFrame): void {
    const { seq } = frame;
    if (seq !== undefined) {
      if (this.#isStale || seq <= this.seq) return;
      this.seq = seq;
      this.room.saw({ ...frame, seq }, seq <= this.#head);
    }
    switch (frame.type) {
      case "auth_success":
        // Another tab of this browser signed in as somebody else.
        if (frame.payload.operator.id !== this.#operator) {
          this.#socket.refuse();
          return;
        }
        this.limits = frame.payload.limits;
        break;
      case "resync_required":
        this.#isStale = true;
        this.room.forget();
        this.#listener.onResync();
        return;
      case "conversation_update":
        // The answer to joining: `Room` tells it.
        if (frame.payload.messages) return;
    }
    this.#listener.onFrame(frame);
  }
}
