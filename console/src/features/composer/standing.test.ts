import { describe, expect, it } from "vitest";
import type { Summary, User } from "../../protocol";
import { COLLEAGUE, ME, session, summary, waiting } from "../../testing/fake-desk";
import { helpingActs, standing } from "./standing";

const ADMIN: User = { ...ME, role: "ADMIN" };
const others = session({ operator_id: COLLEAGUE.id, operator_name: "Nok" });

describe("whether one may write", () => {
  it.each<[string, Summary, User, string, readonly string[]]>([
    ["mine", summary({ session: session() }), ME, "open", []],
    ["the bot's", summary(), ME, "bot", ["takeFromBot"]],
    ["closed", summary({ session: session({ status: "CLOSED" }) }), ME, "bot", ["takeFromBot"]],
    ["waiting", summary({ session: waiting(60) }), ME, "waiting", ["claim"]],
    ["waiting, for an ADMIN", summary({ session: waiting(60) }), ADMIN, "waiting", ["claim"]],
    ["a colleague's", summary({ session: others }), ME, "other", []],
    ["a colleague's, for an ADMIN (SE3)", summary({ session: others }), ADMIN, "other", ["takeOver"]],
    ["mine, blocked (DL7)", summary({ session: session(), friend_status: "UNFOLLOWED" }), ME, "unreachable", ["close"]],
    ["the bot's, blocked (DL7)", summary({ friend_status: "UNFOLLOWED" }), ME, "unreachable", []],
    ["a colleague's, blocked", summary({ session: others, friend_status: "UNFOLLOWED" }), ME, "unreachable", []],
    ["not known whether blocked", summary({ session: session(), friend_status: "UNKNOWN" }), ME, "open", []],
  ])("%s", (_name, about, user, kind, acts) => {
    const found = standing(about, user);
    expect(found.kind).toBe(kind);
    expect(helpingActs(found)).toEqual(acts);
  });

  it("tells a group that was left from a person who blocked", () => {
    const left = summary({ source_type: "group", friend_status: "UNFOLLOWED" });
    expect(standing(left, ME)).toMatchObject({ isPerson: false });
  });
});
