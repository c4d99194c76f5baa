// Colleagues who write here now. Its room is always there: a line that comes and goes would move the field.
import { useLocale, useMessages } from "../../catalogue/catalogue";
import { useDeskState } from "../../desk/context";
import type { Person } from "../../desk/types";
import type { ConversationId } from "../../protocol";
import { Icon } from "../../ui/icon";

const NOBODY: readonly Person[] = [];

export function TypingLine({ id }: { id: ConversationId }) {
  const t = useMessages().thread;
  const locale = useLocale();
  const people = useDeskState((state) => state.typing.get(id) ?? NOBODY);
  const names = new Intl.ListFormat(locale).format(people.map((person) => person.name));
  return (
    <div className="typing">
      {people.length > 0 && (
        <>
          <Icon name="pencil" size={16} />
          <span>{people.length === 1 ? t.typing(names) : t.typingMany(names)}</span>
        </>
      )}
    </div>
  );
}
