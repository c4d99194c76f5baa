// A colleague answered since one began to write: it asks before it sends.
import { useLocation } from "wouter";
import { placeOf } from "../../app/places";
import { useMessages } from "../../catalogue/catalogue";
import { useDeskState } from "../../desk/context";
import { nameOfOperator } from "../../desk/people";
import type { ConversationId } from "../../protocol";
import { Button } from "../../ui/button";
import { Icon } from "../../ui/icon";
import { useNow } from "../../ui/now";
import type { Answered } from "./guard";

type GuardBarProps = { id: ConversationId; message: Answered; onShow: () => void; onAnyway: () => void };

export function GuardBar({ id, message, onShow, onAnyway }: GuardBarProps) {
  const { composer: t, common } = useMessages();
  const [, navigate] = useLocation();
  const known = useDeskState((state) => nameOfOperator(state, message.operator_id));
  const name = message.operator_name ?? known ?? common.someone;
  const show = () => {
    navigate(placeOf.conversation(id, message.id));
    onShow();
  };
  return (
    <div className="warnask">
      <Icon name="user" size={16} />
      {/* Said once, at the start: the seconds are for the eye. */}
      <span className="sr" role="alert">
        {t.answered(name, t.ago.seconds(0))}
      </span>
      <span aria-hidden="true">{t.answered(name, useAgo(message.created_at))}</span>
      <span className="sp" />
      <Button className="sm" onClick={onAnyway}>
        {t.sendAnyway}
      </Button>
      <Button kind="line" className="sm" onClick={show}>
        {t.showReply}
      </Button>
    </div>
  );
}

function useAgo(iso: string): string {
  const t = useMessages().composer.ago;
  const seconds = Math.max(0, Math.floor((useNow() - Date.parse(iso)) / 1000));
  if (seconds < 60) return t.seconds(seconds);
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? t.minutes(minutes) : t.hours(Math.floor(minutes / 60));
}
