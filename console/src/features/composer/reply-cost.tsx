// Whether a reply sent now is probably free, and for how long it stays so.
import { useMessages } from "../../catalogue/catalogue";
import { useDeskState } from "../../desk/context";
import type { ConversationId } from "../../protocol";
import { Icon } from "../../ui/icon";
import { useNow } from "../../ui/now";
import { isAhead, replyClock, SURE_MS, unansweredSince } from "./reply-clock";

export function ReplyCost({ id }: { id: ConversationId }) {
  const since = useDeskState((state) => {
    const thread = state.threads.get(id);
    // Without the newest messages on this side nothing is known.
    if (thread?.load.kind !== "ready" || thread.hasAfter) return undefined;
    return isAhead(state.outbox, id) ? null : unansweredSince(thread.messages);
  });
  if (since === undefined) return null;
  return since === null ? <Paid /> : <Clock since={since} />;
}

function Clock({ since }: { since: number }) {
  const t = useMessages().composer;
  const clock = replyClock(since, useNow());
  switch (clock.kind) {
    case "free":
      return (
        <span className="clockr" title={t.freeHint}>
          <Ring part={clock.leftMs / SURE_MS} />
          {t.free(minutes(clock.leftMs))}
        </span>
      );
    case "maybe":
      return (
        <span className="clockr paid" title={t.maybeHint}>
          <Ring part={0} />
          {t.maybe}
        </span>
      );
    case "paid":
      return <Paid />;
  }
}

function Paid() {
  const t = useMessages().composer;
  return (
    <span className="clockr paid" title={t.paidHint}>
      <Icon name="coin" size={16} />
      {t.paid}
    </span>
  );
}

const AROUND = 2 * Math.PI * 6;

function Ring({ part }: { part: number }) {
  return (
    <svg viewBox="0 0 16 16" aria-hidden="true">
      <circle className="ring-ground" cx="8" cy="8" r="6" />
      {part > 0 && (
        <circle
          className="ring-left"
          cx="8"
          cy="8"
          r="6"
          strokeDasharray={`${(AROUND * part).toFixed(1)} ${AROUND.toFixed(1)}`}
          transform="rotate(-90 8 8)"
        />
      )}
    </svg>
  );
}

/** "0:42". */
function minutes(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
