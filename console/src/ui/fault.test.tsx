import { render, screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { currentMessages } from "../catalogue/catalogue";
import type { Fault } from "../realtime/types";
import "../testing/fake-desk";
import { FaultNote, faultDetails, faultWords } from "./fault";

const fault = (over: Partial<Fault>): Fault => ({ code: "internal_error", message: "", retryable: false, ...over });
const words = (over: Partial<Fault>) => faultWords(currentMessages().faults, fault(over));

test("a claim that came too late names who has it", () =>
  expect(words({ code: "session_not_found", details: { reason: "already_claimed", operator_name: "Nok" } })).toBe(
    "Nok has taken it. Choose another from the queue.",
  ));

test("waiting is said in whole seconds", () =>
  expect(words({ code: "rate_limit_exceeded", retry_after_ms: 2100 })).toContain("3 s"));

test("the code and the request are there, but not on the surface", () => {
  render(
    <FaultNote
      lead="It was not closed."
      fault={fault({ code: "forbidden", message: "not yours", request_id: "r-1" })}
    />,
  );
  expect(screen.getByRole("alert").textContent).toContain("It was not closed. Only its owner or an admin");
  expect(screen.getByText("forbidden").closest("details")?.open).toBe(false);
  expect(screen.getByText("r-1")).toBeDefined();
  expect(faultDetails(fault({ code: "forbidden", request_id: "r-1" }))).toBe("forbidden · r-1");
});
