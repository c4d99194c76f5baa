// The rows, by business day, each under a pill that sticks to the upper edge.
import { memo } from "react";
import { useLocale, useMessages } from "../../catalogue/catalogue";
import { useNow } from "../../ui/now";
import { dayName } from "../../ui/time";
import { MessageRow } from "./row";
import type { Day } from "./rows";
import { useScene } from "./scene";

export const Days = memo(function Days({ days }: { days: readonly Day[] }) {
  const t = useMessages().thread;
  return days.map((day) => (
    <section className="d" key={day.key}>
      <DayPill at={day.at} />
      {day.rows.flatMap((row) => [
        row.isFirstUnread && (
          <div className="since" key="since">
            {t.since}
          </div>
        ),
        <MessageRow key={row.line.key} {...row} />,
      ])}
    </section>
  ));
});

function DayPill({ at }: { at: string }) {
  const { timezone } = useScene();
  const locale = useLocale();
  const now = useNow(60_000);
  return <div className="day">{dayName(at, timezone, locale, now)}</div>;
}
