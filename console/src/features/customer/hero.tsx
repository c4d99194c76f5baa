// Who it is: picture, name, and what the desk knows of them.
import { useId } from "react";
import { useLocale, useMessages } from "../../catalogue/catalogue";
import type { Messages } from "../../catalogue/messages";
import { useDeskState } from "../../desk/context";
import type { ContactCard, Summary } from "../../protocol";
import { Avatar } from "../../ui/avatar";
import { IconButton } from "../../ui/button";
import { Icon, type IconName } from "../../ui/icon";
import { langOf } from "../../ui/language";
import { nameOf } from "../../ui/name";
import { useNow } from "../../ui/now";
import { pictureOf } from "../../ui/picture";
import { fullTime, shortTime } from "../../ui/time";
import { showToast } from "../../ui/toasts";
import { languageName } from "./known";

const FRIEND_ICONS: Record<Summary["friend_status"], IconName> = {
  ACTIVE: "tick",
  UNFOLLOWED: "block",
  UNKNOWN: "help",
};

export function Hero({ summary, card }: { summary: Summary; card: ContactCard | null }) {
  const t = useMessages().customer;
  const locale = useLocale();
  const timezone = useDeskState((state) => state.timezone);
  const now = useNow(60_000);
  const name = nameOf(summary);
  const isGroup = summary.source_type !== "user";
  const language = card?.language ? languageName(card.language, locale) : null;
  return (
    <>
      <div className="hero">
        <Avatar name={name} pictureUrl={pictureOf(summary)} size={56} isGroup={isGroup} seed={summary.id} />
        <div>
          <div className="n" lang={langOf(name)}>
            {name}
          </div>
          <div className="s">
            <Icon name={isGroup ? "group" : "user"} size={16} />
            {t.kind[summary.source_type]}
            {summary.archived && ` · ${t.archived}`}
          </div>
        </div>
      </div>
      <dl className="kv">
        <dt>{t.status}</dt>
        <dd className={summary.friend_status === "UNFOLLOWED" ? "panel-status is-off" : "panel-status"}>
          <Icon name={FRIEND_ICONS[summary.friend_status]} size={16} />
          <span>{friendWords(t, summary)}</span>
        </dd>
        <dt>{t.channel}</dt>
        <dd lang={langOf(summary.channel)}>{summary.channel}</dd>
        <dt>{t.lineId}</dt>
        <dd>
          <LineId text={summary.line_user_id} />
        </dd>
        {language && (
          <>
            <dt>{t.language}</dt>
            <dd>{language}</dd>
          </>
        )}
        {card && (
          <>
            <dt>{t.firstSeen}</dt>
            <dd>
              <time dateTime={card.first_seen_at} title={fullTime(card.first_seen_at, timezone, locale)}>
                {shortTime(card.first_seen_at, timezone, locale, now)}
              </time>
            </dd>
            {card.profile_fetched_at && (
              <>
                <dt>{t.profileFrom}</dt>
                <dd>
                  <time dateTime={card.profile_fetched_at} title={fullTime(card.profile_fetched_at, timezone, locale)}>
                    {shortTime(card.profile_fetched_at, timezone, locale, now)}
                  </time>
                </dd>
              </>
            )}
          </>
        )}
      </dl>
    </>
  );
}

function friendWords(t: Messages["customer"], { friend_status, source_type }: Summary): string {
  return friend_status === "UNFOLLOWED" && source_type !== "user" ? t.left : t.friend[friend_status];
}

/** Cut for the eye; copied, and selected by hand, it is whole. */
function LineId({ text }: { text: string }) {
  const t = useMessages().customer;
  const id = useId();
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      showToast({ text: t.copied, kind: "ok" });
    } catch {
      const shown = document.getElementById(id);
      if (shown) getSelection()?.selectAllChildren(shown);
      showToast({ text: t.notCopied, kind: "danger" });
    }
  };
  return (
    <span className="panel-id">
      <code id={id} title={text}>
        {text}
      </code>
      <IconButton icon="copy" size={16} label={t.copyId} onClick={() => void copy()} />
    </span>
  );
}
