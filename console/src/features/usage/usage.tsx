// What messages cost, by month, channel and day.
import { useEffect, useState } from "react";
import { useLocale, useMessages } from "../../catalogue/catalogue";
import { useDesk, useMe } from "../../desk/context";
import { faultOf } from "../../desk/fault";
import type { ChannelUsage, Usage as Told } from "../../protocol";
import type { Fault } from "../../realtime/types";
import { Button, IconButton } from "../../ui/button";
import { FaultNote } from "../../ui/fault";
import { langOf } from "../../ui/language";
import { isAdmin } from "../composer/standing";
import { Chart } from "./chart";
import { Meter } from "./meter";
import { csvOf, daysOf, monthAfter, monthBefore } from "./month";
import "./usage.css";

export function Usage() {
  const t = useMessages().usage;
  const me = useMe();
  return (
    <div className="page usage">
      <header className="page-head">
        <h1>{t.title}</h1>
      </header>
      <div className="usage-body">{isAdmin(me) ? <Months /> : <p className="empty">{t.notYours}</p>}</div>
    </div>
  );
}

function Months() {
  const { usage: t, common } = useMessages();
  const locale = useLocale();
  const { told, fault, show, load } = useUsage();
  const month = told?.month;
  const name =
    month && new Intl.DateTimeFormat(locale, { year: "numeric", month: "long" }).format(new Date(`${month}-15`));
  return (
    <>
      <nav className="usage-month" aria-label={t.month}>
        <IconButton icon="back" label={t.earlier} disabled={!month} onClick={() => month && show(monthBefore(month))} />
        <h2 aria-live="polite">{name ?? common.loading}</h2>
        <IconButton icon="forward" label={t.later} disabled={!month} onClick={() => month && show(monthAfter(month))} />
        <span className="gap" />
        <Button kind="line" icon="download" disabled={!told} onClick={() => told && save(told)}>
          {t.save}
        </Button>
      </nav>
      {fault && (
        <FaultNote
          fault={fault}
          lead={t.notLoaded}
          action={
            <Button kind="line" onClick={load}>
              {common.tryAgain}
            </Button>
          }
        />
      )}
      {told?.channels.map((usage) => (
        <Channel key={usage.channel} month={told.month} usage={usage} />
      ))}
    </>
  );
}

function Channel({ month, usage }: { month: string; usage: ChannelUsage }) {
  const t = useMessages().usage;
  const locale = useLocale();
  const { booked, quota, channel } = usage;
  const number = (n: number) => n.toLocaleString(locale);
  const calls = booked.free_calls + booked.paid_calls;
  const days = daysOf(month, usage);
  const percent = new Intl.NumberFormat(locale, { style: "percent" });
  return (
    <section className="usage-channel" aria-label={channel}>
      <h2 lang={langOf(channel)}>{channel}</h2>
      <div className="usage-facts">
        {quota && <Meter quota={quota} />}
        <dl>
          <div>
            <dt>
              <i className="dot free" /> {t.free}
            </dt>
            <dd>{number(booked.free_messages)}</dd>
            <dd className="quiet">{t.calls(number(booked.free_calls))}</dd>
          </div>
          <div>
            <dt>
              <i className="dot paid" /> {t.paid}
            </dt>
            <dd>{number(booked.paid_recipients)}</dd>
            <dd className="quiet">{t.calls(number(booked.paid_calls))}</dd>
          </div>
          {calls > 0 && <p>{t.saved(percent.format(booked.free_calls / calls))}</p>}
        </dl>
      </div>
      {calls === 0 ? (
        <p className="empty">{t.none}</p>
      ) : (
        <>
          <h3>{t.byDay}</h3>
          <Chart days={days} />
          <details>
            <summary>{t.table}</summary>
            <table>
              <thead>
                <tr>
                  <th scope="col">{t.day}</th>
                  <th scope="col">{t.free}</th>
                  <th scope="col">{t.paid}</th>
                </tr>
              </thead>
              <tbody>
                {days
                  .filter(({ free, paid }) => free + paid > 0)
                  .map(({ day, free, paid }) => (
                    <tr key={day}>
                      <th scope="row">{day}</th>
                      <td>{number(free)}</td>
                      <td>{number(paid)}</td>
                    </tr>
                  ))}
              </tbody>
            </table>
          </details>
        </>
      )}
    </section>
  );
}

function useUsage() {
  const desk = useDesk();
  const [month, setMonth] = useState<string | null>(null);
  const [told, setTold] = useState<Told | null>(null);
  const [fault, setFault] = useState<Fault | null>(null);
  const [round, setRound] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `round` asks again
  useEffect(() => {
    let isOver = false;
    setFault(null);
    desk.usage(month).then(
      (answer) => !isOver && setTold(answer),
      (error: unknown) => !isOver && setFault(faultOf(error)),
    );
    return () => {
      isOver = true;
    };
  }, [desk, month, round]);
  return { told, fault, show: setMonth, load: () => setRound((before) => before + 1) };
}

function save({ month, channels }: Told): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([csvOf(channels)], { type: "text/csv" }));
  link.download = `linedesk-usage-${month}.csv`;
  link.click();
  URL.revokeObjectURL(link.href);
}
