// The connection as it is shown: blips shorter than a second stay unseen; good news and refusals come at once.
import { useEffect, useState } from "react";
import type { ConnectionState } from "../../realtime/types";

const BLIP_MS = 1000;
const BACK_MS = 4000;

/** `back`: it was offline for long enough to be shown, and is live again. */
export type ShownKind = ConnectionState["kind"] | "back";

type Shown = { kind: ShownKind; wasOffline: boolean };

export function useSettled(state: ConnectionState): ShownKind {
  const [shown, setShown] = useState<Shown>({ kind: "idle", wasOffline: false });
  const { kind } = state;

  useEffect(() => {
    if (kind === "idle" || kind === "refused") {
      setShown({ kind, wasOffline: false });
      return undefined;
    }
    if (kind === "live")
      setShown((before) => ({ kind: before.wasOffline ? "back" : "live", wasOffline: before.wasOffline }));
    const settled = () => setShown((before) => settle(kind, before));
    const timer = setTimeout(settled, kind === "live" ? BACK_MS : BLIP_MS);
    return () => clearTimeout(timer);
  }, [kind]);

  return shown.kind;
}

function settle(kind: "live" | "offline" | "connecting" | "catching_up", before: Shown): Shown {
  return { kind, wasOffline: kind !== "live" && (kind === "offline" || before.wasOffline) };
}
