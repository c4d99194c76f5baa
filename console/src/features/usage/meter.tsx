// How much of the month's paid messages is used, and what it will have been at its end.
import { useLocale, useMessages } from "../../catalogue/catalogue";
import { useDeskState } from "../../desk/context";
import type { QuotaState } from "../../protocol";
import { Icon, type IconName } from "../../ui/icon";
import { fullTime } from "../../ui/time";

const ICONS: Record<QuotaState["level"], IconName> = { ok: "tick", low: "alert", reserve: "alert", spent: "block" };

export function Meter({ quota }: { quota: QuotaState }) {
  const t = useMessages().usage;
  const locale = useLocale();
  const timezone = useDeskState((state) => state.timezone);
  const number = (n: number) => n.toLocaleString(locale);
  const { limit, used, left, reserve, forecast, level } = quota;
  const isOver = limit !== null && forecast !== null && forecast > limit;
  return (
    <div className={`meter is-${level}`}>
      <h3>{t.quota}</h3>
      <p className="meter-big">{limit === null ? t.unlimited(number(used)) : t.of(number(used), number(limit))}</p>
      {limit !== null && (
        <meter min={0} max={limit} value={Math.min(used, limit)} high={limit * 0.8} aria-label={t.quota}>
          {t.of(number(used), number(limit))}
        </meter>
      )}
      <ul>
        <li className="meter-level">
          <Icon name={ICONS[level]} size={16} />
          {t.level[level]}
          {left !== null && ` · ${t.left(number(left))}`}
        </li>
        {forecast !== null && <li>{t.forecast(number(forecast))}</li>}
        {isOver && (
          <li className="meter-warn">
            <Icon name="alert" size={16} />
            {t.over}
          </li>
        )}
        {reserve > 0 && <li>{t.reserve(number(reserve))}</li>}
        <li className="meter-quiet">{t.checked(fullTime(quota.checked_at, timezone, locale))}</li>
      </ul>
    </div>
  );
}
