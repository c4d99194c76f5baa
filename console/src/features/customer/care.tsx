// Who takes care at the moment, since when, and through how many hands it went.
import type { ReactNode } from "react";
import { useLocale, useMessages } from "../../catalogue/catalogue";
import { useDeskState, useMe } from "../../desk/context";
import type { Session, Summary } from "../../protocol";
import { OperatorMark } from "../../ui/avatar";
import { langOf } from "../../ui/language";
import { useNow } from "../../ui/now";
import { fullTime, shortTime } from "../../ui/time";

export function Care({ summary: { session } }: { summary: Summary }) {
  const t = useMessages().customer;
  return (
    <section>
      <h3>{t.care}</h3>
      <dl className="kv">
        <dt>{t.handledBy}</dt>
        <dd>
          <Owner session={session} />
        </dd>
        {session && <Times session={session} />}
      </dl>
    </section>
  );
}

function Owner({ session }: { session: Session | null }) {
  const t = useMessages().customer;
  const me = useMe();
  if (!session) return t.bot;
  if (session.operator_id === null) return t.nobody;
  const isMe = session.operator_id === me.id;
  const name = isMe ? me.display_name : (session.operator_name ?? t.someone);
  return (
    <span className="panel-owner">
      <span aria-hidden="true">
        <OperatorMark id={session.operator_id} name={name} />
      </span>
      <span lang={langOf(name)}>{isMe ? t.you : name}</span>
    </span>
  );
}

function Times({ session }: { session: Session }) {
  const t = useMessages().customer;
  return (
    <>
      <Line label={t.askedAt}>
        <Moment at={session.started_at} />
        {session.after_hours && <small>{t.afterHours}</small>}
      </Line>
      {session.claimed_at && (
        <Line label={t.since}>
          <Moment at={session.claimed_at} />
        </Line>
      )}
      {session.claimed_at && (
        <Line label={t.firstReply}>
          {session.first_response_at ? <Moment at={session.first_response_at} /> : t.notYet}
        </Line>
      )}
      {session.transfer_count > 0 && <Line label={t.transfers}>{session.transfer_count}</Line>}
    </>
  );
}

function Line({ label, children }: { label: string; children: ReactNode }) {
  return (
    <>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </>
  );
}

function Moment({ at }: { at: string }) {
  const locale = useLocale();
  const timezone = useDeskState((state) => state.timezone);
  const now = useNow(60_000);
  return (
    <time dateTime={at} title={fullTime(at, timezone, locale)}>
      {shortTime(at, timezone, locale, now)}
    </time>
  );
}
