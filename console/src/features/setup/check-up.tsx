// Everything that the installation needs, looked at on request: what is wrong first, with what to do about it.
import { useState } from "react";
import { useLocale, useMessages } from "../../catalogue/catalogue";
import { useDesk } from "../../desk/context";
import { faultOf } from "../../desk/fault";
import type { Finding, FindingLevel, Findings } from "../../protocol";
import type { Fault } from "../../realtime/types";
import { Button } from "../../ui/button";
import { FaultNote } from "../../ui/fault";
import { Icon } from "../../ui/icon";

export function CheckUp() {
  const t = useMessages().setup.check;
  const locale = useLocale();
  const desk = useDesk();
  const [told, setTold] = useState<Findings | null>(null);
  const [fault, setFault] = useState<Fault | null>(null);
  const [isBusy, setBusy] = useState(false);

  const examine = async () => {
    if (isBusy) return;
    setBusy(true);
    setFault(null);
    await desk.examine(true).then(setTold, (error: unknown) => setFault(faultOf(error)));
    setBusy(false);
  };
  const when = told && new Date(told.checked_at).toLocaleTimeString(locale, { timeStyle: "short" });
  return (
    <section aria-labelledby="setup-check">
      <header className="setup-head">
        <h2 id="setup-check">{t.title}</h2>
        <Button kind="line" onClick={examine} aria-disabled={isBusy}>
          {isBusy ? t.going : t.go}
        </Button>
      </header>
      <p className="setup-hint">{t.words}</p>
      {fault && <FaultNote fault={fault} lead={t.failed} />}
      <div aria-live="polite">
        {told && (
          <>
            <p className="setup-sum">{sum(told, t)}</p>
            <ul className="setup-list">
              {sorted(told.findings).map((finding) => (
                <Found key={`${finding.channel} ${finding.code}`} finding={finding} />
              ))}
            </ul>
            <p className="setup-hint">{t.checked(when ?? "")}</p>
          </>
        )}
      </div>
    </section>
  );
}

const ORDER: FindingLevel[] = ["wrong", "warning", "ok"];

/** The worst first, else as they came. */
function sorted(findings: Finding[]): Finding[] {
  return [...findings].sort((one, other) => ORDER.indexOf(one.level) - ORDER.indexOf(other.level));
}

function sum(
  { findings }: Findings,
  t: { allGood: string; count: (wrong: number, warnings: number) => string },
): string {
  const of = (level: FindingLevel) => findings.filter((finding) => finding.level === level).length;
  const wrong = of("wrong");
  const warnings = of("warning");
  return wrong + warnings === 0 ? t.allGood : t.count(wrong, warnings);
}

function Found({ finding }: { finding: Finding }) {
  const t = useMessages().setup.check;
  const { level, code, channel, values } = finding;
  const words = t.found[code as keyof typeof t.found];
  const todo = t.todo[code as keyof typeof t.todo];
  return (
    <li className="setup-found" data-level={level}>
      <Icon name={level === "ok" ? "tick" : "alert"} size={16} />
      <div>
        <p>
          <span className="sr">{t.levels[level]}: </span>
          {channel !== null && <b>{channel}: </b>}
          {words ? filled(words, values) : finding.found}
        </p>
        {finding.todo !== null && <p className="setup-hint">{todo ? filled(todo, values) : finding.todo}</p>}
      </div>
    </li>
  );
}

/** `{name}` stands for a value. */
export function filled(words: string, values: Record<string, string | undefined>): string {
  return words.replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? "");
}
