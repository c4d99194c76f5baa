// Adding a LINE account, or giving one other secrets. What is there already is never shown: an empty field keeps it.
import { type FormEvent, useId, useState } from "react";
import { useMessages } from "../../catalogue/catalogue";
import { useDesk } from "../../desk/context";
import { faultOf } from "../../desk/fault";
import type { ChannelState } from "../../protocol";
import type { Fault } from "../../realtime/types";
import { Button } from "../../ui/button";
import { Dialog } from "../../ui/dialog";
import { FaultNote } from "../../ui/fault";
import { Choice } from "../settings/choice";
import { type Draft, emptyDraft, type Field, fieldsOf, wishOf, wrongFields } from "./wish";

type Props = {
  channel: ChannelState | null;
  onDone: (channel: ChannelState) => void;
  onClose: () => void;
};

export function ChannelForm({ channel, onDone, onClose }: Props) {
  const { common, setup: t } = useMessages();
  const desk = useDesk();
  const form = useId();
  const [draft, setDraft] = useState<Draft>(() => emptyDraft(channel));
  const [fault, setFault] = useState<Fault | null>(null);
  const [isBusy, setBusy] = useState(false);
  const wrong = fault?.code === "validation_error" ? wrongFields(fault.details) : new Set<string>();

  const save = async (event: FormEvent) => {
    event.preventDefault();
    if (isBusy) return;
    setBusy(true);
    setFault(null);
    await desk.setChannel(channel?.id ?? null, wishOf(draft, channel)).then(
      (changed) => {
        onDone(changed);
        onClose();
      },
      (error: unknown) => setFault(faultOf(error)),
    );
    setBusy(false);
  };
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={channel ? t.changeTitle(channel.name) : t.addTitle}
      className="setup-dlg"
      footer={
        <>
          <Button onClick={onClose}>{common.cancel}</Button>
          <Button kind="primary" type="submit" form={form} aria-disabled={isBusy}>
            {isBusy ? t.saving : t.save}
          </Button>
        </>
      }
    >
      <form id={form} className="setup-form" onSubmit={save} noValidate>
        <p>{channel ? t.changeWords : t.addWords}</p>
        <Choice
          label={t.token}
          value={draft.token_kind}
          options={(["long_lived", "stateless", "jwt"] as const).map((value) => ({
            value,
            label: t.tokenKinds[value],
          }))}
          onChoose={(token_kind) => setDraft((before) => ({ ...before, token_kind }))}
        />
        <p className="setup-hint">{t.tokenWords[draft.token_kind]}</p>
        {fieldsOf(draft.token_kind, channel === null).map((field) => (
          <Input
            key={field}
            field={field}
            value={draft[field]}
            isKept={isKept(channel, field)}
            isWrong={wrong.has(field)}
            onChange={(value) => setDraft((before) => ({ ...before, [field]: value }))}
          />
        ))}
        {fault && wrong.size === 0 && <FaultNote fault={fault} lead={t.notChanged} />}
      </form>
    </Dialog>
  );
}

function isKept(channel: ChannelState | null, field: Field): boolean {
  if (field === "channel_secret") return channel?.has_secret ?? false;
  if (field === "access_token") return channel?.has_access_token ?? false;
  return field === "assertion_key" && (channel?.has_assertion_key ?? false);
}

type InputProps = {
  field: Field;
  value: string;
  isKept: boolean;
  isWrong: boolean;
  onChange: (value: string) => void;
};

function Input({ field, value, isKept, isWrong, onChange }: InputProps) {
  const t = useMessages().setup;
  const hint = useId();
  const shared = {
    id: `${hint}-of`,
    className: "input",
    name: field,
    value,
    autoComplete: "off",
    spellCheck: false,
    "aria-invalid": isWrong,
    "aria-describedby": hint,
    placeholder: isKept ? t.keeps : undefined,
    onChange: (event: { target: { value: string } }) => onChange(event.target.value),
  };
  const isSecret = field === "channel_secret" || field === "access_token";
  return (
    <div className="field">
      <label htmlFor={`${hint}-of`}>{t.fields[field]}</label>
      {field === "assertion_key" ? (
        <textarea rows={5} {...shared} />
      ) : (
        <input type={isSecret ? "password" : "text"} {...shared} />
      )}
      <small id={hint} className={isWrong ? "is-wrong" : undefined} role={isWrong ? "alert" : undefined}>
        {isWrong ? t.wrong[field] : t.hints[field]}
      </small>
    </div>
  );
}
