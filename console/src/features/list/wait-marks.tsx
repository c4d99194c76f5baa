// The parts of a row that move with the clock. Each renders alone; the row around it does not.
import { useMessages } from "../../catalogue/catalogue";
import type { Session } from "../../protocol";
import { Icon } from "../../ui/icon";
import { duration } from "../../ui/time";
import { useWait, type Wait } from "./wait";

const PHASE: Record<Wait["phase"], string> = { calm: "", near: " is-near", over: " is-over" };

const WORDS_EVERY_MS = 10_000;

/** "04:38" at the row's end. */
export function WaitClock({ session }: { session: Session }) {
  const t = useMessages().list;
  const { ms, phase } = useWait(session);
  const time = duration(ms);
  return (
    <span className={`when is-wait${PHASE[phase]}`} title={session.after_hours ? t.afterHours : undefined}>
      <Icon name={session.after_hours ? "moon" : "clock"} size={14} />
      {phase === "over" ? t.over(time) : time}
    </span>
  );
}

/** Fills to the target. Only the marks and the words are said aloud, so it has no name of its own. */
export function WaitBar({ session }: { session: Session }) {
  const { share, phase } = useWait(session);
  if (share === null) return null;
  return (
    <span className={`wait${PHASE[phase]}`}>
      <i style={{ "--f": `${Math.round(share * 100)}%` }} />
    </span>
  );
}

/** In words, for a screen reader; in steps, so that the text changes seldom. */
export function WaitWords({ session }: { session: Session }) {
  const t = useMessages().list;
  const wait = useWait(session);
  const time = duration(Math.floor(wait.ms / WORDS_EVERY_MS) * WORDS_EVERY_MS);
  if (wait.targetMs === null)
    return <>{session.after_hours ? `${t.waitingLong(time)}, ${t.afterHours}` : t.waitingLong(time)}</>;
  const target = duration(wait.targetMs);
  return <>{wait.phase === "over" ? t.waitingOver(time, target) : t.waitingFor(time, target)}</>;
}
