// One REST request and its answer; what goes wrong becomes a fault (ER1).
import * as v from "valibot";
import { isFault } from "../realtime/faults";
import type { Fault } from "../realtime/types";
import type { DeskEnvironment } from "./environment";
import { localFault, unreadable } from "./fault";

export type Request = {
  method: "GET" | "POST";
  path: string;
  body?: unknown;
  /** Instead of `body`: a file among the fields, which takes as long as it takes. */
  form?: FormData;
  token?: string;
  signal?: AbortSignal;
  /** Goes on when the page is left. */
  keepalive?: boolean;
};

/** Resolves with the answer's JSON, null where it has none. Rejects with a `Fault`. */
export type Exchange = (request: Request) => Promise<unknown>;

const ANSWER_WITHIN_MS = 20_000;
/** For 200 MB over a slow line. */
const FILE_WITHIN_MS = 15 * 60_000;

export function createExchange(environment: DeskEnvironment): Exchange {
  return async ({ method, path, body, form, token, signal, keepalive }) => {
    const requestId = environment.newId();
    const headers: Record<string, string> = { "x-request-id": requestId };
    if (body !== undefined) headers["content-type"] = "application/json";
    if (token) headers.authorization = `Bearer ${token}`;
    const cut = new AbortController();
    let isLate = false;
    const done = environment.later(form ? FILE_WITHIN_MS : ANSWER_WITHIN_MS, () => {
      isLate = true;
      cut.abort();
    });
    const drop = () => cut.abort();
    signal?.addEventListener("abort", drop);
    if (signal?.aborted) cut.abort();
    try {
      const response = await environment.fetch(path, {
        method,
        headers,
        signal: cut.signal,
        ...(keepalive ? { keepalive } : {}),
        ...(form ? { body: form } : body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      if (!response.ok) throw await problem(response, requestId);
      if (response.status === 204) return null;
      try {
        const answer: unknown = await response.json();
        return answer;
      } catch (error) {
        throw error instanceof SyntaxError ? unreadable(requestId) : error;
      }
    } catch (error) {
      if (isFault(error)) throw error;
      throw localFault(isLate ? "no_answer" : "offline", requestId);
    } finally {
      done();
      signal?.removeEventListener("abort", drop);
    }
  };
}

const CODES = [
  "auth_missing_token",
  "auth_invalid_token",
  "auth_expired_token",
  "not_authenticated",
  "forbidden",
  "validation_error",
  "invalid_request",
  "message_too_long",
  "not_found",
  "not_in_room",
  "conversation_not_found",
  "session_not_found",
  "session_conflict",
  "rate_limit_exceeded",
  "unknown_event",
  "conflict",
  "payload_too_large",
  "line_rejected",
  "line_unavailable",
  "quota_exhausted",
  "recipient_unreachable",
  "unavailable",
  "internal_error",
] as const;

const RETRYABLE: readonly string[] = [
  "rate_limit_exceeded",
  "line_unavailable",
  "quota_exhausted",
  "unavailable",
  "internal_error",
];

const Answer = v.object({
  code: v.picklist(CODES),
  detail: v.optional(v.string(), ""),
  request_id: v.optional(v.string()),
  errors: v.optional(v.array(v.object({ field: v.string(), message: v.string() }))),
  details: v.optional(v.unknown()),
});

async function problem(response: Response, requestId: string): Promise<Fault> {
  const body: unknown = await response.json().catch(() => null);
  const parsed = v.safeParse(Answer, body);
  // A proxy in front may answer without our codes.
  const known = parsed.success ? parsed.output : { code: codeOf(response.status), detail: "" };
  const seconds = Number(response.headers.get("retry-after"));
  const details =
    "details" in known && known.details !== undefined ? known.details : "errors" in known ? known.errors : undefined;
  return {
    code: known.code,
    message: known.detail || response.statusText || known.code,
    retryable: RETRYABLE.includes(known.code),
    request_id:
      ("request_id" in known ? known.request_id : undefined) ?? response.headers.get("x-request-id") ?? requestId,
    ...(seconds > 0 ? { retry_after_ms: seconds * 1000 } : {}),
    ...(details === undefined ? {} : { details }),
  };
}

function codeOf(status: number): Fault["code"] {
  if (status === 401) return "auth_invalid_token";
  if (status === 403) return "forbidden";
  if (status === 404) return "not_found";
  if (status === 413) return "payload_too_large";
  if (status === 429) return "rate_limit_exceeded";
  return status >= 500 ? "unavailable" : "invalid_request";
}
