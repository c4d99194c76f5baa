// The same LINE user in other channels of the desk.
import { Link } from "wouter";
import { placeOf } from "../../app/places";
import { useLocale, useMessages } from "../../catalogue/catalogue";
import { useDeskState } from "../../desk/context";
import type { Elsewhere as Place } from "../../protocol";
import { langOf } from "../../ui/language";
import { useNow } from "../../ui/now";
import { shortTime } from "../../ui/time";

export function Elsewhere({ places }: { places: readonly Place[] }) {
  const t = useMessages().customer;
  const locale = useLocale();
  const timezone = useDeskState((state) => state.timezone);
  const now = useNow(60_000);
  if (places.length === 0) return null;
  return (
    <section>
      <h3>{t.elsewhere}</h3>
      <ul className="elsewhere">
        {places.map((place) => (
          <li key={place.conversation_id}>
            <Link href={placeOf.conversation(place.conversation_id)} lang={langOf(place.channel)}>
              {place.channel}
            </Link>{" "}
            <small>
              {shortTime(place.last_activity_at, timezone, locale, now)}
              {place.is_open && ` · ${t.openThere}`}
            </small>
          </li>
        ))}
      </ul>
    </section>
  );
}
