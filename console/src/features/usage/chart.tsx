// Free and paid messages by day: two bars on each other. The same numbers stand in the table below it.
import { useLocale, useMessages } from "../../catalogue/catalogue";
import { type Day, topOf } from "./month";

const WIDTH = 720;
const HEIGHT = 180;
const LEFT = 40;
const BOTTOM = 20;

export function Chart({ days }: { days: readonly Day[] }) {
  const t = useMessages().usage;
  const locale = useLocale();
  const top = topOf(Math.max(...days.map(({ free, paid }) => free + paid)));
  const step = (WIDTH - LEFT) / days.length;
  const high = HEIGHT - BOTTOM;
  const y = (value: number) => high - (value / top) * (high - 8);
  return (
    <svg className="chart" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={t.chart}>
      {[0, top / 2, top].filter(Number.isInteger).map((value) => (
        <g key={value}>
          <line className="grid" x1={LEFT} x2={WIDTH} y1={y(value)} y2={y(value)} />
          <text x={LEFT - 8} y={y(value) + 4} textAnchor="end">
            {value.toLocaleString(locale)}
          </text>
        </g>
      ))}
      {days.map(({ day, number, free, paid }, n) => {
        const x = LEFT + n * step + step * 0.15;
        const width = step * 0.7;
        return (
          <g key={day}>
            <title>{`${day}: ${t.free} ${free}, ${t.paid} ${paid}`}</title>
            {free > 0 && <rect className="free" x={x} width={width} y={y(free)} height={high - y(free)} rx="2" />}
            {paid > 0 && (
              <rect className="paid" x={x} width={width} y={y(free + paid)} height={y(free) - y(free + paid)} rx="2" />
            )}
            {(number === 1 || number % 5 === 0) && (
              <text x={x + width / 2} y={HEIGHT - 5} textAnchor="middle">
                {number}
              </text>
            )}
          </g>
        );
      })}
    </svg>
  );
}
