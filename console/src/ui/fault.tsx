// What was refused or failed, beside the thing it is about: what happened and what to do; codes only under "details".
import type { ReactNode } from "react";
import { currentMessages, useMessages } from "../catalogue/catalogue";
import type { Messages } from "../catalogue/messages";
import type { Fault } from "../realtime/types";
import { Icon } from "./icon";

/** `t` is the catalogue's `faults`. */
export function faultWords(t: Messages["faults"], fault: Fault): string {
  if (fault.code === "rate_limit_exceeded")
    return t.tooFast(Math.max(1, Math.ceil((fault.retry_after_ms ?? 1000) / 1000)));
  if (fault.code === "session_not_found" && textIn(fault.details, "reason") === "already_claimed") {
    return t.alreadyClaimed(textIn(fault.details, "operator_name") ?? currentMessages().common.someone);
  }
  // A newer desk may know codes that this console does not.
  return t.why[fault.code] ?? t.why.internal_error;
}

/** For a toast's `details`. */
export function faultDetails(fault: Fault): string {
  return [fault.code, fault.message, fault.request_id].filter(Boolean).join(" · ");
}

type FaultNoteProps = {
  fault: Fault;
  /** What did not happen, in words of the screen it happened on; goes before the reason. */
  lead?: string;
  action?: ReactNode;
};

export function FaultNote({ fault, lead, action }: FaultNoteProps) {
  const { faults: t, common } = useMessages();
  return (
    <div className="fault" role="alert">
      <Icon name="alert" size={16} />
      <div className="fault-body">
        <p>
          {lead && <b>{lead} </b>}
          {faultWords(t, fault)}
        </p>
        {action && <div className="fault-acts">{action}</div>}
        <details>
          <summary>{common.details}</summary>
          <dl>
            <dt>{t.code}</dt>
            <dd>{fault.code}</dd>
            {fault.message && (
              <>
                <dt>{t.said}</dt>
                <dd>{fault.message}</dd>
              </>
            )}
            {fault.request_id && (
              <>
                <dt>{t.request}</dt>
                <dd>{fault.request_id}</dd>
              </>
            )}
          </dl>
        </details>
      </div>
    </div>
  );
}

function textIn(details: unknown, key: string): string | undefined {
  if (typeof details !== "object" || details === null) return undefined;
  const value: unknown = Object.entries(details).find(([name]) => name === key)?.[1];
  return typeof value === "string" ? value : undefined;
}
