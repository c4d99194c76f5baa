// How true the screen is, in words: a banner while it is not live, one quiet word while it is.
import type { ReactNode } from "react";
import { useMessages } from "../../catalogue/catalogue";
import { useDesk, useDeskState } from "../../desk/context";
import { Button } from "../../ui/button";
import { Icon } from "../../ui/icon";
import { useNow } from "../../ui/now";
import { type ShownKind, useSettled } from "./settled";
import "./status.css";

/** Always mounted, or screen readers would miss the first words. */
export function ConnectionBanner() {
  const kind = useSettled(useDeskState((state) => state.connection));
  return (
    <div className="conn" role="status">
      <Words kind={kind} />
    </div>
  );
}

function Words({ kind }: { kind: ShownKind }): ReactNode {
  const t = useMessages().status;
  const desk = useDesk();
  const unsent = useUnsent();
  switch (kind) {
    case "idle":
    case "live":
      return null;
    case "back":
      return (
        <div className="ban okb">
          <Icon name="tick" />
          <p>
            <b>{t.back}</b> <span>{t.backWords}</span>
          </p>
        </div>
      );
    case "connecting":
      return (
        <div className="ban">
          <Icon name="ring" />
          <p>
            <b>{t.connecting}</b> <span>{unsent > 0 ? t.unsent(unsent) : t.meanwhile}</span>
          </p>
        </div>
      );
    case "catching_up":
      return (
        <div className="ban info">
          <Icon name="retry" />
          <p>
            <b>{t.catchingUp}</b> <span>{t.catchingUpWords}</span>
          </p>
        </div>
      );
    case "offline":
      return (
        <div className="ban warn">
          <Icon name="cloud-off" />
          <p>
            <b>{t.offline}</b> {unsent > 0 && <span>{t.unsent(unsent)} </span>}
            <NextTry />
          </p>
          <Button onClick={() => desk.tryNow()}>{t.tryNow}</Button>
        </div>
      );
    case "refused":
      return (
        <div className="ban bad">
          <Icon name="lock" />
          <p>
            <b>{t.refused}</b> <span>{unsent > 0 ? t.kept(unsent) : t.refusedWords}</span>
          </p>
          <Button onClick={() => desk.start()}>{t.signInAgain}</Button>
        </div>
      );
  }
}

/** Hidden from screen readers: they would say every second. */
export function NextTry() {
  const t = useMessages().status;
  const retryAt = useDeskState(({ connection }) => (connection.kind === "offline" ? connection.retryAt : 0));
  const seconds = Math.ceil((retryAt - useNow()) / 1000);
  return (
    <span className="tick" aria-hidden="true">
      {seconds > 0 ? t.nextTry(seconds) : t.tryingNow}
    </span>
  );
}

/** Messages of this device that the desk does not have; refused ones wait for their writer, not for the connection. */
export function useUnsent(): number {
  return useDeskState(({ outbox }) => outbox.filter((entry) => entry.state !== "refused").length);
}

/** One word at the foot of the rail, only while it is true: it gives way with the first doubt. */
export function LiveMark() {
  const t = useMessages().status;
  const isLive = useDeskState((state) => state.connection.kind === "live");
  return (
    <span className="live" title={isLive ? t.liveWords : undefined}>
      {isLive && t.live}
    </span>
  );
}
