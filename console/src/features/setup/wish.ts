// What the form asks for, as the desk takes it: only what was filled in.
import type { ChannelState, ChannelWish, TokenKind } from "../../protocol";

export type Draft = {
  name: string;
  channel_secret: string;
  access_token: string;
  token_kind: TokenKind;
  line_channel_id: string;
  assertion_key: string;
};

export const emptyDraft = (channel: ChannelState | null): Draft => ({
  name: channel?.name ?? "",
  channel_secret: "",
  access_token: "",
  token_kind: channel?.token_kind ?? "long_lived",
  line_channel_id: channel?.line_channel_id ?? "",
  assertion_key: "",
});

export type Field = Exclude<keyof Draft, "token_kind">;

/** The fields of a kind of token, in the order of the form. */
export function fieldsOf(kind: TokenKind, isNew: boolean): Field[] {
  const own: Record<TokenKind, Field[]> = {
    long_lived: ["access_token"],
    stateless: ["line_channel_id"],
    jwt: ["line_channel_id", "assertion_key"],
  };
  return [...(isNew ? (["name"] as const) : []), "channel_secret", ...own[kind]];
}

export function wishOf(draft: Draft, channel: ChannelState | null): ChannelWish {
  const wish: ChannelWish = { token_kind: draft.token_kind };
  for (const field of fieldsOf(draft.token_kind, channel === null)) {
    const value = draft[field].trim();
    const isAsBefore = field === "line_channel_id" && value === channel?.line_channel_id;
    if (value && !isAsBefore) wish[field] = value;
  }
  return wish;
}

/** The fields that the desk did not like. */
export function wrongFields(details: unknown): Set<string> {
  const errors = Array.isArray(details) ? details : [];
  return new Set(
    errors.flatMap((error: unknown) =>
      typeof error === "object" && error !== null && "field" in error && typeof error.field === "string"
        ? [error.field]
        : [],
    ),
  );
}
