// Everything about the customer beside the conversation. Whether it is a column, a drawer or a screen is the shell's affair.
import type { ReactNode } from "react";
import { useMessages } from "../../catalogue/catalogue";
import { useDeskState } from "../../desk/context";
import type { ConversationId, Message, Summary } from "../../protocol";
import { Button, IconButton } from "../../ui/button";
import { FaultNote } from "../../ui/fault";
import { Menu } from "../../ui/menu";
import { Tag } from "../../ui/tag";
import { useCustomerActs } from "./acts";
import { Care } from "./care";
import { Elsewhere } from "./elsewhere";
import { Hero } from "./hero";
import { notesOf, sessionsOf } from "./known";
import { Members } from "./members";
import { Notes } from "./notes";
import { Sessions } from "./sessions";
import { useContact } from "./use-contact";
import "./customer.css";

type Props = { id: ConversationId; onClose: () => void };

export function CustomerPanel({ id, onClose }: Props) {
  const t = useMessages().customer;
  const summary = useDeskState((state) => state.conversations.get(id));
  return (
    // Another conversation is another customer: no error and no opened list goes along.
    <aside className="panel" aria-label={t.title} key={id}>
      {summary ? (
        <Loaded summary={summary} onClose={onClose} />
      ) : (
        <>
          <Bar onClose={onClose} />
          <p className="empty">{t.missing}</p>
        </>
      )}
    </aside>
  );
}

const NO_MESSAGES: readonly Message[] = [];

function Loaded({ summary, onClose }: { summary: Summary; onClose: () => void }) {
  const { customer: t, common } = useMessages();
  const messages = useDeskState((state) => state.threads.get(summary.id)?.messages ?? NO_MESSAGES);
  const acts = useCustomerActs(summary);
  const { card, fault, load } = useContact(summary);
  return (
    <>
      <Bar onClose={onClose}>
        <Menu trigger={<IconButton icon="more" label={t.more} />} items={acts.items} />
      </Bar>
      <section>
        <Hero summary={summary} card={card} />
        {acts.isRefreshing && (
          <p className="panel-quiet" role="status">
            {t.refreshing}
          </p>
        )}
        {acts.failure && <FaultNote fault={acts.failure.fault} lead={acts.failure.lead} />}
        {fault && (
          <FaultNote
            fault={fault}
            lead={t.notLoaded}
            action={
              <Button kind="line" onClick={load}>
                {common.tryAgain}
              </Button>
            }
          />
        )}
      </section>
      <Care summary={summary} />
      {summary.source_type !== "user" && <Members summary={summary} />}
      <Elsewhere places={card?.elsewhere ?? []} />
      <section>
        <h3>{t.tags}</h3>
        <Tags tags={summary.tags} />
      </section>
      <Notes id={summary.id} notes={notesOf(card?.notes ?? [], messages)} count={card?.note_count ?? null} />
      <Sessions sessions={sessionsOf(card?.sessions ?? [], summary.session)} count={card?.session_count ?? null} />
    </>
  );
}

function Bar({ onClose, children }: { onClose: () => void; children?: ReactNode }) {
  const t = useMessages().customer;
  return (
    <header className="bar">
      <h2>{t.title}</h2>
      {children}
      <IconButton icon="close" label={t.hide} onClick={onClose} />
    </header>
  );
}

function Tags({ tags }: { tags: Summary["tags"] }) {
  const t = useMessages().customer;
  if (tags.length === 0) return <p className="panel-quiet">{t.noTags}</p>;
  return (
    <ul className="tags">
      {tags.map((tag) => (
        <li key={tag.id}>
          <Tag tag={tag} />
        </li>
      ))}
    </ul>
  );
}
