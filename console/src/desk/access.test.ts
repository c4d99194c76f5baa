// @vitest-environment node
import { beforeEach, describe, expect, it, vi } from "vitest";
import { ME } from "../testing/fake-desk";
import { Access } from "./access";
import { createExchange } from "./exchange";
import { answer, FakeBrowser, problem, settled, tokens } from "./testing";

const OTHER = { ...ME, id: 2, username: "nok" };

/** A desk's sign-in with AU2: a refresh cookie works once, and ends everything when it is used twice. */
class FakeDoor {
  cookie = 0;
  used = new Set<number>();
  refreshes = 0;
  isAway = false;
  isRevoked = false;
  user = ME;
  /** Answers are held until they are let go. */
  held: (() => void)[] | null = null;

  fetch = async (path: string, init: RequestInit): Promise<Response> => {
    if (this.isAway) throw new TypeError("Failed to fetch");
    if (path.endsWith("/login")) {
      if (JSON.stringify(init.body).includes("wrong")) return problem(401, "auth_invalid_token");
      this.isRevoked = false;
      return answer(tokens(++this.cookie, this.user));
    }
    if (path.endsWith("/logout")) {
      this.isRevoked = true;
      return answer(null, 204);
    }
    this.refreshes++;
    const sent = this.cookie;
    if (this.held) await new Promise<void>((done) => this.held?.push(done));
    if (this.used.has(sent)) this.isRevoked = true;
    this.used.add(sent);
    if (this.isRevoked || sent === 0) return problem(401, "auth_invalid_token");
    return answer(tokens(++this.cookie, this.user));
  };
}

let browser: FakeBrowser;
let door: FakeDoor;

function tab(hasLocks = true) {
  const environment = browser.tab(door.fetch, hasLocks);
  const listener = { renewed: vi.fn(), ended: vi.fn(), signedOutElsewhere: vi.fn(), signedInElsewhere: vi.fn() };
  return { access: new Access(environment, createExchange(environment), listener), listener };
}

beforeEach(() => {
  browser = new FakeBrowser();
  door = new FakeDoor();
});

describe("the access token", () => {
  it("is kept in memory only", async () => {
    const { access } = tab();
    await access.signIn("arisa", "right");
    expect(await access.token(false)).toBe("token1");
    expect(JSON.stringify([...browser.stored])).not.toContain("token1");
    expect(access.mayResume()).toBe(true);
  });

  it("is renewed before it ends, and who uses it is told", async () => {
    const { access, listener } = tab();
    await access.signIn("arisa", "right");
    await browser.pass(800_000);
    expect(door.refreshes).toBe(0);
    await browser.pass(20_000);
    expect(door.refreshes).toBe(1);
    expect(listener.renewed).toHaveBeenCalledWith("token2");
    expect(await access.token(false)).toBe("token2");
  });

  it("is asked for once by many who need it", async () => {
    const { access } = tab();
    await access.signIn("arisa", "right");
    const all = await Promise.all([access.token(true), access.token(true), access.token(true)]);
    expect(all).toEqual(["token2", "token2", "token2"]);
    expect(door.refreshes).toBe(1);
  });

  it("is tried for again while the desk is away, and not given up", async () => {
    const { access, listener } = tab();
    await access.signIn("arisa", "right");
    door.isAway = true;
    await browser.pass(860_000);
    await expect(access.token(true)).rejects.toMatchObject({ code: "offline" });
    expect(listener.ended).not.toHaveBeenCalled();
    door.isAway = false;
    await browser.pass(20_000);
    expect(listener.renewed).toHaveBeenCalled();
  });

  it("ends the sign-in when the desk refuses a new one", async () => {
    const { access, listener } = tab();
    await access.signIn("arisa", "right");
    door.isRevoked = true;
    await expect(access.token(true)).rejects.toMatchObject({ code: "auth_invalid_token" });
    expect(listener.ended).toHaveBeenCalledTimes(1);
    expect(access.mayResume()).toBe(false);
  });

  it("does not come back when a renewal is overtaken by signing out", async () => {
    const { access, listener } = tab();
    await access.signIn("arisa", "right");
    door.held = [];
    const renewal = access.token(true).catch((fault) => fault);
    await settled();
    await access.signOut();
    door.isRevoked = false;
    for (const done of door.held) done();
    expect(await renewal).toMatchObject({ code: "auth_missing_token" });
    expect(access.user).toBeNull();
    expect(listener.renewed).not.toHaveBeenCalled();
    expect(access.mayResume()).toBe(false);
  });
});

async function signedIn(access: Access): Promise<void> {
  const done = access.signIn("arisa", "right");
  await browser.pass(1000);
  await done;
}

describe.each([
  ["with Web Locks", true],
  ["without Web Locks", false],
])("two tabs of one browser, %s", (_, hasLocks) => {
  it("never use a refresh cookie twice (AU2)", async () => {
    const [a, b] = [tab(hasLocks), tab(hasLocks)];
    await signedIn(a.access);
    const both = Promise.all([a.access.token(true), b.access.resume(), a.access.token(true)]);
    await browser.pass(10_000);
    await both;
    expect(door.refreshes).toBe(2);
    expect(door.isRevoked).toBe(false);
  });

  it("wait for the refresh that a page that is gone has left on its way", async () => {
    const first = tab(hasLocks);
    await signedIn(first.access);
    browser.stored.set("linedesk.refresh_since", String(browser.time - 500));
    const second = tab(hasLocks);
    const resumed = second.access.resume();
    await browser.pass(900);
    expect(door.refreshes).toBe(0);
    await browser.pass(300);
    await expect(resumed).resolves.toEqual(ME);
  });
});

describe("what another tab does", () => {
  it("signs this one out too", async () => {
    const [a, b] = [tab(), tab()];
    await a.access.signIn("arisa", "right");
    await b.access.resume();
    await a.access.signOut();
    expect(b.listener.signedOutElsewhere).toHaveBeenCalledExactlyOnceWith(ME.id);
    expect(a.listener.signedOutElsewhere).not.toHaveBeenCalled();
    expect(b.access.user).toBeNull();
  });

  it("ends this one's sign-in when another operator comes, and leaves the cookie alone", async () => {
    const [a, b] = [tab(), tab()];
    await a.access.signIn("arisa", "right");
    door.user = OTHER;
    await b.access.signIn("nok", "right");
    expect(a.listener.ended).toHaveBeenCalledTimes(1);
    expect(a.access.user).toBeNull();
    expect(b.access.mayResume()).toBe(true);
  });

  it("changes nothing when the same operator signs in again", async () => {
    const [a, b] = [tab(), tab()];
    await a.access.signIn("arisa", "right");
    await b.access.signIn("arisa", "right");
    expect(a.listener.ended).not.toHaveBeenCalled();
  });

  it("is news to one that waits at the door", async () => {
    const [a, b] = [tab(), tab()];
    await a.access.signIn("arisa", "right");
    expect(b.listener.signedInElsewhere).toHaveBeenCalledTimes(1);
  });

  it("is found out by the renewal where no word of it came", async () => {
    const { access, listener } = tab();
    await access.signIn("arisa", "right");
    door.user = OTHER;
    await expect(access.token(true)).rejects.toMatchObject({ code: "auth_missing_token" });
    expect(listener.ended).toHaveBeenCalledTimes(1);
  });
});

it("a wrong password changes nothing", async () => {
  const { access, listener } = tab();
  await access.signIn("arisa", "right");
  await expect(access.signIn("arisa", "wrong")).rejects.toMatchObject({ code: "auth_invalid_token" });
  expect(listener.ended).not.toHaveBeenCalled();
  expect(await access.token(false)).toBe("token1");
});
