// What LINE said of the message, each thing with its place in it.
import { useMessages } from "../../catalogue/catalogue";
import { FaultNote } from "../../ui/fault";
import { Icon } from "../../ui/icon";
import type { Check } from "./use-check";

/** The desk calls the whole by this name; here it stands alone in the field. */
const WHOLE = /^line_message\.?/;

export function CheckResult({ check }: { check: Check }) {
  const t = useMessages().compose.card;
  if (check.kind === "failed") return <FaultNote fault={check.fault} lead={t.notChecked} />;
  if (check.kind !== "done") return null;
  const { valid, problems } = check.check;
  if (valid) {
    return (
      <p className="is-fine">
        <Icon name="tick" size={16} />
        {t.fine}
      </p>
    );
  }
  return (
    <>
      <p className="is-wrong">{t.problems(problems.length)}</p>
      <ul>
        {problems.map(({ field, message }) => (
          <li key={`${field} ${message}`}>
            {field.replace(WHOLE, "") !== "" && <code>{field.replace(WHOLE, "")}</code>}{" "}
            <span lang="en">{message}</span>
          </li>
        ))}
      </ul>
    </>
  );
}
