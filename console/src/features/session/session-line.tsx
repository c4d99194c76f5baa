// Under the customer's name: who has the conversation, and whether the customer can be reached.
import { useLocale, useMessages } from "../../catalogue/catalogue";
import { useDeskState, useMe } from "../../desk/context";
import type { Session, Summary } from "../../protocol";
import { useNow } from "../../ui/now";
import { clock, duration, fullTime } from "../../ui/time";

export function SessionLine({ summary }: { summary: Summary }) {
  const t = useMessages().session;
  const reach = reachWords(summary, t);
  return (
    <p className="session-line">
      <Owner summary={summary} />
      {reach && (
        <span className={summary.friend_status === "UNFOLLOWED" ? undefined : "session-reach"}> · {reach}</span>
      )}
    </p>
  );
}

function Owner({ summary: { session } }: { summary: Summary }) {
  const { session: t, common } = useMessages();
  const me = useMe();
  if (!session) return t.botAnswers;
  if (session.status === "WAITING") return <Waiting session={session} />;
  if (session.operator_id === me.id) return <Yours session={session} />;
  return t.others(session.operator_name ?? common.someone);
}

function Waiting({ session }: { session: Session }) {
  const t = useMessages().session;
  const time = duration(useNow() - Date.parse(session.started_at));
  return (session.after_hours ? t.waitingAfterHours : t.waiting)(time);
}

function Yours({ session }: { session: Session }) {
  const t = useMessages().session;
  const locale = useLocale();
  const timezone = useDeskState((state) => state.timezone);
  const since = session.claimed_at ?? session.started_at;
  // After a transfer the desk still tells when it was first claimed, which was not by this owner.
  if (session.transfer_count > 0) return t.yours;
  return <span title={fullTime(since, timezone, locale)}>{t.yoursSince(clock(since, timezone, locale))}</span>;
}

function reachWords(summary: Summary, t: ReturnType<typeof useMessages>["session"]): string | null {
  if (summary.friend_status === "ACTIVE") return t.canReceive;
  if (summary.friend_status === "UNKNOWN") return null;
  return summary.source_type === "user" ? t.blocked : t.left;
}
