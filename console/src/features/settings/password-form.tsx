// Changing one's own password; every other sign-in ends with it.
import { type FormEvent, useState } from "react";
import { useMessages } from "../../catalogue/catalogue";
import { useDesk } from "../../desk/context";
import { faultOf } from "../../desk/fault";
import type { Fault } from "../../realtime/types";
import { Button } from "../../ui/button";
import { FaultNote } from "../../ui/fault";

const AT_LEAST = 8;

type Wrong = { kind: "short" } | { kind: "not_same" } | { kind: "fault"; fault: Fault };

export function PasswordForm({ username }: { username: string }) {
  const t = useMessages().settings;
  const desk = useDesk();
  const [wrong, setWrong] = useState<Wrong | null>(null);
  const [phase, setPhase] = useState<"idle" | "going" | "done">("idle");

  async function submit(event: FormEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    const form = event.currentTarget;
    const fields = new FormData(form);
    const [current, next, again] = ["current", "next", "again"].map((name) => String(fields.get(name) ?? ""));
    if (current === undefined || next === undefined || phase === "going") return;
    setPhase("idle");
    if ([...next].length < AT_LEAST) return setWrong({ kind: "short" });
    if (next !== again) return setWrong({ kind: "not_same" });
    setWrong(null);
    setPhase("going");
    try {
      await desk.changePassword(current, next);
      form.reset();
      setPhase("done");
    } catch (fault) {
      setWrong({ kind: "fault", fault: faultOf(fault) });
      setPhase("idle");
    }
  }

  return (
    <form className="password" onSubmit={submit}>
      <p className="dim">{t.passwordWords}</p>
      {/* Password keepers want to know whose it is. */}
      <input
        className="sr"
        name="username"
        autoComplete="username"
        value={username}
        readOnly
        tabIndex={-1}
        aria-hidden
      />
      <Field name="current" label={t.current} autoComplete="current-password" />
      <Field name="next" label={t.next} hint={t.nextWords} autoComplete="new-password" />
      <Field name="again" label={t.again} autoComplete="new-password" />
      <div aria-live="polite">
        {wrong && <Words wrong={wrong} />}
        {phase === "done" && <p className="ban okb">{t.changed}</p>}
      </div>
      <Button type="submit" kind="primary" disabled={phase === "going"}>
        {t.change}
      </Button>
    </form>
  );
}

function Field(props: { name: string; label: string; hint?: string; autoComplete: string }) {
  return (
    <label className="field">
      <span>{props.label}</span>
      <input
        className="input"
        type="password"
        name={props.name}
        autoComplete={props.autoComplete}
        required
        maxLength={128}
      />
      {props.hint && <small>{props.hint}</small>}
    </label>
  );
}

function Words({ wrong }: { wrong: Wrong }) {
  const t = useMessages().settings;
  if (wrong.kind === "short") return <p className="ban bad">{t.tooShort}</p>;
  if (wrong.kind === "not_same") return <p className="ban bad">{t.notSame}</p>;
  if (isAbout(wrong.fault, "current_password")) return <p className="ban bad">{t.wrongCurrent}</p>;
  return <FaultNote fault={wrong.fault} lead={t.changeFailed} />;
}

/** Which field the desk did not like is somewhere in the details. */
function isAbout(fault: Fault, field: string): boolean {
  return fault.code === "validation_error" && JSON.stringify(fault.details ?? "").includes(field);
}
