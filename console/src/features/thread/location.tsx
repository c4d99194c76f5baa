// A place: its words, and a link that a person may press. The page itself asks no map for it.
import { useMessages } from "../../catalogue/catalogue";
import type { Message } from "../../protocol";
import { Icon } from "../../ui/icon";
import { langOf } from "../../ui/language";
import { mapLink, readPayload } from "./payload";

export function Location({ message }: { message: Message }) {
  const { common, thread: t } = useMessages();
  const payload = readPayload(message.payload);
  const title = payload.text("title") ?? message.content;
  const address = payload.text("address");
  const href = mapLink(payload);
  return (
    <div className="place">
      <MapSketch />
      <div>
        <b lang={langOf(title)}>{title || common.kind.location}</b>
        {address && address !== title && <p lang={langOf(address)}>{address}</p>}
        {href && (
          <a href={href} target="_blank" rel="noopener noreferrer" title={t.opensOutside}>
            {t.openMap} <Icon name="out" size={14} />
          </a>
        )}
      </div>
    </div>
  );
}

/** No map: a map's picture would tell someone else where the customer is. */
function MapSketch() {
  return (
    <svg className="map" viewBox="0 0 288 84" preserveAspectRatio="xMidYMid slice" aria-hidden="true">
      <g stroke="var(--surface)" strokeWidth="5" fill="none">
        <path d="M-5 62 90 48l70 8 135-26M64-5l14 95M196-5l-18 95M250-5l22 95" />
        <path d="M-5 22 70 18l120-4 105-12" strokeWidth="3" />
      </g>
      <path d="M143 60s13-11 13-22a13 13 0 1 0-26 0c0 11 13 22 13 22Z" fill="var(--accent)" />
      <circle cx="143" cy="38" r="4.5" fill="var(--on-accent)" />
    </svg>
  );
}
