// One connection to the desk: opening, signing in, staying, coming back, and commands with their answers.
// INVARIANT: whatever belongs to an older generation (a wire, a timer, a token) changes nothing.
// Left out: what frames mean, and when a replay has ended; `Session` knows and calls `live`.
import type { AuthSuccess, Seq, ServerFrame } from "../protocol";
import { type Answer, Answers } from "./answers";
import { backoff } from "./backoff";
import type { Cancel, Environment, Wire } from "./environment";
import { type CommandType, deskFault, endsSignIn, isFault, localFault } from "./faults";
import { parseFrame } from "./frames";
import type { ConnectionState, Fault } from "./types";
import { Watch } from "./watch";

/** WS9 */
const PING_EVERY = 25_000;
const PONG_WITHIN = 10_000;
/** A refresh may wait for another tab's. */
const TOKEN_WITHIN = 30_000;
/** A connection that lasted this long was a good one: the next loss begins anew. */
const GOOD_AFTER = 5_000;
/** The browser says offline, and may be wrong. */
const PROBE_OFFLINE = 3_000;
const PROBE_RETURN = 5_000;
/** Something that the operator did has no answer. A desk that is merely busy must not lose all its connections. */
const PROBE_LATE = 5_000;
/** Live is not said any longer when the desk, being asked, is silent for this long. */
const DOUBT_AFTER = 1_000;

export type SocketListener = {
  /** What to resume after. */
  seq(): Seq;
  onState(state: ConnectionState): void;
  /** Signed in on a new connection; what was missed comes next. */
  onWelcome(welcome: AuthSuccess): void;
  onFrame(frame: ServerFrame): void;
};

export class Socket {
  state: ConnectionState = { kind: "idle" };
  ignored = 0;

  #generation = 0;
  #wire: Wire | null = null;
  readonly #answers: Answers;
  #tries = 0;
  #mustRenew = false;
  /** The desk has just refused, and this token is already a new one. */
  #isTokenFresh = false;
  #liveSince = 0;
  #notBefore = 0;
  readonly #watch: Watch;
  readonly #doubt: Watch;
  /** Live but for the silence: `catching_up` is what is said. */
  #isInDoubt = false;
  #cancelRetry: Cancel = () => {};
  readonly #environment: Environment;
  readonly #token: (force: boolean) => Promise<string>;
  readonly #listener: SocketListener;

  constructor(environment: Environment, token: (force: boolean) => Promise<string>, listener: SocketListener) {
    this.#environment = environment;
    this.#answers = new Answers(environment, () => this.#probe(PROBE_LATE, DOUBT_AFTER));
    this.#watch = new Watch(environment);
    this.#doubt = new Watch(environment);
    this.#token = token;
    this.#listener = listener;
  }

  get isOpen(): boolean {
    return this.state.kind === "live" || this.state.kind === "catching_up";
  }

  get isLive(): boolean {
    return this.state.kind === "live";
  }

  /** Hears of the network and the page; gives the ways to stop. */
  subscribe(): Cancel[] {
    return [
      this.#environment.every(PING_EVERY, () => this.#tick()),
      this.#environment.onOnline(() => this.#networkIsBack()),
      this.#environment.onOffline(() => this.#probe(PROBE_OFFLINE, 0)),
      this.#environment.onReturn(() => {
        if (this.state.kind === "offline") this.tryNow();
        else this.#probe(PROBE_RETURN);
      }),
    ];
  }

  start(): void {
    this.#tries = 0;
    this.#mustRenew = false;
    this.#isTokenFresh = false;
    this.#connect();
  }

  stop(): void {
    this.#drop();
    this.#set({ kind: "idle" });
  }

  refuse(): void {
    this.#drop();
    this.#set({ kind: "refused" });
  }

  tryNow(): void {
    if (this.state.kind === "offline") this.#connect();
  }

  /** WS2 */
  renew(token: string): void {
    // What is wrong with it, the close code tells.
    if (this.isOpen) this.ask("auth", { token }, { ok() {}, no() {} });
  }

  /** The replay has ended. */
  live(): void {
    if (this.state.kind !== "catching_up") return;
    this.#liveSince = this.#environment.now();
    this.#set({ kind: "live" });
  }

  request(type: CommandType, payload: object): Promise<ServerFrame> {
    return new Promise((resolve, reject) => this.ask(type, payload, { ok: resolve, no: reject }));
  }

  ask(type: CommandType, payload: object, answer: Answer): void {
    if (!this.isOpen) answer.no(localFault("offline"));
    else this.#command(type, payload, answer, false);
  }

  /** An answer that may take as long as the desk keeps talking. */
  askPatiently(type: CommandType, payload: object, answer: Answer): void {
    this.#command(type, payload, answer, true);
  }

  /** Says what needs no answer. */
  tell(type: CommandType, payload: object): void {
    if (this.isOpen) this.#write({ type, payload });
  }

  #set(state: ConnectionState): void {
    this.state = state;
    this.#listener.onState(state);
  }

  #drop(): void {
    this.#generation++;
    this.#cancelRetry();
    this.#watch.end();
    this.#doubt.end();
    this.#isInDoubt = false;
    const wire = this.#wire;
    this.#wire = null;
    wire?.close();
    // Whoever hears of it must not find the connection open.
    if (this.isOpen) this.state = { kind: "connecting" };
    this.#answers.drop();
  }

  #connect(): void {
    this.#drop();
    const generation = this.#generation;
    const isForced = this.#mustRenew;
    this.#set({ kind: "connecting" });
    if (generation !== this.#generation) return;
    this.#watchFor(TOKEN_WITHIN);
    this.#token(isForced).then(
      (token) => {
        if (generation !== this.#generation) return;
        this.#mustRenew = false;
        this.#isTokenFresh ||= isForced;
        this.#open(token);
      },
      (error: unknown) => {
        if (generation !== this.#generation) return;
        if (isFault(error) && endsSignIn(error)) this.refuse();
        else this.#later();
      },
    );
  }

  #open(token: string): void {
    const generation = this.#generation;
    const isCurrent = () => generation === this.#generation;
    // Covers a server that accepts and then says nothing.
    this.#watch.end();
    this.#watchFor(PONG_WITHIN);
    this.#wire = this.#environment.connect({
      opened: () => {
        if (isCurrent()) this.#greet(token, isCurrent);
      },
      heard: (text) => {
        if (isCurrent()) this.#hear(text);
      },
      closed: (code) => {
        if (isCurrent()) this.#lost(code);
      },
    });
  }

  #greet(token: string, isCurrent: () => boolean): void {
    this.askPatiently(
      "auth",
      { token, resume_after: this.#listener.seq() },
      {
        ok: (frame) => {
          if (!isCurrent() || frame.type !== "auth_success") return;
          this.#set({ kind: "catching_up" });
          if (isCurrent()) this.#listener.onWelcome(frame.payload);
        },
        // The desk closes, and its code tells what to do; if it does not, this does.
        no: () => {
          if (isCurrent()) this.#watchFor(PONG_WITHIN);
        },
      },
    );
  }

  #lost(code: number): void {
    if ((this.isLive || this.#isInDoubt) && this.#environment.now() - this.#liveSince >= GOOD_AFTER) {
      this.#tries = 0;
      this.#isTokenFresh = false;
    }
    this.#drop();
    if (code >= 4001 && code <= 4003) this.#mustRenew = true;
    // First a new token, which the operator does not notice.
    if (this.#mustRenew && !this.#isTokenFresh) this.#connect();
    else this.#later(code === 4008 ? this.#notBefore : 0);
  }

  #later(notBefore = 0): void {
    this.#drop();
    const now = this.#environment.now();
    const wait = Math.max(backoff(this.#tries++, this.#environment.random()), notBefore - now);
    const generation = this.#generation;
    this.#cancelRetry = this.#environment.after(wait, () => {
      if (generation === this.#generation) this.#connect();
    });
    this.#set({ kind: "offline", retryAt: now + wait });
  }

  #command(type: CommandType, payload: object, answer: Answer, isPatient: boolean): void {
    const id = this.#answers.expect(answer, isPatient);
    this.#write({ type, payload, id });
  }

  #write(frame: { type: CommandType; payload: object; id?: string }): void {
    this.#wire?.send(JSON.stringify({ ...frame, timestamp: new Date(this.#environment.now()).toISOString() }));
  }

  #hear(text: string): void {
    this.#watch.end();
    this.#assured();
    const frame = parseFrame(text);
    const answer = frame?.reply_to === undefined ? undefined : this.#answers.take(frame.reply_to);
    // Something is still owed, and the desk is there: it has its time once more.
    if (this.#answers.isPatient) this.#watchFor(PONG_WITHIN);
    if (!frame) this.ignored++;
    else this.#take(frame, answer);
  }

  #take(frame: ServerFrame, answer: Answer | undefined): void {
    switch (frame.type) {
      case "error": {
        const { retry_after_ms } = frame.payload;
        if (retry_after_ms !== undefined) this.#notBefore = this.#environment.now() + retry_after_ms;
        answer?.no(deskFault(frame.payload));
        return;
      }
      case "auth_error": {
        const fault: Fault = { ...frame.payload, retryable: false };
        // Some proxies lose the close code that follows.
        if (endsSignIn(fault)) this.#mustRenew = true;
        answer?.no(fault);
        return;
      }
      default:
        if (frame.type !== "pong") this.#listener.onFrame(frame);
        answer?.ok(frame);
    }
  }

  #tick(): void {
    // A hidden page's own timers may be very late.
    if (this.state.kind === "offline" && this.#environment.now() >= this.state.retryAt) this.#connect();
    else this.#probe(PONG_WITHIN);
  }

  #networkIsBack(): void {
    if (this.isOpen) this.#probe(PROBE_RETURN);
    // What was begun without a network may hang for long.
    else if (this.state.kind === "offline" || this.state.kind === "connecting") this.#connect();
  }

  /** Asks whether the desk is still there. `doubtAfter`: how long it is taken for granted meanwhile. */
  #probe(within: number, doubtAfter?: number): void {
    if (!this.isOpen) return;
    if (!this.#answers.isPatient) this.askPatiently("ping", {}, { ok() {}, no() {} });
    this.#watchFor(within);
    if (doubtAfter === 0) this.#doubted();
    else if (doubtAfter !== undefined) this.#doubt.within(doubtAfter, () => this.#doubted());
  }

  #doubted(): void {
    if (!this.isLive) return;
    this.#isInDoubt = true;
    this.#set({ kind: "catching_up" });
  }

  /** It was only slow. Said before what it tells: what happens live is told as such. */
  #assured(): void {
    this.#doubt.end();
    if (!this.#isInDoubt) return;
    this.#isInDoubt = false;
    this.#set({ kind: "live" });
  }

  /** Takes the connection for lost when nothing is heard. */
  #watchFor(ms: number): void {
    const generation = this.#generation;
    this.#watch.within(ms, () => {
      if (generation === this.#generation) this.#lost(0);
    });
  }
}
