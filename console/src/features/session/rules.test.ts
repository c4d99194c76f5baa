import { describe, expect, it } from "vitest";
import type { Session, User } from "../../protocol";
import type { Fault } from "../../realtime/types";
import { COLLEAGUE, fakeDesk, ME, session, summary, waiting } from "../../testing/fake-desk";
import { allowed } from "./allowed";
import { named } from "./claimed-by";
import { matching, reasonLength, teammates, withPresence } from "./teammates";
import { type Undoable, undoOf } from "./undo";

const ADMIN: User = { ...ME, role: "ADMIN" };
const others = session({ operator_id: 2, operator_name: "Nok" });

describe("se3_who_may_do_what", () => {
  it.each<[string, Session | null, User, string | null, readonly string[]]>([
    ["no session", null, ME, "takeFromBot", []],
    ["waiting", waiting(5), ME, "claim", []],
    ["waiting, ADMIN", waiting(5), ADMIN, "claim", ["transfer", "close"]],
    ["mine", session(), ME, null, ["transfer", "release", "close"]],
    ["a colleague's", others, ME, null, []],
    ["a colleague's, ADMIN", others, ADMIN, "takeOver", ["transfer", "release", "close"]],
  ])("%s", (_name, one, user, main, rest) => {
    expect(allowed(summary({ session: one }), user)).toEqual({ main, others: rest });
  });
});

describe("what an undo does", () => {
  const calls = async (act: Undoable, one: Session, user: User) => {
    const desk = fakeDesk();
    const undo = undoOf(act, summary({ session: one }), user);
    if (!undo) return null;
    await undo(desk);
    return Object.entries({
      claim: desk.claim,
      takeFromBot: desk.takeFromBot,
      takeOver: desk.takeOver,
      release: desk.release,
      transfer: desk.transfer,
    }).flatMap(([name, one]) => one.mock.calls.map((args: readonly unknown[]) => [name, ...args].join(" ").trim()));
  };

  it.each<[Undoable, string, Session, User, readonly string[] | null]>([
    ["close", "mine", session(), ME, ["takeFromBot 1"]],
    ["close", "waiting", waiting(5), ADMIN, ["takeFromBot 1", "release 1"]],
    ["close", "a colleague's", others, ADMIN, ["takeFromBot 1", "transfer 1 2"]],
    ["transfer", "mine, as AGENT: it is another's then", session(), ME, null],
    ["transfer", "mine, as ADMIN", session(), ADMIN, ["takeOver 1"]],
    ["transfer", "waiting, as ADMIN", waiting(5), ADMIN, ["release 1"]],
    ["transfer", "a colleague's, as ADMIN", others, ADMIN, ["transfer 1 2"]],
    ["release", "mine", session(), ME, ["claim 1"]],
    ["release", "a colleague's, as ADMIN", others, ADMIN, ["claim 1", "transfer 1 2"]],
  ])("%s: %s", async (act, _name, one, user, expected) => {
    expect(await calls(act, one, user)).toEqual(expected);
  });
});

describe("se4_to_whom_it_can_go", () => {
  const mei = { ...COLLEAGUE, id: 3, display_name: "Mei", active_chats: 1 };
  const ken = { ...COLLEAGUE, id: 4, display_name: "Ken", status: "offline", active_chats: 0 } as const;
  const me = { ...COLLEAGUE, id: 1, display_name: "Arisa" };

  it("leaves out oneself and the owner; those who can answer come first, then the least loaded", () => {
    const names = (owner: number | null) =>
      teammates([ken, COLLEAGUE, me, mei], 1, owner).map((one) => one.display_name);
    expect(names(null)).toEqual(["Mei", "Nok", "Ken"]);
    expect(names(2)).toEqual(["Mei", "Ken"]);
  });

  it("follows presence", () => {
    expect(withPresence(mei, [])).toBe(mei);
    expect(withPresence(mei, [{ id: 3, name: "Mei", status: "busy", active_chats: 9 }])).toMatchObject({
      status: "busy",
      active_chats: 9,
    });
    expect(withPresence(mei, [{ id: 2, name: "Nok", status: "online", active_chats: 1 }]).status).toBe("offline");
  });

  it("finds by part of the name", () => {
    expect(matching([mei, ken], " KE ").map((one) => one.id)).toEqual([4]);
  });

  it("counts characters", () => {
    expect(reasonLength("ok😀")).toBe(3);
  });
});

describe("who has it", () => {
  const refused = (details: unknown): Fault => ({ code: "session_not_found", message: "", retryable: false, details });
  const state = { presence: [], operators: [COLLEAGUE] };

  it("is looked up when the desk tells only the id", () => {
    expect(named(refused({ operator_id: 2 }), state).details).toMatchObject({ operator_name: "Nok" });
    expect(named(refused({ operator_id: 2, operator_name: "Nok N." }), state).details).toMatchObject({
      operator_name: "Nok N.",
    });
    expect(named(refused(undefined), state).details).toBeUndefined();
  });
});
