// Listens to what happens and tells the operator: sound, browser notification, title and icon. Knows no React.
import { placeOf } from "../../app/places";
import { currentMessages } from "../../catalogue/catalogue";
import type { Desk, Happening } from "../../desk/types";
import type { ConversationId, OperatorId } from "../../protocol";
import { makeBadge, seldom } from "./badge";
import { hearClicks, showNotification } from "./notification";
import type { Claims } from "./one-tab";
import {
  attentionOf,
  isForMe,
  isWithdrawn,
  keyOf,
  RING_GAP_MS,
  type Telling,
  type Told,
  tellingOf,
  toldBy,
} from "./rules";
import { settingsOf } from "./settings";
import { play, soundStore } from "./sound";
import { wordsOf } from "./words";

export type Watch = {
  desk: Desk;
  me: OperatorId;
  claims: Claims;
  open: (place: string) => void;
  /** For the screen reader, while the page is looked at. */
  announce: (happening: Happening) => void;
};

/** Whether the operator has this tab before them. */
export const isLooking = (): boolean => document.visibilityState === "visible" && document.hasFocus();

/** A tab that cannot sound gives way to one that can, and both to the one that is looked at, also on a busy machine. */
const HIDDEN_MS = 300;
const SILENT_MS = 600;

/** Returns the way to stop. */
export function watch({ desk, me, claims, open, announce }: Watch): () => void {
  const shown = new Map<ConversationId, Shown>();
  const mentions = new Set<ConversationId>();
  const badge = makeBadge(document);
  let rungAt = Number.NEGATIVE_INFINITY;

  const count = seldom(() => {
    const state = desk.store.getState();
    const lookedAt = isLooking() ? state.openId : null;
    if (lookedAt !== null) mentions.delete(lookedAt);
    for (const [id, one] of shown) {
      if (id !== lookedAt && !isWithdrawn(state, one.told)) continue;
      takeDown(one);
      shown.delete(id);
    }
    badge.show(attentionOf(state, me, mentions));
  });

  const ring = (sound: Telling["sound"]) => {
    if (sound === null || Date.now() - rungAt < RING_GAP_MS) return;
    rungAt = Date.now();
    const { tone, volume } = settingsOf(me);
    void play(sound === "tick" ? "tick" : tone, volume);
  };

  const notify = (happening: Happening) => {
    if (typeof Notification === "undefined" || Notification.permission !== "granted") return;
    const told = toldBy(happening);
    if (isWithdrawn(desk.store.getState(), told)) return;
    const { id } = happening.conversation;
    const { title, body } = wordsOf(happening, currentMessages(), settingsOf(me).shows);
    const note = { title, body, tag: `linedesk.${id}`, place: placeOf.conversation(id) };
    shown.set(id, { told, close: showNotification(note, open) });
  };

  const onHappening = async (happening: Happening) => {
    if (!isForMe(happening, me)) return;
    const { id } = happening.conversation;
    if (happening.kind === "mentioned" && !(isLooking() && desk.store.getState().openId === id)) mentions.add(id);
    count.call();
    if (isLooking()) announce(happening);
    if (!isLooking()) await after(soundStore.getState().state === "ready" ? HIDDEN_MS : SILENT_MS);
    // The one that is looked at claims it too: its silence is for all tabs.
    const key = `${me}.${keyOf(happening)}`;
    const telling = tellingOf(happening, me, settingsOf(me), isLooking());
    if (!(await claims.claim(key))) return;
    ring(telling.sound);
    if (telling.isNotified) notify(happening);
  };

  const stopClicks = hearClicks(open);
  const stopHearing = desk.onHappening((happening) => void onHappening(happening));
  const stopCounting = desk.store.subscribe(count.call);
  addEventListener("focus", count.call);
  count.call();
  return () => {
    stopHearing();
    stopCounting();
    removeEventListener("focus", count.call);
    count.stop();
    badge.stop();
    stopClicks();
    for (const one of shown.values()) takeDown(one);
    claims.stop();
  };
}

type Shown = { told: Told; close: Promise<() => void> };

const takeDown = ({ close }: Shown) => void close.then((it) => it());

const after = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
