// Writing first to someone: their LINE user id and the first message.
import { type FormEvent, type KeyboardEvent, useId, useRef, useState } from "react";
import { useLocation } from "wouter";
import { placeOf } from "../../app/places";
import { useMessages } from "../../catalogue/catalogue";
import { useDesk, useDeskState } from "../../desk/context";
import type { Fault } from "../../realtime/types";
import { Button } from "../../ui/button";
import { Dialog } from "../../ui/dialog";
import { FaultNote } from "../../ui/fault";

const USER_ID = /^U[0-9a-f]{32}$/;

/** As LINE writes it, however it was pasted; null when it is none. */
export function readUserId(text: string): string | null {
  const trimmed = text.trim();
  const id = trimmed.slice(0, 1).toUpperCase() + trimmed.slice(1).toLowerCase();
  return USER_ID.test(id) ? id : null;
}

export function NewConversation({ onClose }: { onClose: () => void }) {
  const { common, list } = useMessages();
  const t = list.start;
  const desk = useDesk();
  const [, navigate] = useLocation();
  const limit = useDeskState((state) => state.limits.text_units);
  const [id, setId] = useState("");
  const [text, setText] = useState("");
  const [isTried, setTried] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const [fault, setFault] = useState<Fault | null>(null);
  const idField = useRef<HTMLInputElement>(null);
  const textField = useRef<HTMLTextAreaElement>(null);
  const form = useId();

  const userId = readUserId(id);
  const idWrong = userId === null ? t.idWrong : null;
  const textWrong = text.trim() === "" ? t.textMissing : text.length > limit ? t.textLong(text.length - limit) : null;

  const start = async () => {
    setTried(true);
    if (userId === null) return idField.current?.focus();
    if (textWrong !== null) return textField.current?.focus();
    if (isBusy) return;
    setBusy(true);
    setFault(null);
    await desk.startConversation(userId, text).then(
      (conversation) => {
        onClose();
        navigate(placeOf.conversation(conversation));
      },
      (fault: Fault) => {
        setBusy(false);
        setFault(fault);
      },
    );
  };
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    start();
  };
  const onTextKey = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing || event.keyCode === 229) return;
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    start();
  };

  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={t.title}
      initialFocus={idField}
      footer={
        <>
          <Button onClick={onClose}>{common.cancel}</Button>
          <Button kind="primary" type="submit" form={form} aria-disabled={isBusy}>
            {isBusy ? t.going : t.go}
          </Button>
        </>
      }
    >
      <form id={form} className="start-form" onSubmit={onSubmit} noValidate>
        <p>{t.explain}</p>
        <label className="field">
          <span>{t.id}</span>
          <input
            ref={idField}
            className="input"
            value={id}
            autoComplete="off"
            autoCapitalize="off"
            spellCheck={false}
            aria-invalid={isTried && idWrong !== null}
            aria-describedby={`${form}-id`}
            onChange={(event) => setId(event.target.value)}
          />
          <Hint id={`${form}-id`} wrong={isTried ? idWrong : null} hint={t.idHint} />
        </label>
        <label className="field">
          <span>{t.text}</span>
          <textarea
            ref={textField}
            className="input"
            rows={4}
            value={text}
            aria-invalid={isTried && textWrong !== null}
            aria-describedby={`${form}-text`}
            onChange={(event) => setText(event.target.value)}
            onKeyDown={onTextKey}
          />
          <Hint id={`${form}-text`} wrong={isTried ? textWrong : null} hint="" />
        </label>
        {fault && <FaultNote fault={fault} lead={t.failed} />}
      </form>
    </Dialog>
  );
}

function Hint({ id, wrong, hint }: { id: string; wrong: string | null; hint: string }) {
  return (
    <small id={id} className={wrong ? "is-wrong" : undefined} role={wrong ? "alert" : undefined}>
      {wrong ?? hint}
    </small>
  );
}
