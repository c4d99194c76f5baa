// Faults that this side finds, and reading those of the desk.
import type { Command, ErrorPayload } from "../protocol";
import type { Fault, LocalCode } from "./types";

const LOCAL_FAULTS: Record<LocalCode, Omit<Fault, "code">> = {
  offline: { message: "There is no connection to the desk.", retryable: true },
  disconnected: { message: "The connection broke before the answer.", retryable: true },
  no_answer: { message: "The desk did not answer in time.", retryable: true },
  outbox_full: { message: "Too many messages wait to be sent.", retryable: true },
  outbox_unsaved: { message: "This browser cannot keep the message beyond this page.", retryable: false },
  unsent_first: { message: "Messages of this conversation wait to be sent.", retryable: true },
};

export function localFault(code: LocalCode): Fault {
  return { code, ...LOCAL_FAULTS[code] };
}

export function refusal(code: "invalid_request" | "message_too_long" | "payload_too_large", message: string): Fault {
  return { code, message, retryable: false };
}

export function deskFault({ code, message, retryable, retry_after_ms, details }: ErrorPayload): Fault {
  return {
    code,
    message,
    retryable,
    ...(retry_after_ms === undefined ? {} : { retry_after_ms }),
    ...(details === undefined ? {} : { details }),
  };
}

export function isFault(value: unknown): value is Fault {
  return (
    typeof value === "object" &&
    value !== null &&
    "code" in value &&
    typeof value.code === "string" &&
    "retryable" in value
  );
}

/** The sign-in is over: not a network that is away, nor a desk that is. */
export function endsSignIn(fault: Fault): boolean {
  return fault.code.startsWith("auth_");
}

/** Whether the desk never spoke: it may or may not have done what was asked. */
export function isUnanswered(fault: Fault): boolean {
  return fault.code === "offline" || fault.code === "disconnected" || fault.code === "no_answer";
}

export type CommandType = Command["type"];
export type PayloadOf<T extends CommandType> = Extract<Command, { type: T }>["payload"];
