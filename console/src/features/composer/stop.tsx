// In the field's place while one may not write: why, and the acts that help.
import { useMessages } from "../../catalogue/catalogue";
import type { Messages } from "../../catalogue/messages";
import { useDesk } from "../../desk/context";
import type { Session, Summary } from "../../protocol";
import { Button } from "../../ui/button";
import { Icon, type IconName } from "../../ui/icon";
import { duration } from "../../ui/time";
import { useWait } from "../list/wait";
import { runAct, useRunning } from "../session/acts";
import { helpingActs, type Standing, type StandingAct } from "./standing";

const KEYS: Partial<Record<StandingAct, string>> = { claim: "C", takeFromBot: "C", close: "E" };

type StopProps = {
  summary: Summary;
  standing: Standing;
  /** Something was written before it came to this. */
  isKept: boolean;
  onNote: () => void;
};

export function Stop({ summary, standing, isKept, onNote }: StopProps) {
  const { composer: t, session, common } = useMessages();
  const desk = useDesk();
  const running = useRunning(summary.id);
  const { icon, head, line } = words(standing, t.stop, common.someone);
  return (
    <div className="cstop">
      <Icon name={icon} />
      <p>
        <b>{head ?? (summary.session && <WaitWords session={summary.session} />)}</b>
        {line} {isKept && t.stop.kept}
      </p>
      <span className="cstop-acts">
        <Button shortcut="N" title={t.noteHint} onClick={onNote}>
          {t.note}
        </Button>
        {helpingActs(standing).map((act) => (
          <Button
            key={act}
            kind={act === "claim" || act === "takeFromBot" ? "primary" : "line"}
            aria-busy={running === act}
            aria-disabled={running !== null}
            onClick={() => running === null && void runAct(desk, summary.id, act)}
            {...shortcut(act)}
          >
            {session.act[act]}
          </Button>
        ))}
      </span>
    </div>
  );
}

function shortcut(act: StandingAct): { shortcut?: string } {
  const key = KEYS[act];
  return key ? { shortcut: key } : {};
}

/** Apart, as it counts the seconds. */
function WaitWords({ session }: { session: Session }) {
  const { ms, targetMs } = useWait(session);
  const { composer, list } = useMessages();
  return targetMs === null
    ? list.waitingLong(duration(ms))
    : composer.stop.waitingFor(duration(ms), duration(targetMs));
}

/** Without a head: how long they have waited stands there. */
type Words = { icon: IconName; head: string | null; line: string };

function words(standing: Standing, t: Messages["composer"]["stop"], someone: string): Words {
  switch (standing.kind) {
    case "open":
    case "bot":
      return { icon: "robot", head: t.bot, line: t.botLine };
    case "waiting":
      return { icon: "clock", head: standing.isAfterHours ? t.afterHours : null, line: t.waitingLine };
    case "other": {
      const name = standing.name ?? someone;
      return { icon: "user", head: t.other(name), line: standing.mayTakeOver ? t.otherAdmin : t.otherLine(name) };
    }
    case "unreachable":
      return { icon: "block", head: standing.isPerson ? t.blocked : t.left, line: t.blockedLine };
  }
}
