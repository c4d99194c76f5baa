// What the thread shows, in order: messages and unsent ones as rows of days. Pure; the same objects come out for the
// same messages, so that rows which did not change are not rendered again.
import type { Message, MessageId, OperatorId } from "../../protocol";
import type { OutboxEntry } from "../../realtime/types";
import { dayKey } from "../../ui/time";
import { readPayload } from "./payload";

export type Line =
  /** `album`: pictures that were sent together, in their order; else the message alone. */
  | { kind: "message"; key: string; message: Message; isMine: boolean; at: string; album: Album }
  | { kind: "outbox"; key: string; entry: OutboxEntry; at: string };

/** Never empty. */
export type Album = readonly [Message, ...Message[]];

/** Customer left, operator right, bot right and outlined, notes across, system lines centred. */
export type Look = "in" | "out" | "bot" | "note" | "sys";

export type Row = {
  line: Line;
  look: Look;
  /** The first and the last of a group: one speaker, close in time. */
  isFirst: boolean;
  isLast: boolean;
  /** Whether time and delivery mark stand below. */
  isMarked: boolean;
  /** Whether the speaker's name stands above. */
  hasName: boolean;
  /** The unread line stands above. */
  isFirstUnread: boolean;
};

export type Day = { key: string; at: string; rows: readonly Row[] };

export type RowsInput = {
  messages: readonly Message[];
  /** Of this conversation. */
  entries: readonly OutboxEntry[];
  timezone: string;
  me: OperatorId;
  firstUnread: MessageId | null;
};

const GROUP_MS = 5 * 60_000;

export function buildDays({ messages, entries, timezone, me, firstUnread }: RowsInput): Day[] {
  const stored = new Set(messages.map((message) => message.temp_id).filter((id) => id !== undefined));
  const lines = [
    ...inAlbums(messages).map((album) => messageLine(album, me)),
    // Between the desk's answer and the outbox's own step an entry is in both.
    ...entries.filter((entry) => !stored.has(entry.temp_id)).map(outboxLine),
  ];
  const keys = new Set<string>();
  const days: { key: string; at: string; lines: Line[] }[] = [];
  for (const line of lines) {
    // LINE's times need not grow with our order: a day never comes twice.
    if (keys.has(line.key)) continue;
    keys.add(line.key);
    const day = dayOf(line, timezone);
    const last = days.at(-1);
    if (last && day <= last.key) last.lines.push(line);
    else days.push({ key: day, at: line.at, lines: [line] });
  }
  return days.map((day) => ({ key: day.key, at: day.at, rows: rowsOf(day.lines, firstUnread) }));
}

function rowsOf(lines: readonly Line[], firstUnread: MessageId | null): Row[] {
  let lastOperator: string | null = null;
  return lines.map((line, n) => {
    const prev = lines[n - 1];
    const next = lines[n + 1];
    const isFirstUnread = idOf(line) !== null && idOf(line) === firstUnread;
    const isFirst = !prev || isFirstUnread || !isNear(prev, line);
    const isLast = !next || (idOf(next) !== null && idOf(next) === firstUnread) || !isNear(line, next);
    const look = lookOf(line);
    if (isFirstUnread) lastOperator = null;
    const speaker = speakerOf(line);
    const hasName = isFirst && (look === "out" ? speaker !== lastOperator : look === "bot" || isMember(line));
    if (look === "out" || look === "bot") lastOperator = speaker;
    return { line, look, isFirst, isLast, isMarked: isLast || hasOwnMark(line, next), hasName, isFirstUnread };
  });
}

function isNear(a: Line, b: Line): boolean {
  const look = lookOf(a);
  if (look === "note" || look === "sys" || speakerOf(a) !== speakerOf(b)) return false;
  return Math.abs(Date.parse(b.at) - Date.parse(a.at)) < GROUP_MS;
}

function speakerOf(line: Line): string {
  const look = lookOf(line);
  // Only mine are in my outbox.
  if (line.kind === "outbox") return "out:me";
  const { message } = line;
  if (look === "out") return line.isMine ? "out:me" : `out:${message.operator_id}`;
  if (look === "bot") return `bot:${message.sender_role}`;
  return `${look}:${message.author?.line_user_id ?? ""}`;
}

const isMember = (line: Line): boolean => speakerOf(line).startsWith("in:") && speakerOf(line) !== "in:";

/** Anything but the same quiet mark as the next one's says so itself. */
function hasOwnMark(line: Line, next: Line | undefined): boolean {
  const mark = markKey(line);
  if (mark === "") return false;
  return !mark.startsWith("accepted") || (next !== undefined && markKey(next) !== mark);
}

function markKey(line: Line): string {
  if (line.kind === "outbox") return line.entry.state;
  const { delivery } = line.message;
  return delivery ? `${delivery.state} ${delivery.cost ?? ""}` : "";
}

export function lookOf(line: Line): Look {
  return line.kind === "outbox" ? "out" : messageLook(line.message);
}

export function messageLook(message: Message): Look {
  if (message.unsent_at) return "sys";
  if (message.message_type === "note") return "note";
  if (message.message_type === "system") {
    // A kind that the desk does not know is still something the customer sent.
    const isUnknownKind = message.sender_role === "USER" && readPayload(message.payload).text("line_type") !== null;
    return isUnknownKind ? "in" : "sys";
  }
  if (message.direction === "INCOMING") return "in";
  return message.sender_role === "ADMIN" ? "out" : "bot";
}

const idOf = (line: Line): MessageId | null => (line.kind === "message" ? line.message.id : null);

/** Messages one by one, and pictures of one set together, however they came. */
function inAlbums(messages: readonly Message[]): Album[] {
  const albums: [Message, ...Message[]][] = [];
  const bySet = new Map<string, [Message, ...Message[]]>();
  for (const message of messages) {
    const set = message.unsent_at ? null : setOf(message);
    const known = set === null ? undefined : bySet.get(set);
    if (known) {
      known.push(message);
      known.sort((a, b) => placeOf(a) - placeOf(b));
      continue;
    }
    const album: [Message, ...Message[]] = [message];
    if (set !== null) bySet.set(set, album);
    albums.push(album);
  }
  return albums;
}

function setOf(message: Message): string | null {
  if (message.message_type !== "image") return null;
  return readPayload(message.payload).part("imageSet").text("id");
}

const placeOf = (message: Message): number => readPayload(message.payload).part("imageSet").number("index") ?? 0;

const messageLines = new WeakMap<Message, Extract<Line, { kind: "message" }>>();
const outboxLines = new WeakMap<OutboxEntry, Line>();

/** My own keep the key they had in the outbox: the row stays where it is when the desk has stored it. */
function messageLine(album: Album, me: OperatorId): Line {
  const [message] = album;
  let line = messageLines.get(message);
  if (!line || !isSame(line.album, album)) {
    const isMine = message.operator_id === me;
    const key = isMine && message.temp_id ? `t${message.temp_id}` : `m${message.id}`;
    line = { kind: "message", key, message, isMine, at: message.created_at, album };
    messageLines.set(message, line);
  }
  return line;
}

const isSame = (a: readonly Message[], b: readonly Message[]): boolean =>
  a.length === b.length && a.every((one, n) => one === b[n]);

function outboxLine(entry: OutboxEntry): Line {
  let line = outboxLines.get(entry);
  if (!line) {
    line = { kind: "outbox", key: `t${entry.temp_id}`, entry, at: new Date(entry.at).toISOString() };
    outboxLines.set(entry, line);
  }
  return line;
}

const dayKeys = new WeakMap<Line, { timezone: string; key: string }>();

function dayOf(line: Line, timezone: string): string {
  const known = dayKeys.get(line);
  if (known?.timezone === timezone) return known.key;
  const key = dayKey(line.at, timezone);
  dayKeys.set(line, { timezone, key });
  return key;
}
