// Whose turn it is: what one operator left in the page does not meet the next. A sign-in that merely ended leaves all as it
// is, for the same person comes back.
import type { Desk } from "../desk/types";
import type { OperatorId } from "../protocol";
import { forgetAll } from "../ui/forget";

/** Returns the way to stop. */
export function forgetBetweenTurns(desk: Desk): () => void {
  let last: OperatorId | null = null;
  return desk.store.subscribe(({ signIn }, before) => {
    if (signIn === before.signIn) return;
    if (signIn.kind === "signed_in") {
      if (last !== null && last !== signIn.user.id) forgetAll();
      last = signIn.user.id;
    } else if (signIn.kind === "signed_out" && signIn.reason === "new") forgetAll();
  });
}
