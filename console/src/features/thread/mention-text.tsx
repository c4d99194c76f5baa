// A text with mentions: where LINE was given a key in braces, the member's name stands.
import { useMessages } from "../../catalogue/catalogue";
import type { ConversationId } from "../../protocol";
import { useAskMembers, useMembers } from "../customer/members-store";
import { LinkedText } from "./linked-text";
import { type MentionPart, mentionParts } from "./mention-parts";
import type { Payload } from "./payload";

export function MentionText({ id, message }: { id: ConversationId; message: Payload }) {
  const { list } = useMembers(id);
  const parts = mentionParts(message);
  const isAsked = !list && parts.some((part) => part.kind === "member");
  useAskMembers(id, isAsked ? "names" : null);
  // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one text never move
  return parts.map((part, n) => <Part key={n} part={part} name={nameIn(part)} />);

  function nameIn(part: MentionPart): string | null {
    if (part.kind !== "member") return null;
    return list?.members.find((one) => one.line_user_id === part.id)?.display_name ?? null;
  }
}

function Part({ part, name }: { part: MentionPart; name: string | null }) {
  const { common: t, compose } = useMessages();
  if (part.kind === "text") return <LinkedText text={part.text} />;
  return (
    <b className="mentioned">@{part.kind === "all" ? compose.mention.all : (name ?? t.member(part.id.slice(-4)))}</b>
  );
}
