// Where the desk shows a contact's picture: from its own origin, so that no browser asks LINE.
import type { ConversationId } from "../protocol";

/** Another address for every picture, so that the browser may keep what it has. */
export function pictureOf(summary: { id: ConversationId; picture_url: string | null }): string | null {
  return summary.picture_url ? `/media/pictures/${summary.id}?v=${fingerprint(summary.picture_url)}` : null;
}

/** FNV-1a, 32 bits: enough to tell one picture of a contact from their next. */
function fingerprint(text: string): string {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return (hash >>> 0).toString(36);
}
