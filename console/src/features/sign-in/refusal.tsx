// Why one was not let in.
import { useState } from "react";
import { useMessages } from "../../catalogue/catalogue";
import type { Fault } from "../../realtime/types";
import { FaultNote } from "../../ui/fault";
import { Icon } from "../../ui/icon";
import { useNow } from "../../ui/now";

/** How long the desk said to wait, counted down. */
export function useLock(fault: Fault | null): { seconds: number; start: (fault: Fault) => void } {
  const [until, setUntil] = useState(0);
  const now = useNow();
  const wait = fault?.code === "rate_limit_exceeded" ? (fault.retry_after_ms ?? 1000) : 0;
  return {
    // The ticker's moment may be older than the refusal.
    seconds: Math.max(0, Math.ceil(Math.min(until - now, wait) / 1000)),
    start: (why) => setUntil(Date.now() + (why.retry_after_ms ?? 1000)),
  };
}

export function Refusal({ fault, seconds }: { fault: Fault; seconds: number }) {
  const t = useMessages().signin;
  switch (fault.code) {
    case "auth_invalid_token":
      return <Said words={t.wrong} />;
    case "rate_limit_exceeded":
      return seconds > 0 ? <Locked seconds={seconds} /> : <p className="ban">{t.manyOver}</p>;
    case "offline":
    case "unavailable":
    case "no_answer":
      return <Said words={t.away} />;
    default:
      return <FaultNote fault={fault} lead={t.failed} />;
  }
}

/** Every second would be read out; the first is enough. */
function Locked({ seconds }: { seconds: number }) {
  const t = useMessages().signin;
  const [first] = useState(seconds);
  return (
    <p className="ban bad">
      <Icon name="lock" />
      <span className="sr">{t.many(first)}</span>
      <span className="tick" aria-hidden="true">
        {t.many(seconds)}
      </span>
    </p>
  );
}

function Said({ words }: { words: string }) {
  return (
    <p className="ban bad">
      <Icon name="alert" />
      <span>{words}</span>
    </p>
  );
}
