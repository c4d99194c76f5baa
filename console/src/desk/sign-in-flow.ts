// Who is at the desk: coming, staying, leaving, and starting anew when too much was missed.
import type { OperatorId, Seq, User } from "../protocol";
import { endsSignIn, isUnanswered } from "../realtime/faults";
import type { ConnectionState, Fault } from "../realtime/types";
import type { Access } from "./access";
import type { Core } from "./core";
import type { DeskEnvironment } from "./environment";
import { faultOf } from "./fault";
import type { Hearing } from "./happenings";
import type { Link } from "./link";
import type { ListLoads } from "./list-loads";
import { forgetPeople } from "./people";
import { Retry } from "./retry";
import type { ThreadLoads } from "./thread-loads";
import type { SignIn } from "./types";

/** A start that takes longer is told as what it probably is: the desk away. */
const SLOW_MS = 4000;
/**
 * Whose outbox is to be wiped: kept from before the sign-out until it is, because the page may be gone in the middle.
 */
const LEAVING = "linedesk.leaving";

/** A page that goes away is gone by then. */
const STAYS_AFTER_MS = 1000;

type Parts = {
  core: Core;
  access: Access;
  lists: ListLoads;
  threads: ThreadLoads;
  link: Link;
  hearing: Hearing;
  environment: DeskEnvironment;
  onLeft: (operator: OperatorId) => void;
};

export class SignInFlow {
  #parts: Parts;
  /** The socket begins where the next list was true. */
  #needsStart = false;
  /** Signing out: what the desk ends meanwhile is no surprise. */
  #isLeaving = false;
  #hasEnded = false;
  #retry: Retry;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#retry = new Retry(parts.environment);
  }

  start(): void {
    const leaver = this.#leaver;
    if (leaver !== null) this.#parts.onLeft(leaver);
    if (this.#parts.access.mayResume()) this.#resume();
    else {
      this.#set({ kind: "signed_out", reason: "new" });
      void this.#wipe(this.#leaver);
    }
  }

  async signIn(username: string, password: string): Promise<void> {
    this.#retry.end();
    const user = await this.#parts.access.signIn(username, password);
    // What a sign-out left undone, before anything of it is sent.
    await this.#wipe(this.#leaver);
    this.#enter(user);
  }

  /** What waits to be sent goes with the operator: nothing of a customer stays in a browser that others use. */
  async signOut(everywhere = false): Promise<void> {
    const { access, core, environment } = this.#parts;
    const { me } = core.ledger;
    environment.storage.set(LEAVING, String(me));
    this.#isLeaving = true;
    this.#hasEnded = false;
    try {
      await access.signOut(everywhere);
    } catch (error) {
      this.#isLeaving = false;
      const isUnheard = isUnanswered(faultOf(error));
      if (isUnheard && this.#hasEnded) {
        // The desk ended the sign-in, and only its answer was lost.
        access.forget();
        return this.#left(me);
      }
      if (isUnheard) {
        // Not at once: a page that goes away breaks its requests off, and the desk may have heard this one.
        environment.later(STAYS_AFTER_MS, () => {
          if (!this.#isLeaving && core.state.signIn.kind === "signed_in") environment.storage.remove(LEAVING);
        });
      } else environment.storage.remove(LEAVING);
      if (this.#hasEnded) this.ended();
      throw error;
    }
    this.#isLeaving = false;
    await this.#left(me);
  }

  /** Signed out in another tab: what is here is this operator's too. */
  leftElsewhere(operator: OperatorId): void {
    if (operator === this.#parts.core.ledger.me) void this.#left(operator);
  }

  async #left(operator: OperatorId): Promise<void> {
    const { core, environment, hearing, link } = this.#parts;
    environment.storage.set(LEAVING, String(operator));
    this.#needsStart = false;
    this.#leave();
    const wiped = this.#wipe(operator);
    link.stop();
    hearing.forget();
    core.reset(0);
    this.#set({ kind: "signed_out", reason: "new" });
    await wiped;
  }

  async #wipe(operator: OperatorId | null): Promise<void> {
    const { environment, link, onLeft } = this.#parts;
    if (operator === null) return;
    onLeft(operator);
    if (!(await link.forget(operator))) return;
    if (this.#leaver === operator) environment.storage.remove(LEAVING);
  }

  /** Who signed out and may have left something. */
  get #leaver(): OperatorId | null {
    return Number(this.#parts.environment.storage.get(LEAVING)) || null;
  }

  tryNow(): void {
    const { core, link } = this.#parts;
    const { signIn } = core.state;
    if (signIn.kind === "signed_out" && signIn.reason === "away") this.#retry.now();
    else if (this.#needsStart) this.#load();
    else link.tryNow();
  }

  /** Only a new sign-in helps. What is on the screen is kept for the same operator. */
  ended(): void {
    const { core, link } = this.#parts;
    const { signIn } = core.state;
    if (this.#isLeaving) {
      this.#hasEnded = true;
      return;
    }
    if (signIn.kind === "signed_out" && signIn.reason === "ended") return;
    const leaver = this.#leaver;
    if (leaver !== null && (core.ledger.me === 0 || core.ledger.me === leaver)) {
      void this.#left(leaver);
      return;
    }
    this.#leave();
    this.#set({
      kind: "signed_out",
      reason: signIn.kind === "signed_out" && signIn.reason === "new" ? "new" : "ended",
    });
    if (link.state.kind !== "refused") link.refuse();
  }

  /** Another tab signed in: the cookie is good again. */
  elsewhere(): void {
    if (this.#parts.core.state.signIn.kind === "signed_out" && this.#parts.access.mayResume()) this.#resume();
  }

  resync(): void {
    this.#needsStart = true;
    this.#parts.core.distrust();
    this.#parts.hearing.forget();
    this.#load();
  }

  /** A list was loaded. */
  loaded(seq: Seq): void {
    const { core, link, threads } = this.#parts;
    const { signIn, openId } = core.state;
    if (!this.#needsStart || signIn.kind !== "signed_in") return;
    this.#needsStart = false;
    this.#retry.end();
    link.start(signIn.user.id, seq);
    if (openId === null) return;
    link.setRoom(openId);
    if (core.state.threads.get(openId)?.hasAfter) threads.again(openId).catch(() => {});
  }

  /** A list was not, be it this one's or one that the operator chose meanwhile. */
  notLoaded(fault: Fault): void {
    const { core } = this.#parts;
    if (!this.#needsStart || endsSignIn(fault) || core.state.signIn.kind !== "signed_in") return;
    const retryAt = this.#retry.later(() => this.#load(), fault.retry_after_ms);
    core.change((draft) => {
      draft.rest.connection = { kind: "offline", retryAt };
    });
  }

  #resume(): void {
    const { access, core, environment } = this.#parts;
    this.#retry.cancel();
    const { signIn } = core.state;
    if (signIn.kind === "signed_out" && signIn.reason === "away") this.#isAway({ kind: "connecting" });
    const cancelSlow = environment.later(SLOW_MS, () => {
      if (core.state.signIn.kind === "starting") this.#isAway({ kind: "connecting" });
    });
    access.resume().then(
      (user) => {
        cancelSlow();
        if (core.state.signIn.kind === "signed_in") return;
        // The sign-out never reached the desk.
        if (this.#leaver === user.id) environment.storage.remove(LEAVING);
        this.#enter(user);
      },
      (error) => {
        cancelSlow();
        const fault = faultOf(error);
        // The other end is told by `ended`.
        if (endsSignIn(fault) || core.state.signIn.kind === "signed_in") return;
        const retryAt = this.#retry.later(() => this.#resume(), fault.retry_after_ms);
        this.#isAway({ kind: "offline", retryAt });
      },
    );
  }

  /** How much waits to be sent is all that is known of before. */
  #isAway(connection: ConnectionState): void {
    const { access, core, link } = this.#parts;
    core.change((draft) => {
      draft.rest.signIn = { kind: "signed_out", reason: "away" };
      draft.rest.connection = connection;
    });
    const { expected } = access;
    if (expected !== null) link.recall(expected);
  }

  #enter(user: User): void {
    const { core, link, hearing } = this.#parts;
    this.#retry.end();
    const isReturn = core.ledger.me === user.id && !this.#needsStart;
    if (core.ledger.me !== user.id) {
      link.stop();
      hearing.forget();
      core.reset(user.id);
    }
    this.#set({ kind: "signed_in", user });
    if (isReturn) {
      // The replay tells what was missed; the list is loaded for what its own loading may have missed.
      link.start(user.id, link.seq);
      link.setRoom(core.state.openId);
      this.#parts.lists.load(true).catch(() => {});
      return;
    }
    this.#needsStart = true;
    this.#load();
  }

  #load(): void {
    const { core, lists } = this.#parts;
    this.#retry.cancel();
    if (core.state.connection.kind !== "live") {
      core.change((draft) => {
        draft.rest.connection = { kind: "connecting" };
      });
    }
    lists.load(core.state.list.ids.length > 0).catch(() => {});
  }

  #leave(): void {
    this.#retry.end();
    this.#parts.lists.stop();
    this.#parts.core.change(forgetPeople);
  }

  #set(signIn: SignIn): void {
    this.#parts.core.change((draft) => {
      draft.rest.signIn = signIn;
    });
  }
}
