// Which conversations belong to the list, and where. The desk orders every list by newest activity, waiting ones too.
import type { ConversationId, OperatorId, Summary } from "../protocol";
import type { ListFilter } from "./model";

/** Whether it belongs to the list; undefined where only the desk can tell. `before`: as it was known until now. */
export function fits(one: Summary, filter: ListFilter, me: OperatorId, before?: Summary): boolean | undefined {
  if (filter.tag !== null && !one.tags.some((tag) => tag.name === filter.tag)) return false;
  if (one.archived && !filter.q) return false;
  if (filter.q && !isFound(one, filter.q)) return false;
  const status = one.session?.status;
  switch (filter.status) {
    case "all":
      return true;
    case "waiting":
      return status === "WAITING";
    case "active":
      return status === "ACTIVE";
    case "mine":
      return isMine(one, me);
    case "bot":
      return !status;
    case "closed":
      if (status) return false;
      // A session that was open and is not is one that it had.
      return before?.session ? true : undefined;
  }
}

export function isMine(one: Summary, me: OperatorId): boolean {
  return one.session?.status === "ACTIVE" && one.session.operator_id === me;
}

function isFound(one: Summary, q: string): boolean {
  return one.line_user_id === q || fold(one.display_name ?? "").includes(fold(q));
}

const fold = (text: string) => text.normalize("NFKC").toLowerCase();

/** The instant by which it is placed. */
export function activity(one: Summary): number {
  const at = one.last_message?.created_at ?? one.session?.started_at;
  return at ? Date.parse(at) : 0;
}

type KeyOf = (id: ConversationId) => number;

/** Where it is, or belongs, in `order`: newest first, the later id first of two at the same instant. */
export function placeOf(order: readonly ConversationId[], id: ConversationId, key: number, keyOf: KeyOf): number {
  let [low, high] = [0, order.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const other = order[middle] ?? 0;
    const otherKey = keyOf(other);
    const isAfter = otherKey > key || (otherKey === key && other > id);
    if (isAfter) low = middle + 1;
    else high = middle;
  }
  return low;
}
