// Sending what has no form of its own: a message object as JSON, checked by LINE and drawn beside it.
import { useRef } from "react";
import { useMessages } from "../../catalogue/catalogue";
import { Button } from "../../ui/button";
import { Dialog } from "../../ui/dialog";
import { FaultNote } from "../../ui/fault";
import { EXAMPLES, readCard, wordsOf } from "./card";
import { CardPreview } from "./card-preview";
import { CheckResult } from "./check-result";
import { useCheck } from "./use-check";
import type { Writing } from "./use-writing";

const BEGINS = ["flex", "buttons", "confirm", "carousel"] as const;

export function CardDialog({ writing, onClose }: { writing: Writing; onClose: () => void }) {
  const { compose, common } = useMessages();
  const t = compose.card;
  const field = useRef<HTMLTextAreaElement>(null);
  const text = writing.draft.card ?? "";
  const card = readCard(text);
  const { check, ask } = useCheck(text);
  const message = card.kind === "message" ? card.message : null;
  const send = () => {
    if (message && writing.sendMade({ text: wordsOf(message), message }, "card") !== null) onClose();
  };
  const begin = (what: (typeof BEGINS)[number]) => {
    writing.put({ card: JSON.stringify(EXAMPLES[what], null, 2) });
    field.current?.focus();
  };
  const footer = (
    <>
      <Button onClick={onClose}>{common.cancel}</Button>
      <Button
        kind="line"
        disabled={!message}
        aria-busy={check.kind === "asking"}
        onClick={() => message && void ask(message)}
      >
        {check.kind === "asking" ? t.checking : t.check}
      </Button>
      <Button kind="primary" disabled={!message} onClick={send}>
        {t.send}
      </Button>
    </>
  );
  return (
    <Dialog isOpen onClose={onClose} title={t.title} footer={footer} className="card-dlg" initialFocus={field}>
      <div className="card-make">
        <div className="card-write">
          {text === "" && (
            // biome-ignore lint/a11y/useSemanticElements: a fieldset is for fields.
            <div className="card-begin" role="group" aria-label={t.begin}>
              <span>{t.begin}</span>
              {BEGINS.map((what) => (
                <Button key={what} kind="line" className="sm" onClick={() => begin(what)}>
                  {t.begins[what]}
                </Button>
              ))}
            </div>
          )}
          <label className="field">
            <span>{t.field}</span>
            <textarea
              ref={field}
              className="input"
              rows={16}
              spellCheck={false}
              autoCapitalize="off"
              autoComplete="off"
              aria-invalid={card.kind === "not_json" || card.kind === "no_message"}
              value={text}
              onChange={(event) => writing.put({ card: event.target.value })}
            />
          </label>
          <div role="status" className="card-said">
            {card.kind === "not_json" && (
              <p className="is-wrong">
                {t.notJson} <small lang="en">{card.detail}</small>
              </p>
            )}
            {card.kind === "no_message" && <p className="is-wrong">{t.notMessage}</p>}
            <CheckResult check={check} />
          </div>
          {writing.fault && <FaultNote fault={writing.fault.fault} lead={writing.fault.lead} />}
        </div>
        <CardPreview message={message} />
      </div>
    </Dialog>
  );
}
