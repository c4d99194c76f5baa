// Below a message: when, how far it came, and what can be done about it.
import { useState } from "react";
import { useLocale, useMessages } from "../../catalogue/catalogue";
import { useDesk } from "../../desk/context";
import { faultOf } from "../../desk/fault";
import type { Delivery, Message } from "../../protocol";
import type { Fault } from "../../realtime/types";
import { FaultNote } from "../../ui/fault";
import { Icon } from "../../ui/icon";
import { type DeliveryAct, deliveryActs, deliveryMark, type Mark } from "./marks";
import { useScene } from "./scene";
import { SendAgain } from "./send-again";
import { Time } from "./time";

export function DeliveryLine({ message, delivery }: { message: Message; delivery: Delivery }) {
  const t = useMessages().thread;
  const locale = useLocale();
  const desk = useDesk();
  const { mayAct } = useScene();
  const [isBusy, setBusy] = useState(false);
  const [refused, setRefused] = useState<{ lead: string; fault: Fault } | null>(null);

  const run = async (act: DeliveryAct) => {
    const isCancel = act === "take_back" || act === "delete";
    setBusy(true);
    setRefused(null);
    try {
      await (isCancel ? desk.cancel(message.id) : desk.retry(message.id));
    } catch (error) {
      setRefused({ lead: isCancel ? t.cancelFailed : t.retryFailed, fault: faultOf(error) });
    } finally {
      setBusy(false);
    }
  };

  const mark = deliveryMark(delivery, t.marks);
  const acts = mayAct ? deliveryActs(delivery) : [];
  // The desk's own sentence is English.
  const detail =
    mark.tone === "bad" && delivery.code ? [delivery.code, delivery.error].filter(Boolean).join(" · ") : "";
  return (
    <>
      <MarkLine mark={mark} at={message.created_at} key={locale}>
        {acts.map((act) =>
          act === "send_again" ? (
            <SendAgain key={act} delivery={delivery} isBusy={isBusy} onSend={() => run(act)} />
          ) : (
            <button key={act} type="button" className={linkClass(act)} disabled={isBusy} onClick={() => run(act)}>
              {t.acts[act]}
            </button>
          ),
        )}
        {detail && <Details text={detail} />}
      </MarkLine>
      {refused && <FaultNote lead={refused.lead} fault={refused.fault} />}
    </>
  );
}

/** Most are on their way at once: an offer to take one back appears only when one lingers. */
function linkClass(act: DeliveryAct): string {
  if (act === "take_back") return "link danger lingers";
  return act === "delete" ? "link danger" : "link";
}

type MarkLineProps = { mark: Mark; at: string; children?: React.ReactNode };

export function MarkLine({ mark, at, children }: MarkLineProps) {
  const icons = mark.icons.map((name) => <Icon key={name} name={name} size={14} />);
  if (mark.tone === "quiet") {
    return (
      <div className="meta">
        <Time at={at} />
        <span className="dm" title={mark.words} role="img" aria-label={mark.words}>
          {icons}
        </span>
        {children}
      </div>
    );
  }
  return (
    <div className={`meta ${mark.tone}`}>
      <Time at={at} /> {icons}
      {mark.words} {children}
    </div>
  );
}

function Details({ text }: { text: string }) {
  const t = useMessages().common;
  return (
    <details className="why">
      <summary>{t.details}</summary>
      <code>{text}</code>
    </details>
  );
}
