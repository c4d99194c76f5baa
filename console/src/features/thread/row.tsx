// One row of the thread. Rendered again only when its own message, or its place in the group, changed.
import { type FocusEvent, memo, useState } from "react";
import { useLocale, useMessages } from "../../catalogue/catalogue";
import type { Message } from "../../protocol";
import { Avatar } from "../../ui/avatar";
import { Icon } from "../../ui/icon";
import { langOf } from "../../ui/language";
import { gist } from "../../ui/name";
import { clock } from "../../ui/time";
import { AlbumBody } from "./album";
import { Body, hasBubble } from "./body";
import { DeliveryLine } from "./delivery-line";
import { messageOf } from "./entry-message";
import { LinkedText } from "./linked-text";
import { OutboxLine } from "./outbox-line";
import { QuoteBar } from "./quote-bar";
import type { Row } from "./rows";
import { useScene } from "./scene";
import { SystemLine } from "./system-line";
import { systemWords } from "./system-words";
import { Time } from "./time";
import { Tools } from "./tools";
import { whoSaid } from "./who";

export const MessageRow = memo(function MessageRow(row: Row) {
  const { line, look } = row;
  const messages = useMessages();
  const { common, thread: t } = messages;
  const locale = useLocale();
  const scene = useScene();
  const active = useActive();
  const message = line.kind === "message" ? line.message : null;
  const said = line.kind === "message" ? line.message : messageOf(line.entry);
  const who = message ? whoSaid(message, line.kind === "message" && line.isMine, scene.name, common) : common.you;
  const text = look === "sys" ? systemWords(said, messages) : gist(said, common).text;
  const isGone = message !== null && message.unsent_at !== null;
  return (
    <article
      className={classOf(row)}
      data-id={message?.id}
      aria-label={isGone ? common.withdrawn : t.says(who, clock(line.at, scene.timezone, locale), text)}
      tabIndex={-1}
      {...active.handlers}
    >
      {look === "sys" && message ? (
        <SystemLine message={message} />
      ) : look === "note" && message ? (
        <Note message={message} who={who} />
      ) : (
        <Said row={row} who={who} isActive={active.isActive} />
      )}
    </article>
  );
});

function classOf({ look, isFirst, isLast }: Row): string {
  const side = look === "note" || look === "sys" ? `is-${look}` : look;
  return ["msg", side, isFirst && "first", isLast && "last"].filter(Boolean).join(" ");
}

function Said({ row, who, isActive }: { row: Row; who: string; isActive: boolean }) {
  const { line, look, isFirst, isMarked, hasName } = row;
  const scene = useScene();
  const message = line.kind === "message" ? line.message : null;
  const said = line.kind === "message" ? line.message : messageOf(line.entry);
  const quoted = said.quoted_message_id;
  return (
    <>
      {look === "in" && isFirst && <Avatar name={scene.name} pictureUrl={scene.pictureUrl} size={28} seed={scene.id} />}
      {hasName && (
        <span className="from" lang={langOf(who)}>
          {look === "bot" && <Icon name="robot" size={16} />}
          {who}
        </span>
      )}
      <div className="line">
        {!hasBubble(said) ? (
          <div className="bare">
            {quoted !== null && <QuoteBar quoted={quoted} />}
            {line.kind === "message" && line.album.length > 1 ? (
              <AlbumBody album={line.album} />
            ) : (
              <Body message={said} />
            )}
          </div>
        ) : (
          <Bubble text={said.content}>
            {quoted !== null && <QuoteBar quoted={quoted} />}
            <Body message={said} />
          </Bubble>
        )}
        {message && isActive && <Tools message={message} />}
      </div>
      {line.kind === "outbox" ? (
        <OutboxLine entry={line.entry} at={line.at} />
      ) : (
        isMarked && <Below message={line.message} />
      )}
    </>
  );
}

function Bubble({ text, children }: { text: string; children: React.ReactNode }) {
  return (
    <div className="bub" lang={langOf(text)}>
      {children}
    </div>
  );
}

function Below({ message }: { message: Message }) {
  if (message.direction === "OUTGOING" && message.delivery) {
    return <DeliveryLine message={message} delivery={message.delivery} />;
  }
  return (
    <div className="meta">
      <Time at={message.created_at} />
    </div>
  );
}

function Note({ message, who }: { message: Message; who: string }) {
  const t = useMessages().thread;
  return (
    <div className="note">
      <Icon name="lock" size={16} />
      <div>
        <div className="h">
          <b lang={langOf(who)}>{who}</b> {t.noteMark} <Time at={message.created_at} />
        </div>
        <p lang={langOf(message.content)}>
          <LinkedText text={message.content} />
        </p>
      </div>
    </div>
  );
}

/** Under the pointer, or with the focus in it. */
function useActive() {
  const [isHovered, setHovered] = useState(false);
  const [isFocused, setFocused] = useState(false);
  return {
    isActive: isHovered || isFocused,
    handlers: {
      onPointerEnter: () => setHovered(true),
      onPointerLeave: () => setHovered(false),
      onFocus: () => setFocused(true),
      onBlur: (event: FocusEvent<HTMLElement>) => {
        if (!event.currentTarget.contains(event.relatedTarget)) setFocused(false);
      },
    },
  };
}
