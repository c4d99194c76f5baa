import { useLocale } from "../../catalogue/catalogue";
import { clock, fullTime } from "../../ui/time";
import { useScene } from "./scene";

/** The time of day in the business time zone; the whole moment on hover. */
export function Time({ at }: { at: string }) {
  const { timezone } = useScene();
  const locale = useLocale();
  return (
    <time dateTime={at} title={fullTime(at, timezone, locale)}>
      {clock(at, timezone, locale)}
    </time>
  );
}
