// The rows, by business day, each under a pill that sticks to the upper edge.
import { memo } from "react";
import { useLocale } from "../../catalogue/catalogue";
import type { Messages } from "../../catalogue/messages";
import { useNow } from "../../ui/now";
import { dayName } from "../../ui/time";
import { MessageRow } from "./row";
import type { Day } from "./rows";
import { useScene } from "./scene";
import type { UnreadLine } from "./window";

/** `unread`: the words of the line above the first unread one. */
export const Days = memo(function Days({ days, unread }: { days: readonly Day[]; unread: string | null }) {
  return days.map((day) => (
    <section className="d" key={day.key}>
      <DayPill at={day.at} />
      {day.rows.flatMap((row) => [
        row.isFirstUnread && (
          <div className="since" key="since">
            {unread}
          </div>
        ),
        <MessageRow key={row.line.key} {...row} />,
      ])}
    </section>
  ));
});

export function lineWords({ isSince, above }: UnreadLine, t: Messages["thread"]): string {
  if (above > 0) return t.unreadAbove(above);
  return isSince ? t.since : t.unread;
}

function DayPill({ at }: { at: string }) {
  const { timezone } = useScene();
  const locale = useLocale();
  const now = useNow(60_000);
  return <div className="day">{dayName(at, timezone, locale, now)}</div>;
}
