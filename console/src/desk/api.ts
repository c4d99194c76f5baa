// The desk's REST interface (RE) for who is signed in. Answers are checked; a 401 brings one silent renewal.
import * as v from "valibot";
import type {
  ChannelState,
  ChannelWish,
  ContactCard,
  ConversationDetail,
  ConversationId,
  ConversationList,
  Findings,
  MemberList,
  Message,
  MessageCheck,
  MessageId,
  MessagePage,
  OperatorEntry,
  OperatorId,
  SearchAnswer,
  Summary,
  Usage,
} from "../protocol";
import { endsSignIn } from "../realtime/faults";
import type { LineMessage } from "../realtime/types";
import { type Access, signedOut } from "./access";
import {
  ChannelSchema,
  ChannelsSchema,
  CheckSchema,
  ContactSchema,
  DetailSchema,
  FindingsSchema,
  ListSchema,
  MembersSchema,
  MessageSchema,
  OperatorsSchema,
  PageSchema,
  SearchSchema,
  SummarySchema,
  UsageSchema,
} from "./answers";
import type { Exchange, Request } from "./exchange";
import { faultOf, unreadable } from "./fault";
import type { ListFilter } from "./model";

const ADMIN = "/api/v1/admin";
const CHAT = `${ADMIN}/live-chat`;

export type Page = { at: "end" } | { at: "before" | "after" | "around"; id: MessageId };

export class Api {
  #exchange: Exchange;
  #access: Pick<Access, "token" | "user">;
  #asker: () => OperatorId;

  /** `asker`: whose screen it is, also while their sign-in has ended. */
  constructor(exchange: Exchange, access: Pick<Access, "token" | "user">, asker: () => OperatorId) {
    this.#exchange = exchange;
    this.#access = access;
    this.#asker = asker;
  }

  list(filter: ListFilter, cursor: string | null, limit: number, signal?: AbortSignal): Promise<ConversationList> {
    const query = new URLSearchParams({ status: filter.status, limit: String(limit) });
    if (filter.q) query.set("q", filter.q);
    if (filter.tag !== null) query.set("tag", filter.tag);
    if (cursor !== null) query.set("cursor", cursor);
    return this.#get(ListSchema, `/conversations?${query}`, signal);
  }

  conversation(id: ConversationId): Promise<ConversationDetail> {
    return this.#get(DetailSchema, `/conversations/${id}`);
  }

  contact(id: ConversationId): Promise<ContactCard> {
    return this.#get(ContactSchema, `/conversations/${id}/contact`);
  }

  members(id: ConversationId): Promise<MemberList> {
    return this.#get(MembersSchema, `/conversations/${id}/members`);
  }

  checkMessage(line_message: LineMessage): Promise<MessageCheck> {
    return this.#post(CheckSchema, "/messages/validate", { line_message });
  }

  messages(id: ConversationId, page: Page, limit: number): Promise<MessagePage> {
    const query = new URLSearchParams({ limit: String(limit) });
    if (page.at !== "end") query.set(`${page.at}_id`, String(page.id));
    return this.#get(PageSchema, `/conversations/${id}/messages?${query}`);
  }

  search(q: string, cursor: string | null): Promise<SearchAnswer> {
    const query = new URLSearchParams({ q });
    if (cursor !== null) query.set("cursor", cursor);
    return this.#get(SearchSchema, `/messages/search?${query}`);
  }

  async operators(): Promise<OperatorEntry[]> {
    return (await this.#get(OperatorsSchema, "/operators")).operators;
  }

  note(id: ConversationId, text: string, temp_id: string): Promise<Message> {
    return this.#post(MessageSchema, `/conversations/${id}/notes`, { text, temp_id });
  }

  file(id: ConversationId, file: File, temp_id: string, preview: Blob | null): Promise<Message> {
    const form = new FormData();
    form.set("temp_id", temp_id);
    if (preview) form.set("preview", preview, "preview.jpg");
    form.set("file", file, file.name);
    return this.#checked(MessageSchema, { method: "POST", path: `${CHAT}/conversations/${id}/media`, form });
  }

  usage(month: string | null): Promise<Usage> {
    const query = month === null ? "" : `?month=${encodeURIComponent(month)}`;
    return this.#checked(UsageSchema, { method: "GET", path: `${ADMIN}/usage${query}` });
  }

  async channels(): Promise<ChannelState[]> {
    return (await this.#checked(ChannelsSchema, { method: "GET", path: `${ADMIN}/channels` })).channels;
  }

  /** Without an id: a new one. */
  setChannel(id: number | null, wish: ChannelWish): Promise<ChannelState> {
    const path = id === null ? `${ADMIN}/channels` : `${ADMIN}/channels/${id}`;
    return this.#checked(ChannelSchema, { method: "POST", path, body: wish });
  }

  examine(test: boolean): Promise<Findings> {
    return this.#checked(FindingsSchema, { method: "POST", path: `${ADMIN}/doctor`, body: { test } });
  }

  /** What comes of it is told by the socket. */
  async fetchAgain(id: MessageId): Promise<void> {
    await this.#post(MessageSchema, `/messages/${id}/fetch`);
  }

  human(id: ConversationId): Promise<Summary> {
    return this.#post(SummarySchema, `/conversations/${id}/mode`, { mode: "HUMAN" });
  }

  refreshProfile(id: ConversationId): Promise<Summary> {
    return this.#post(SummarySchema, `/conversations/${id}/refresh-profile`);
  }

  archive(id: ConversationId, isArchived: boolean): Promise<Summary> {
    return this.#post(SummarySchema, `/conversations/${id}/${isArchived ? "archive" : "unarchive"}`);
  }

  start(line_user_id: string, text: string, temp_id: string): Promise<Summary> {
    const body = text ? { line_user_id, initial_message: text, temp_id } : { line_user_id };
    return this.#post(SummarySchema, "/conversations", body);
  }

  async changePassword(current_password: string, new_password: string): Promise<void> {
    await this.#call({ method: "POST", path: "/api/v1/auth/password", body: { current_password, new_password } });
  }

  #get<T>(schema: v.GenericSchema<unknown, T>, path: string, signal?: AbortSignal): Promise<T> {
    return this.#checked(schema, { method: "GET", path: CHAT + path, ...(signal ? { signal } : {}) });
  }

  #post<T>(schema: v.GenericSchema<unknown, T>, path: string, body?: unknown): Promise<T> {
    return this.#checked(schema, { method: "POST", path: CHAT + path, ...(body === undefined ? {} : { body }) });
  }

  async #checked<T>(schema: v.GenericSchema<unknown, T>, request: Request): Promise<T> {
    const parsed = v.safeParse(schema, await this.#call(request));
    if (!parsed.success) throw unreadable();
    return parsed.output;
  }

  async #call(request: Request): Promise<unknown> {
    const asker = this.#asker();
    try {
      return await this.#callAs(asker, request, false);
    } catch (error) {
      const fault = faultOf(error);
      if (!endsSignIn(fault)) throw fault;
    }
    return this.#callAs(asker, request, true);
  }

  async #callAs(asker: OperatorId, request: Request, isNewToken: boolean): Promise<unknown> {
    const token = await this.#access.token(isNewToken);
    // Who signed in meanwhile, here or in another tab, did not ask for this.
    if (this.#access.user?.id !== asker) throw signedOut();
    return this.#exchange({ ...request, token });
  }
}
