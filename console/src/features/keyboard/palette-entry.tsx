// One line of the palette: a command with its key, a conversation with its last message, or the way to the search.
import { useEffect, useRef } from "react";
import { useMessages } from "../../catalogue/catalogue";
import { Avatar } from "../../ui/avatar";
import { Icon, type IconName } from "../../ui/icon";
import { langOf } from "../../ui/language";
import { gist } from "../../ui/name";
import { pictureOf } from "../../ui/picture";
import type { CommandGroup, RegisteredCommand } from "./commands";
import type { Entry } from "./found";
import type { Range } from "./fuzzy";
import { Keys } from "./keys";

type Props = { id: string; entry: Entry; isCurrent: boolean; onPoint: () => void; onChoose: () => void };

/** The focus stays in the field, which names the current line; so lines have no keys of their own. */
export function PaletteEntry({ id, entry, isCurrent, onPoint, onChoose }: Props) {
  const line = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (isCurrent) line.current?.scrollIntoView?.({ block: "nearest" });
  }, [isCurrent]);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the field has the keys
    // biome-ignore lint/a11y/useFocusableInteractive: `aria-activedescendant` of the field
    <div
      ref={line}
      id={id}
      role="option"
      aria-selected={isCurrent}
      className={isCurrent ? "pal-line on" : "pal-line"}
      onPointerMove={isCurrent ? undefined : onPoint}
      onPointerDown={(event) => event.preventDefault()}
      onClick={onChoose}
    >
      <Inside entry={entry} />
    </div>
  );
}

function Inside({ entry }: { entry: Entry }) {
  const t = useMessages();
  if (entry.kind === "search") {
    return (
      <>
        <Icon name="search" />
        <span className="x">{t.keyboard.searchFor(entry.q)}</span>
      </>
    );
  }
  if (entry.kind === "command") {
    const [keys] = entry.command.keys;
    return (
      <>
        <Icon name={iconOf(entry.command)} />
        <span className="x">
          <Marked text={entry.command.label} ranges={entry.match.ranges} />
        </span>
        {keys && <Keys keys={keys} />}
      </>
    );
  }
  const { summary, name } = entry;
  const last = summary.last_message ? gist(summary.last_message, t.common).text : "";
  return (
    <>
      <Avatar
        name={name}
        pictureUrl={pictureOf(summary)}
        size={28}
        isGroup={summary.source_type !== "user"}
        seed={summary.id}
      />
      <span className="x">
        <span lang={langOf(name)}>
          <Marked text={name} ranges={entry.match.ranges} />
        </span>
        <small lang={langOf(last)}>{last}</small>
      </span>
    </>
  );
}

/** The letters that matched, stronger. */
function Marked({ text, ranges }: { text: string; ranges: readonly Range[] }) {
  const parts: React.ReactNode[] = [];
  let done = 0;
  for (const [from, to] of ranges) {
    if (from > done) parts.push(text.slice(done, from));
    parts.push(<u key={from}>{text.slice(from, to)}</u>);
    done = to;
  }
  return (
    <span>
      {parts}
      {text.slice(done)}
    </span>
  );
}

const OF_GROUP: Record<CommandGroup, IconName> = { act: "user", move: "inbox", write: "pencil", general: "settings" };
/** By a word of the id, so that a command needs no icon of its own. */
const OF_WORD: Record<string, IconName> = {
  archive: "inbox",
  attach: "attach",
  back: "back",
  claim: "tick",
  close: "done",
  copy: "copy",
  emoji: "smile",
  find: "search",
  help: "help",
  note: "lock",
  panel: "panel",
  queue: "requeue",
  refresh: "retry",
  release: "requeue",
  search: "search",
  start: "compose",
  takeover: "user",
  transfer: "transfer",
  unread: "inbox",
};

function iconOf({ id, group }: RegisteredCommand): IconName {
  for (const word of id.toLowerCase().split(/[._-]/).reverse()) {
    const icon = OF_WORD[word];
    if (icon) return icon;
  }
  return OF_GROUP[group];
}
