// Why a conversation is handed over: kept with the hop, for the team.
import { type Ref, useId } from "react";
import { useMessages } from "../../catalogue/catalogue";
import { langOf } from "../../ui/language";
import { MAX_REASON, reasonLength } from "./teammates";

type ReasonProps = { value: string; onChange: (value: string) => void; ref: Ref<HTMLTextAreaElement> };

export function Reason({ value, onChange, ref }: ReasonProps) {
  const t = useMessages().session;
  const id = useId();
  const used = reasonLength(value);
  const isOver = used > MAX_REASON;
  return (
    <div className="reason">
      <label htmlFor={id}>
        {t.reason}
        <span id={`${id}-count`} className={isOver ? "over" : undefined}>
          {isOver ? t.tooLong(used - MAX_REASON) : `${used} / ${MAX_REASON}`}
        </span>
      </label>
      <textarea
        id={id}
        ref={ref}
        rows={2}
        lang={langOf(value)}
        placeholder={t.reasonHint}
        aria-invalid={isOver}
        aria-describedby={`${id}-count`}
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
    </div>
  );
}
