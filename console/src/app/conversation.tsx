// One conversation: its bar, its messages, and the field to answer in.
import { Composer } from "../features/composer/composer";
import { ThreadBar } from "../features/session/thread-bar";
import { ThreadView } from "../features/thread/thread";
import type { ConversationId } from "../protocol";

type Props = { id: ConversationId; onBack?: () => void; onPanel: () => void };

export function Conversation({ id, onBack, onPanel }: Props) {
  return (
    <section className="thread">
      <ThreadBar id={id} onPanel={onPanel} onBack={onBack} />
      <ThreadView id={id} />
      <Composer id={id} />
    </section>
  );
}
