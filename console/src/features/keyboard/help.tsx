// The sheet behind "?": every command that has a key, by what it is for.
import { useMessages } from "../../catalogue/catalogue";
import { Dialog } from "../../ui/dialog";
import { type CommandGroup, type RegisteredCommand, useCommands } from "./commands";
import { Keys } from "./keys";
import "./keyboard.css";

/** What stands in one column, so that none is empty beside a long one. */
const COLUMNS: readonly (readonly CommandGroup[])[] = [["move"], ["act", "general"], ["write"]];

export function Help({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const t = useMessages().keyboard;
  const commands = useCommands().filter((one) => one.keys.length > 0);
  return (
    <Dialog isOpen={isOpen} onClose={onClose} title={t.help} className="sheet">
      <div className="cols">
        {COLUMNS.map((groups) => (
          <div key={groups.join()}>
            {groups.map((group) => (
              <Group key={group} group={group} commands={commands.filter((one) => one.group === group)} />
            ))}
          </div>
        ))}
      </div>
    </Dialog>
  );
}

function Group({ group, commands }: { group: CommandGroup; commands: readonly RegisteredCommand[] }) {
  const t = useMessages().keyboard;
  const isWriting = group === "write";
  if (commands.length === 0 && !isWriting) return null;
  return (
    <section>
      <h3>{t.group[group]}</h3>
      <ul>
        {commands.map((command) => (
          <Line key={command.id} label={command.label} keys={command.keys} />
        ))}
        {/* The field's own keys: no commands, as they mean nothing anywhere else. */}
        {isWriting && <Line label={t.send} keys={["Enter"]} />}
        {isWriting && <Line label={t.newLine} keys={["shift+Enter"]} />}
      </ul>
    </section>
  );
}

function Line({ label, keys }: { label: string; keys: readonly string[] }) {
  const t = useMessages().keyboard;
  return (
    <li>
      <span className="d">{label}</span>
      <span className="keys">
        {keys.map((one, at) => (
          <span className="keys" key={one}>
            {at > 0 && <span>{t.or}</span>}
            <Keys keys={one} />
          </span>
        ))}
      </span>
    </li>
  );
}
