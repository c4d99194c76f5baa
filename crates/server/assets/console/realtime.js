// The socket: one state machine. It signs in, resumes after the last seq, keeps the room, and sends the outbox in order.
// INVARIANT: whatever belongs to an older generation (a socket, a timer, an answer) changes nothing.
// Deliberately absent: the DOM, and what frames mean for the screen.

const PONG_WITHIN = 10_000;
const BACKOFF_FIRST = 500;
const BACKOFF_MOST = 30_000;
const ANSWER_WITHIN = 20_000;
/** Tries of one message that the desk could not take for reasons of its own. */
const SEND_TRIES = 4;

/** Works without a secure context, unlike `randomUUID`. */
export function newId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export class Realtime {
  /** `{kind: "idle" | "connecting" | "catching_up" | "live" | "offline" | "refused", until?}` */
  state = { kind: "idle" };
  /** The last seq that this client has taken in. */
  seq = 0;
  limits = { text_units: 5000 };
  /** What is not stored yet: `{temp_id, conversation_id, text, quote, at, state: "waiting" | "sending" | "refused", error?}`. */
  outbox = [];

  #generation = 0;
  #socket = null;
  #room = null;
  #followed = null;
  #answers = new Map();
  #retryTimer = 0;
  #pongTimer = 0;
  #sendTimer = 0;
  #tries = 0;
  #refusals = 0;
  #mustRenew = false;
  #isSending = false;
  #token;
  #on;

  /** `token(force)` gives an access token. `on`: state, frame, room(payload, isWhole), resync, outbox. */
  constructor({ token, on }) {
    this.#token = token;
    this.#on = on;
    // A worker's clock: browsers slow a hidden page's timers below what the desk takes for silence (WS9).
    new Worker("/assets/ticker.js").onmessage = () => this.#probe(PONG_WITHIN);
    addEventListener("online", () => this.tryNow());
    // The browser may be wrong about it, so ask the desk.
    addEventListener("offline", () => this.#probe(3000));
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) return;
      if (this.state.kind === "offline") this.tryNow();
      else this.#probe(5000);
    });
  }

  start(seq) {
    this.seq = seq;
    this.#followed = null;
    this.#refusals = 0;
    this.#mustRenew = false;
    this.#tries = 0;
    this.#connect();
  }

  stop() {
    this.#drop();
    this.#set({ kind: "idle" });
  }

  /** The sign-in ended and cannot be renewed. */
  refuse() {
    this.#drop();
    this.#set({ kind: "refused" });
  }

  tryNow() {
    if (this.state.kind === "offline") this.#connect();
  }

  get isOpen() {
    return this.state.kind === "live" || this.state.kind === "catching_up";
  }

  /** WS2: the same socket goes on under a new token. */
  renewed(token) {
    if (this.isOpen) this.request("auth", { token }).catch(() => {});
  }

  /** The conversation to follow, or null. Its messages come by `on.room`. */
  setRoom(conversation_id) {
    this.#room = conversation_id;
    if (this.#followed !== conversation_id) this.#followed = null;
    if (this.isOpen) this.#join();
  }

  /** Sends a command; resolves with the answering frame, rejects with the error's payload. */
  request(type, payload = {}) {
    if (!this.isOpen) return Promise.reject({ code: "offline" });
    return this.#command(type, payload);
  }

  /** Sends what needs no answer. */
  tell(type, payload) {
    if (this.isOpen) this.#socket.send(JSON.stringify({ type, payload, timestamp: new Date().toISOString() }));
  }

  send(conversation_id, text, quote) {
    this.outbox.push({ temp_id: newId(), conversation_id, text, quote, at: new Date().toISOString(), state: "waiting", tries: 0 });
    this.#changed();
    this.#flush();
  }

  sendAgain(temp_id) {
    const entry = this.outbox.find((one) => one.temp_id === temp_id);
    if (!entry) return;
    Object.assign(entry, { state: "waiting", error: undefined, tries: 0 });
    this.#changed();
    this.#flush();
  }

  discard(temp_id) {
    this.outbox = this.outbox.filter((one) => one.temp_id !== temp_id || one.state === "sending");
    this.#changed();
  }

  #set(state) {
    this.state = state;
    this.#on.state(state);
  }

  #changed() {
    this.#on.outbox();
  }

  #drop() {
    this.#generation++;
    for (const id of [this.#retryTimer, this.#pongTimer]) clearTimeout(id);
    const socket = this.#socket;
    this.#socket = null;
    if (socket) socket.close();
    for (const answer of this.#answers.values()) answer.reject({ code: "disconnected" });
    this.#answers.clear();
  }

  async #connect() {
    this.#drop();
    const generation = this.#generation;
    const isCurrent = () => generation === this.#generation;
    this.#set({ kind: "connecting" });
    let token;
    try {
      token = await this.#token(this.#mustRenew);
    } catch (error) {
      if (isCurrent()) error.refused ? this.refuse() : this.#later();
      return;
    }
    if (!isCurrent()) return;
    this.#mustRenew = false;
    const url = new URL("/api/v1/ws/live-chat", location.href);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(url);
    this.#socket = socket;
    socket.onopen = () => {
      if (isCurrent()) this.#command("auth", { token, resume_after: this.seq }).catch(() => {});
    };
    socket.onmessage = (event) => {
      if (isCurrent()) this.#hear(JSON.parse(event.data));
    };
    socket.onclose = (event) => {
      if (isCurrent()) this.#lost(event.code);
    };
    // Covers a server that accepts and then says nothing.
    this.#pongTimer = setTimeout(() => isCurrent() && this.#lost(0), PONG_WITHIN);
  }

  #lost(code) {
    this.#drop();
    if (code >= 4001 && code <= 4003) {
      this.#mustRenew = true;
      this.#refusals++;
      if (this.#refusals === 1) return void this.#connect();
      if (this.#refusals > 3) return this.refuse();
    }
    this.#later();
  }

  #later() {
    this.#drop();
    const most = Math.min(BACKOFF_FIRST * 2 ** this.#tries++, BACKOFF_MOST);
    const wait = most * (0.5 + Math.random() / 2);
    this.#set({ kind: "offline", until: Date.now() + wait });
    this.#retryTimer = setTimeout(() => this.#connect(), wait);
  }

  #command(type, payload) {
    const id = newId();
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#answers.delete(id);
        reject({ code: "no_answer" });
      }, ANSWER_WITHIN);
      const done = (end) => (value) => {
        clearTimeout(timer);
        end(value);
      };
      this.#answers.set(id, { resolve: done(resolve), reject: done(reject) });
      this.#socket.send(JSON.stringify({ type, payload, id, timestamp: new Date().toISOString() }));
    });
  }

  #hear(frame) {
    clearTimeout(this.#pongTimer);
    const answer = frame.reply_to && this.#answers.get(frame.reply_to);
    this.#answers.delete(frame.reply_to);
    const { type, payload } = frame;
    if (type === "error") answer?.reject(payload);
    else if (type === "auth_error") this.#mustRenew = true;
    else if (type === "auth_success" && this.state.kind === "connecting") this.#welcome(payload);
    else if (type === "resync_required") {
      this.#followed = null;
      this.#on.resync();
    } else {
      // Stored: whether this answers the send, or the feed tells of one whose answer was lost.
      if (payload.temp_id && payload.content !== undefined) this.discardStored(payload.temp_id);
      this.#on.frame(frame);
    }
    if (frame.seq > this.seq) this.seq = frame.seq;
    if (type !== "error") answer?.resolve(frame);
  }

  discardStored(temp_id) {
    const before = this.outbox.length;
    this.outbox = this.outbox.filter((one) => one.temp_id !== temp_id);
    if (this.outbox.length !== before) this.#changed();
  }

  #welcome(payload) {
    const generation = this.#generation;
    this.limits = payload.limits;
    this.#set({ kind: "catching_up" });
    if (this.#room) this.#join();
    // Commands are answered after the replay, so this pong says that nothing is missing any more.
    this.#command("ping", {}).then(
      () => {
        if (generation !== this.#generation) return;
        this.seq = Math.max(this.seq, payload.seq);
        this.#tries = 0;
        this.#refusals = 0;
        this.#set({ kind: "live" });
        this.#flush();
      },
      () => generation === this.#generation && this.#lost(0),
    );
  }

  #join() {
    const [generation, room] = [this.#generation, this.#room];
    if (!room) return void this.request("leave_room").catch(() => {});
    this.#command("join_room", { conversation_id: room }).then(
      (frame) => {
        if (generation !== this.#generation || room !== this.#room) return;
        const isWhole = this.#followed !== room;
        this.#followed = room;
        this.#on.room(room, frame.payload, isWhole);
      },
      (error) => {
        if (generation !== this.#generation || room !== this.#room) return;
        const wait = error.retry_after_ms;
        if (wait) setTimeout(() => room === this.#room && this.isOpen && this.#join(), wait);
        else this.#on.room(room, null, true, error);
      },
    );
  }

  #probe(within) {
    if (!this.isOpen) return;
    const generation = this.#generation;
    this.#command("ping", {}).catch(() => {});
    clearTimeout(this.#pongTimer);
    this.#pongTimer = setTimeout(() => generation === this.#generation && this.#lost(0), within);
  }

  /** One at a time, so that order holds whatever is refused. The same temp_id makes repeating harmless (DL1). */
  async #flush() {
    if (this.#isSending || this.state.kind !== "live") return;
    const entry = this.outbox.find((one) => one.state === "waiting");
    if (!entry) return;
    this.#isSending = true;
    entry.state = "sending";
    this.#changed();
    let pause = 0;
    try {
      const { conversation_id, text, temp_id, quote } = entry;
      await this.#command("send_message", { conversation_id, text, temp_id, quote_message_id: quote?.id });
    } catch (error) {
      entry.tries++;
      const isOurs = ["offline", "disconnected", "no_answer"].includes(error.code);
      if (isOurs || error.retry_after_ms || (error.retryable && entry.tries < SEND_TRIES)) {
        entry.state = "waiting";
        pause = error.retry_after_ms ?? 1000;
      } else {
        Object.assign(entry, { state: "refused", error });
      }
      this.#changed();
    }
    this.#isSending = false;
    clearTimeout(this.#sendTimer);
    if (pause) this.#sendTimer = setTimeout(() => this.#flush(), pause);
    else this.#flush();
  }
}
