// The sign-in of this browser. The access token lives in memory only; the refresh cookie is HttpOnly and brings the next.
// Tabs share the cookie: what one does to it, the others hear.
import * as v from "valibot";
import type { OperatorId, User } from "../protocol";
import { endsSignIn } from "../realtime/faults";
import { alone } from "./alone";
import { TokenAnswerSchema } from "./answers";
import type { DeskEnvironment } from "./environment";
import type { Exchange } from "./exchange";
import { faultOf, unreadable } from "./fault";

const BASE = "/api/v1/auth";
/** Says only that asking for a renewal makes sense; holds no secret. */
const HINT = "linedesk.signed_in";
/** Browsers slow a hidden page's timers to one a minute: renewed well before the end. */
const BEFORE_END_S = 90;
const AGAIN_MS = 10_000;

export type AccessListener = {
  /** A new token, not asked for by who uses it. */
  renewed(token: string): void;
  /** It was valid and is no longer; or another operator has signed in in this browser. */
  ended(): void;
  /** This operator signed out in another tab. */
  signedOutElsewhere(operator: OperatorId): void;
  /** Another tab signed in; this one may be able to go on. */
  signedInElsewhere(): void;
};

const Told = v.variant("kind", [
  v.object({ kind: v.literal("signed_in"), operator: v.number() }),
  v.object({ kind: v.literal("signed_out"), operator: v.number() }),
]);

export class Access {
  #held: { token: string; expiresAt: number; user: User } | null = null;
  #renewing: Promise<User> | null = null;
  #cancel = () => {};
  // What was asked for before a sign-in or sign-out has no say after it.
  #generation = 0;
  #environment: DeskEnvironment;
  #exchange: Exchange;
  #listener: AccessListener;

  constructor(environment: DeskEnvironment, exchange: Exchange, listener: AccessListener) {
    this.#environment = environment;
    this.#exchange = exchange;
    this.#listener = listener;
    environment.hear((message) => this.#hear(message));
  }

  get user(): User | null {
    return this.#held?.user ?? null;
  }

  /** Whether the refresh cookie may bring a token. */
  mayResume(): boolean {
    return this.#environment.storage.get(HINT) !== null;
  }

  /** Whom the refresh cookie probably stands for. */
  get expected(): OperatorId | null {
    return Number(this.#environment.storage.get(HINT)) || null;
  }

  /** The operator whom the refresh cookie stands for. */
  resume(): Promise<User> {
    return this.#renew();
  }

  async signIn(username: string, password: string): Promise<User> {
    // Not beside a refresh: the cookie that comes last is the one that stays.
    const answer = await alone(this.#environment, () =>
      this.#exchange({ method: "POST", path: `${BASE}/login`, body: { username, password } }),
    );
    this.#generation++;
    this.#renewing = null;
    const user = this.#keep(answer);
    this.#environment.tell({ kind: "signed_in", operator: user.id });
    return user;
  }

  /** Rejects while the desk has not agreed: whoever believes they are signed out must be. */
  async signOut(everywhere = false): Promise<void> {
    const held = this.#held;
    await this.#exchange({
      method: "POST",
      path: `${BASE}/logout${everywhere ? "?everywhere=true" : ""}`,
      ...(held ? { token: held.token } : {}),
    });
    this.forget();
    if (held) this.#environment.tell({ kind: "signed_out", operator: held.user.id });
  }

  /** A token that is good for now; `force`: a new one whatever the clock says. */
  async token(force: boolean): Promise<string> {
    const held = this.#held;
    if (held && !force && this.#environment.now() < held.expiresAt - 5000) return held.token;
    await this.#renew();
    if (!this.#held) throw signedOut();
    return this.#held.token;
  }

  forget(): void {
    this.#drop();
    this.#environment.storage.remove(HINT);
  }

  #drop(): void {
    this.#generation++;
    this.#renewing = null;
    this.#held = null;
    this.#cancel();
  }

  #renew(): Promise<User> {
    this.#renewing ??= this.#renewAlone();
    return this.#renewing;
  }

  async #renewAlone(): Promise<User> {
    const generation = this.#generation;
    const isCurrent = () => generation === this.#generation;
    const was = this.#held?.user.id;
    try {
      const answer = await alone(this.#environment, () => {
        // Waiting for the other tabs takes time enough to sign out.
        if (!isCurrent()) throw signedOut();
        return this.#exchange({ method: "POST", path: `${BASE}/refresh`, keepalive: true });
      });
      if (!isCurrent()) throw signedOut();
      const user = this.#keep(answer);
      if (was !== undefined && was !== user.id) {
        this.#end();
        throw signedOut();
      }
      if (this.#held) this.#listener.renewed(this.#held.token);
      return user;
    } catch (error) {
      const fault = faultOf(error);
      if (isCurrent() && endsSignIn(fault)) {
        this.forget();
        this.#listener.ended();
      }
      throw fault;
    } finally {
      if (isCurrent()) this.#renewing = null;
    }
  }

  #keep(answer: unknown): User {
    const parsed = v.safeParse(TokenAnswerSchema, answer);
    if (!parsed.success) throw unreadable();
    const { access_token, expires_in, user } = parsed.output;
    this.#held = { token: access_token, expiresAt: this.#environment.now() + expires_in * 1000, user };
    this.#environment.storage.set(HINT, String(user.id));
    this.#renewIn(Math.max(expires_in - BEFORE_END_S, expires_in / 2, 1) * 1000);
    return user;
  }

  #renewIn(ms: number): void {
    this.#cancel();
    this.#cancel = this.#environment.later(ms, () => {
      this.#renew().catch((error) => {
        if (this.#held && !endsSignIn(faultOf(error))) this.#renewIn(AGAIN_MS);
      });
    });
  }

  /** The cookie is somebody else's now, so the hint stays. */
  #end(): void {
    this.#drop();
    this.#listener.ended();
  }

  #hear(message: unknown): void {
    const told = v.safeParse(Told, message);
    if (!told.success) return;
    const { kind, operator } = told.output;
    if (kind === "signed_out") {
      if (this.#held?.user.id === operator) this.#drop();
      else if (this.#held) this.#end();
      this.#listener.signedOutElsewhere(operator);
    } else if (!this.#held) this.#listener.signedInElsewhere();
    else if (operator !== this.#held.user.id) this.#end();
  }
}

export const signedOut = () => ({
  code: "auth_missing_token" as const,
  message: "Nobody is signed in here any more.",
  retryable: false,
});
