// The connection as the banner shows it: blips shorter than a second stay unseen; good news and refusals come at once.
import { useEffect, useRef, useState } from "react";
import type { ConnectionState } from "../../realtime/types";

const BLIP_MS = 1000;
const BACK_MS = 4000;

/** `back`: it was offline for long enough to be shown, and is live again. */
export type ShownKind = ConnectionState["kind"] | "back";

type Shown = { kind: ShownKind; wasOffline: boolean };

export function useSettled(state: ConnectionState): ShownKind {
  const [shown, setShown] = useState<Shown>({ kind: "idle", wasOffline: false });
  const lostAt = useRef<number | null>(null);
  const { kind } = state;

  useEffect(() => {
    if (kind === "idle" || kind === "refused") {
      lostAt.current = null;
      setShown({ kind, wasOffline: false });
      return undefined;
    }
    if (kind === "live") {
      lostAt.current = null;
      setShown((before) => ({ kind: before.wasOffline ? "back" : "live", wasOffline: before.wasOffline }));
    } else {
      lostAt.current ??= performance.now();
      // No longer true, however short the blip.
      setShown((before) => (before.kind === "back" ? { ...before, kind: "live" } : before));
    }
    const settled = () => setShown((before) => settle(kind, before));
    const timer = setTimeout(settled, kind === "live" ? BACK_MS : waitOf(performance.now() - (lostAt.current ?? 0)));
    return () => clearTimeout(timer);
  }, [kind]);

  return shown.kind;
}

/** Counted from the loss: a try that fails at once is no new blip. What is shown already changes only when it lasts. */
function waitOf(lostFor: number): number {
  return lostFor < BLIP_MS ? BLIP_MS - lostFor : BLIP_MS;
}

function settle(kind: "live" | "offline" | "connecting" | "catching_up", before: Shown): Shown {
  return { kind, wasOffline: kind !== "live" && (kind === "offline" || before.wasOffline) };
}
