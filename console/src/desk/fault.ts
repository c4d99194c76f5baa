// Faults of this side, and telling a fault from a bug.
import type { Fault, LocalCode } from "../realtime/types";

const WORDS: Record<LocalCode, string> = {
  offline: "The desk cannot be reached.",
  disconnected: "The connection ended before the answer came.",
  no_answer: "The desk did not answer in time.",
  outbox_full: "Too many messages wait to be sent.",
  outbox_unsaved: "The message could not be kept.",
  unsent_first: "Messages of this conversation wait to be sent.",
};

export function localFault(code: LocalCode, request_id?: string): Fault {
  return { code, message: WORDS[code], retryable: true, ...(request_id ? { request_id } : {}) };
}

/** For what the desk answered and this side cannot read. */
export function unreadable(request_id?: string): Fault {
  return {
    code: "internal_error",
    message: "The desk's answer cannot be read.",
    retryable: true,
    ...(request_id ? { request_id } : {}),
  };
}

export function isFault(error: unknown): error is Fault {
  return typeof error === "object" && error !== null && "code" in error && "retryable" in error;
}

/** What was caught, as a fault: promises of the desk reject with nothing else. */
export function faultOf(error: unknown): Fault {
  if (isFault(error)) return error;
  return { code: "internal_error", message: error instanceof Error ? error.message : String(error), retryable: false };
}

/** Only a new sign-in helps. */
export function endsSignIn(fault: Fault): boolean {
  return fault.code.startsWith("auth_");
}
