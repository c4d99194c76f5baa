// Whether LINE may take a message and deliver it to nobody: it delivers to friends, and for seven days to whoever wrote.
import type { Summary } from "../../protocol";

/** `unheard`: they never wrote. `silent`: not for seven days. */
export type OutOfReach = "unheard" | "silent" | null;

/** The desk tells until when a push surely arrives (`reach_until`); without it there is nothing to say. */
export function outOfReach(summary: Summary, now: number): OutOfReach {
  if (summary.reach_until === undefined || now < Date.parse(summary.reach_until)) return null;
  return summary.friend_status === "UNKNOWN" ? "unheard" : "silent";
}
