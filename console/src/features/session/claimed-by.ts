// Reading a refusal: who has it. The desk names the operator, and sometimes only by id.
import { is, looseObject, number, optional, string } from "valibot";
import type { DeskState } from "../../desk/types";
import type { Fault } from "../../realtime/types";

const DETAILS = looseObject({ operator_id: optional(number()), operator_name: optional(string()) });

/** The same fault, with the name of the operator that it speaks of where this side knows it. */
export function named(fault: Fault, state: Pick<DeskState, "presence" | "operators">): Fault {
  const { details } = fault;
  if (!is(DETAILS, details) || details.operator_id === undefined || details.operator_name !== undefined) return fault;
  const id = details.operator_id;
  const name =
    state.presence.find((one) => one.id === id)?.name ?? state.operators.find((one) => one.id === id)?.display_name;
  return name === undefined ? fault : { ...fault, details: { ...details, operator_name: name } };
}
