// What takes a close, a transfer or a release back. Only where the desk lets one do it (SE3): else there is no undo to press.
// A session that is closed stays closed; its undo opens another one in the same hands.
import type { Desk } from "../../desk/types";
import type { Summary, User } from "../../protocol";
import { isAdmin } from "../composer/standing";

/** Whether there is still something to take back: nobody takes from a colleague what they have claimed since. */
export function isUndoable(act: Undoable, before: Summary, now: Summary | undefined): boolean {
  if (act !== "release") return true;
  const session = now?.session;
  return session?.status === "WAITING" || (!!session && session.operator_id === before.session?.operator_id);
}

export type Undo = (desk: Desk) => Promise<void>;

export type Undoable = "close" | "transfer" | "release";

export function undoOf(act: Undoable, before: Summary, me: User): Undo | null {
  const { id, session } = before;
  if (!session) return null;
  const owner = session.operator_id;
  if (act === "release") {
    // By claiming: whoever was first meanwhile keeps it, and the refusal names them.
    return async (desk) => {
      await desk.claim(id);
      if (owner !== null && owner !== me.id) await desk.transfer(id, owner, "");
    };
  }
  const back = backTo(id, owner, me, session.status === "WAITING");
  if (act === "close") {
    // Nobody is asked to a chat that cannot be written in.
    if (before.friend_status === "UNFOLLOWED") return null;
    return async (desk) => {
      await desk.takeFromBot(id);
      if (owner !== me.id) await back?.(desk);
    };
  }
  // What one has given away is another's; only an ADMIN can fetch it.
  if (!isAdmin(me)) return null;
  return back;
}

function backTo(id: number, owner: number | null, me: User, wasWaiting: boolean): Undo | null {
  if (wasWaiting) return (desk) => desk.release(id);
  if (owner === me.id) return (desk) => desk.takeOver(id);
  if (owner === null) return null;
  return (desk) => desk.transfer(id, owner, "");
}
