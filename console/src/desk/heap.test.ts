// @vitest-environment node
import { expect, it } from "vitest";
import { lastMessage, message, summary } from "../testing/fake-desk";
import { applyFrames, applyOpen, applyRoom } from "./apply";
import { Draft } from "./draft";
import { takeFirstPage } from "./lists";
import { emptyModel, type Model } from "./model";
import { AT, frame, page } from "./testing";
import { OPEN_MOST } from "./windows";

it("a long day leaves no more behind than a short one", () => {
  const draft = new Draft(emptyModel(1));
  takeFirstPage(draft, page([summary({ id: 1 })], { next_cursor: "more" }), false);
  applyOpen(draft, 1);
  applyRoom(draft, { ...summary({ id: 1 }), messages: [message({ id: 1 })], has_more: false }, true);
  let model: Model = draft.finish();
  const size = ({ state, ledger }: Model) =>
    state.conversations.size +
    ledger.marks.size +
    [...state.threads.values()].reduce((sum, one) => sum + one.messages.length, 0) +
    [...ledger.threadMarks.values()].reduce((sum, one) => sum + one.said.size, 0) +
    ledger.moved.size +
    ledger.calm.size;
  for (let n = 2; n < 20_000; n += 20) {
    const burst = Array.from({ length: 20 }, (_, k) => {
      const id = n + k;
      const created_at = new Date(Date.parse(AT) - 1_000_000 - id).toISOString();
      return id % 4
        ? frame(
            "conversation_update",
            summary({ id, last_message: lastMessage({ id, created_at }), archived: id % 3 === 0 }),
            id,
          )
        : frame("new_message", message({ id, conversation_id: 1 }), id);
    });
    model = applyFrames(model, burst, Date.parse(AT));
  }
  expect(size(model)).toBeLessThan(OPEN_MOST + 1500);
});
