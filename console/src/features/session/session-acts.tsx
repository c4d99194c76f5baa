// The buttons of the bar, their keys and their entries in the palette. As the bar narrows, the plain ones
// lose their words, then the lesser ones are a menu.
import { useMessages } from "../../catalogue/catalogue";
import { useDesk, useMe } from "../../desk/context";
import type { Summary } from "../../protocol";
import { Button, IconButton } from "../../ui/button";
import type { IconName } from "../../ui/icon";
import { Menu } from "../../ui/menu";
import { useCommand } from "../keyboard/commands";
import { type Act, runAct, useRunning } from "./acts";
import { allowed } from "./allowed";

const KEYS: Partial<Record<Act, string>> = { claim: "c", takeFromBot: "c", transfer: "t", release: "b", close: "e" };
const ICONS: Record<Act, IconName> = {
  claim: "done",
  takeFromBot: "done",
  takeOver: "user",
  transfer: "transfer",
  release: "requeue",
  close: "done",
};
const ALL = ["claim", "takeFromBot", "takeOver", "transfer", "release", "close"] as const;

type SessionActsProps = { summary: Summary; onTransfer: () => void };

export function SessionActs({ summary, onTransfer }: SessionActsProps) {
  const t = useMessages().session;
  const desk = useDesk();
  const running = useRunning(summary.id);
  const { main, others } = allowed(summary, useMe());
  const run = (act: Act) => (act === "transfer" ? onTransfer() : void runAct(desk, summary.id, act));
  const isLesser = (act: Act) => act !== main && (act !== "close" || main !== null);
  const button = (act: Act) => <ActButton key={act} act={act} isLesser={isLesser(act)} running={running} run={run} />;
  const lesser = others.filter(isLesser);
  const items = lesser.map((act) => ({
    id: act,
    label: t.command[act],
    icon: ICONS[act],
    isDisabled: running !== null,
    onSelect: () => run(act),
  }));
  return (
    <>
      {ALL.map((act) => (
        <ActCommand key={act} act={act} isEnabled={act === main || others.includes(act)} run={run} />
      ))}
      {main && button(main)}
      {others.map(button)}
      {items.length > 0 && (
        <span className="act-more">
          <Menu trigger={<IconButton icon="more" label={t.more} />} items={items} />
        </span>
      )}
    </>
  );
}

type ActButtonProps = { act: Act; isLesser: boolean; running: Act | "undo" | null; run: (act: Act) => void };

function ActButton({ act, isLesser, running, run }: ActButtonProps) {
  const t = useMessages().session;
  const key = KEYS[act]?.toUpperCase();
  const isPlain = act === "transfer" || act === "release";
  return (
    <Button
      kind={act === "claim" ? "primary" : isPlain ? "plain" : "line"}
      icon={running === act ? "ring" : ICONS[act]}
      className={[isPlain && "act-plain", isLesser && "act-lesser"].filter(Boolean).join(" ")}
      aria-label={t.act[act]}
      aria-busy={running === act}
      // Not `disabled`: the focus would be lost with it.
      aria-disabled={running !== null}
      title={key ? `${t.command[act]}  ${key}` : t.command[act]}
      onClick={() => running === null && run(act)}
      {...(key ? { shortcut: key } : {})}
    >
      <span className="act-word">{t.act[act]}</span>
    </Button>
  );
}

function ActCommand({ act, isEnabled, run }: { act: Act; isEnabled: boolean; run: (act: Act) => void }) {
  const label = useMessages().session.command[act];
  const key = KEYS[act];
  useCommand({ id: `session.${act}`, keys: key ? [key] : [], label, run: () => run(act), isEnabled });
  return null;
}
