// Faults of this side, and what was caught as one.
import { isFault } from "../realtime/faults";
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

/** What was caught, as a fault: promises of the desk reject with nothing else. */
export function faultOf(error: unknown): Fault {
  if (isFault(error)) return error;
  return { code: "internal_error", message: error instanceof Error ? error.message : String(error), retryable: false };
}
