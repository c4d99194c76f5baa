// Which acts an operator may take on a conversation (SE3), and which is the first to come to mind.
import type { Summary, User } from "../../protocol";
import { isAdmin, mayAct } from "../composer/standing";
import type { Act } from "./acts";

export type Allowed = { main: "claim" | "takeFromBot" | "takeOver" | null; others: readonly Act[] };

export function allowed(summary: Summary, me: User): Allowed {
  const { session } = summary;
  // Who blocked the account cannot be answered: there is nothing to begin.
  const isReachable = summary.friend_status !== "UNFOLLOWED";
  if (!session) return { main: isReachable ? "takeFromBot" : null, others: [] };
  if (session.status === "WAITING") return { main: "claim", others: isAdmin(me) ? ["transfer", "close"] : [] };
  if (!mayAct(summary, me)) return { main: null, others: [] };
  return { main: session.operator_id === me.id ? null : "takeOver", others: ["transfer", "release", "close"] };
}
