// What a reply sent now costs: probably nothing for a while, else paid messages, as many as people get it.
import { useLocale, useMessages } from "../../catalogue/catalogue";
import { useDeskState } from "../../desk/context";
import type { ConversationId, Summary } from "../../protocol";
import { Icon } from "../../ui/icon";
import { useNow } from "../../ui/now";
import { isAhead, RING_MS, replyClock } from "./reply-clock";

export function ReplyCost({ id }: { id: ConversationId }) {
  const summary = useDeskState((state) => state.conversations.get(id));
  return summary ? <Clock summary={summary} /> : null;
}

function Clock({ summary }: { summary: Summary }) {
  const t = useMessages().composer;
  const locale = useLocale();
  const quota = useDeskState((state) => state.quotas.get(summary.channel));
  const waits = useDeskState((state) => isAhead(state.outbox, summary.id));
  const clock = replyClock(summary, quota, waits, useNow());
  switch (clock.kind) {
    case "free":
      return (
        <span className="clockr" title={t.freeHint}>
          <Ring part={Math.min(1, clock.leftMs / RING_MS)} />
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
    case "spent":
      return (
        <span className="clockr paid spent" title={t.spentHint}>
          <Icon name="alert" size={16} />
          {t.spent}
        </span>
      );
    case "paid":
      return (
        <span className={quota && quota.level !== "ok" ? "clockr paid low" : "clockr paid"} title={t.paidHint}>
          <Icon name="coin" size={16} />
          {t.paid(clock.count)}
          {clock.left !== null && ` (${t.left(clock.left.toLocaleString(locale))})`}
        </span>
      );
  }
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
