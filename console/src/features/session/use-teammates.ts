// Loads the accounts that a conversation can go to.
import { useEffect, useState } from "react";
import { useDesk } from "../../desk/context";
import { isFault } from "../../realtime/faults";
import type { Fault } from "../../realtime/types";

export type Loading = { kind: "loading" } | { kind: "ready" } | { kind: "failed"; fault: Fault; again: () => void };

/** Loads the accounts when the dialog opens; what is known from before is shown meanwhile. */
export function useTeammates(): Loading {
  const desk = useDesk();
  const [tries, setTries] = useState(0);
  const [loading, setLoading] = useState<Loading>({ kind: "loading" });
  // biome-ignore lint/correctness/useExhaustiveDependencies: each try loads again.
  useEffect(() => {
    let isGone = false;
    const end = (next: Loading) => isGone || setLoading(next);
    const again = () => {
      setLoading({ kind: "loading" });
      setTries((n) => n + 1);
    };
    desk.loadOperators().then(
      () => end({ kind: "ready" }),
      (fault) => isFault(fault) && end({ kind: "failed", fault, again }),
    );
    return () => {
      isGone = true;
    };
  }, [desk, tries]);
  return loading;
}
