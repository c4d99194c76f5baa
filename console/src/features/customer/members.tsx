// Who is in the group. LINE lists nobody: these wrote, joined or left.
import { useState } from "react";
import { useLocale, useMessages } from "../../catalogue/catalogue";
import { useDesk, useDeskState } from "../../desk/context";
import type { Member, Message, Summary } from "../../protocol";
import { Avatar } from "../../ui/avatar";
import { Button } from "../../ui/button";
import { FaultNote } from "../../ui/fault";
import { langOf } from "../../ui/language";
import { askMembers, useAskMembers, useMembers } from "./members-store";

/** More are a button away, so that the rest of the panel stays near. */
const FIRST = 12;
const NONE: readonly Message[] = [];

export function Members({ summary }: { summary: Summary }) {
  const { compose, common } = useMessages();
  const t = compose.members;
  const locale = useLocale();
  const desk = useDesk();
  const { list, fault } = useMembers(summary.id);
  const [isWhole, setWhole] = useState(false);
  useAskMembers(summary.id, useNews(summary, list?.members ?? []));
  if (!list) {
    if (!fault) return null;
    const again = <Button onClick={() => void askMembers(desk, summary.id)}>{common.tryAgain}</Button>;
    return (
      <section>
        <FaultNote fault={fault} lead={t.notLoaded} action={again} />
      </section>
    );
  }
  const present = list.members.filter((one) => !one.has_left);
  const all = [...present, ...list.members.filter((one) => one.has_left)];
  const count = Math.max(list.member_count ?? 0, present.length);
  const number = (n: number) => n.toLocaleString(locale);
  return (
    <section>
      <h3>{t.title(number(count))}</h3>
      {all.length === 0 && <p className="panel-quiet">{t.none}</p>}
      <ul className="members">
        {(isWhole ? all : all.slice(0, FIRST)).map((one) => (
          <Line key={one.line_user_id} member={one} />
        ))}
      </ul>
      {!isWhole && all.length > FIRST && (
        <Button kind="line" className="sm" onClick={() => setWhole(true)}>
          {t.all(number(all.length))}
        </Button>
      )}
      {present.length > 0 && count > present.length && (
        <p className="panel-quiet">{t.others(number(count - present.length))}</p>
      )}
    </section>
  );
}

function Line({ member: { line_user_id, display_name, has_left } }: { member: Member }) {
  const { compose, common } = useMessages();
  const name = display_name ?? common.member(line_user_id.slice(-4));
  return (
    <li className={has_left ? "is-gone" : undefined}>
      <Avatar name={name} pictureUrl={null} size={28} seed={Number.parseInt(line_user_id.slice(-6), 16) || 0} />
      <span lang={langOf(name)}>{name}</span>
      {has_left && <small>{compose.members.left}</small>}
    </li>
  );
}

/** What says that the list may be another: people came or went, or somebody wrote who is not in it. */
function useNews({ id, member_count }: Summary, members: readonly Member[]): string {
  const isLive = useDeskState((state) => state.connection.kind === "live");
  const messages = useDeskState((state) => state.threads.get(id)?.messages ?? NONE);
  const event = messages.findLast((one) => one.message_type === "system")?.id;
  const stranger = messages.findLast(
    ({ author }) => author && !members.some((one) => one.line_user_id === author.line_user_id && !one.has_left),
  )?.author?.line_user_id;
  return [isLive, member_count, event, members.length > 0 ? stranger : null].join(" ");
}
