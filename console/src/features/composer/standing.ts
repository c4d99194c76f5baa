// Whether an operator may write to the customer now, and if not: why, and which acts help (SE3, DL7).
import type { Summary, User } from "../../protocol";

export type StandingAct = "claim" | "takeFromBot" | "takeOver" | "close";

export type Standing =
  | { kind: "open" }
  | { kind: "bot" }
  | { kind: "waiting"; isAfterHours: boolean }
  /** `name`: null when the desk does not tell it. */
  | { kind: "other"; name: string | null; mayTakeOver: boolean }
  /** `isPerson`: they blocked the account; else the account is not in the chat any more. */
  | { kind: "unreachable"; isPerson: boolean; mayClose: boolean };

export const isAdmin = (user: User): boolean => user.role !== "AGENT";

/** SE3: close, transfer and release are the owner's or an ADMIN's. */
export const mayAct = (summary: Summary, user: User): boolean =>
  summary.session !== null && (summary.session.operator_id === user.id || isAdmin(user));

/** An ADMIN may by SE3 write into a colleague's chat, but takes it over first here: two hands confuse a customer. */
export function standing(summary: Summary, user: User): Standing {
  const { session } = summary;
  if (summary.friend_status === "UNFOLLOWED") {
    return { kind: "unreachable", isPerson: summary.source_type === "user", mayClose: mayAct(summary, user) };
  }
  if (!session || session.status === "CLOSED") return { kind: "bot" };
  if (session.status === "WAITING") return { kind: "waiting", isAfterHours: session.after_hours };
  if (session.operator_id === user.id) return { kind: "open" };
  return { kind: "other", name: session.operator_name, mayTakeOver: isAdmin(user) };
}

export function helpingActs(found: Standing): readonly StandingAct[] {
  switch (found.kind) {
    case "open":
      return [];
    case "bot":
      return ["takeFromBot"];
    case "waiting":
      return ["claim"];
    case "other":
      return found.mayTakeOver ? ["takeOver"] : [];
    case "unreachable":
      return found.mayClose ? ["close"] : [];
  }
}
