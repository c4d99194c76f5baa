// The rows: only those near the eye are drawn, however many there are. It renders when the order or the window
// changes; what happens inside a conversation is its row's.
import {
  defaultRangeExtractor,
  type Range,
  useVirtualizer,
  type VirtualItem,
  type Virtualizer,
} from "@tanstack/react-virtual";
import { type ReactNode, useCallback, useLayoutEffect, useRef } from "react";
import { useLocation } from "wouter";
import { placeOf } from "../../app/places";
import { useMessages } from "../../catalogue/catalogue";
import { useDesk, useDeskState } from "../../desk/context";
import type { DeskState } from "../../desk/types";
import type { ConversationId } from "../../protocol";
import { useCommand } from "../keyboard/commands";
import { ChangedPill } from "./changed-pill";
import { useHold } from "./hold";
import { MoreRows, useMoreRows } from "./more-rows";
import { Row, rowHeight } from "./row";
import { useAnchor } from "./use-anchor";
import { useRoving } from "./use-roving";

const PHONE = "(max-width: 767px)";

export function Rows() {
  const t = useMessages();
  const desk = useDesk();
  const [, navigate] = useLocation();
  const { ids, total, openId } = useDeskState((state) => ({
    ids: state.list.ids,
    total: state.list.total,
    openId: state.openId,
  }));
  const region = useRef<HTMLDivElement>(null);
  const hold = useHold();
  const isPhone = globalThis.matchMedia?.(PHONE).matches ?? false;

  const roving = useRoving({ ids, openId, region, scrollTo: (index) => rows.scrollToIndex(index, { align: "auto" }) });
  const { stopIndex } = roving;
  const rows = useVirtualizer({
    count: ids.length,
    getScrollElement: () => region.current,
    estimateSize: (index: number) => {
      const state = desk.store.getState();
      return rowHeight(state.conversations.get(ids[index] ?? -1), isPhone, hasTarget(state));
    },
    getItemKey: useCallback((index: number) => ids[index] ?? index, [ids]),
    // The row that has the focus stays drawn, or the focus would be lost by scrolling.
    rangeExtractor: (range: Range) => withStop(defaultRangeExtractor(range), stopIndex, ids.length),
    useFlushSync: false,
    gap: 2,
    paddingStart: 4,
    paddingEnd: 4,
    scrollPaddingStart: 4,
    scrollPaddingEnd: 4,
    overscan: 6,
  });
  const drawn = rows.getVirtualItems();
  useAnchor(rows, ids);
  const more = useMoreRows((rows.range?.endIndex ?? 0) >= ids.length - 20);

  const openNextUnread = (by: 1 | -1) => {
    const { conversations, openId } = desk.store.getState();
    const id = nextUnread(ids, openId, by, (one) => (conversations.get(one)?.unread_count ?? 0) > 0);
    if (id === null) return;
    rows.scrollToIndex(ids.indexOf(id), { align: "auto" });
    navigate(placeOf.conversation(id));
  };
  const { command } = t.list;
  const hasRows = ids.length > 0;
  const setSize = Math.max(total, ids.length);
  useCommand({ id: "list.down", keys: ["j"], label: command.down, run: () => roving.step(1), isEnabled: hasRows });
  useCommand({ id: "list.up", keys: ["k"], label: command.up, run: () => roving.step(-1), isEnabled: hasRows });
  useCommand({
    id: "list.open",
    keys: ["Enter"],
    label: command.open,
    run: () => roving.stopId !== null && navigate(placeOf.conversation(roving.stopId)),
    isEnabled: hasRows,
  });
  useCommand({
    id: "list.nextUnread",
    keys: ["alt+ArrowDown"],
    label: command.nextUnread,
    run: () => openNextUnread(1),
  });
  useCommand({
    id: "list.lastUnread",
    keys: ["alt+ArrowUp"],
    label: command.previousUnread,
    run: () => openNextUnread(-1),
  });

  return (
    <div className="rows-hold" {...hold.handlers}>
      <ChangedPill
        show={() => {
          hold.release();
          rows.scrollToOffset(0);
        }}
      />
      <div className="rows" ref={region}>
        <ul
          aria-label={t.common.conversations}
          style={{ height: rows.getTotalSize() }}
          onKeyDown={roving.onKeyDown}
          onFocus={(event) => roving.follow(event.target)}
        >
          {drawn.map((item) => (
            <Item key={item.key} item={item} rows={rows} id={ids[item.index]} isPhone={isPhone} setSize={setSize}>
              <RowAt id={ids[item.index]} openId={openId} stopId={roving.stopId} />
            </Item>
          ))}
        </ul>
        <MoreRows more={more} />
      </div>
    </div>
  );
}

type ItemProps = {
  item: VirtualItem;
  rows: Virtualizer<HTMLDivElement, Element>;
  id: ConversationId | undefined;
  isPhone: boolean;
  setSize: number;
  children: ReactNode;
};

/** A row's place. Its height follows from what it shows, so nothing has to be measured; the virtualizer is told. */
function Item({ item: { index, size, start }, rows, id, isPhone, setSize, children }: ItemProps) {
  const height = useDeskState((state) => rowHeight(state.conversations.get(id ?? -1), isPhone, hasTarget(state)));
  useLayoutEffect(() => {
    if (height !== size) rows.resizeItem(index, height);
  }, [rows, index, size, height]);
  return (
    <li aria-setsize={setSize} aria-posinset={index + 1} style={{ height, transform: `translateY(${start}px)` }}>
      {children}
    </li>
  );
}

const hasTarget = (state: DeskState): boolean => state.targetSeconds !== null;

type RowAtProps = { id: ConversationId | undefined; openId: ConversationId | null; stopId: ConversationId | null };

/** The order may have become shorter since the window was worked out. */
function RowAt({ id, openId, stopId }: RowAtProps) {
  return id === undefined ? null : <Row id={id} isCurrent={id === openId} isStop={id === stopId} />;
}

function withStop(indexes: number[], stop: number, count: number): number[] {
  if (stop >= count || indexes.includes(stop)) return indexes;
  return [...indexes, stop].sort((a, b) => a - b);
}

/** From the open one on, and around the end. */
export function nextUnread(
  ids: readonly ConversationId[],
  openId: ConversationId | null,
  by: 1 | -1,
  isUnread: (id: ConversationId) => boolean,
): ConversationId | null {
  const at = openId === null ? -1 : ids.indexOf(openId);
  const from = at < 0 && by < 0 ? 0 : at;
  for (let n = 1; n <= ids.length; n += 1) {
    const id = ids[(((from + by * n) % ids.length) + ids.length) % ids.length];
    if (id !== undefined && id !== openId && isUnread(id)) return id;
  }
  return null;
}
