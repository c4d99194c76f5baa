// @vitest-environment node
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Delivery, Message, ServerFrame, Summary } from "../protocol";
import { lastMessage, message, session, summary, waiting } from "../testing/fake-desk";
import { applyFrames, applyOpen, applyRoom } from "./apply";
import { Draft } from "./draft";
import { showList, takeFirstPage } from "./lists";
import { emptyModel, type Model } from "./model";
import { AT, frame, page, sessionEvent } from "./testing";
import { beforeRetry } from "./windows";

const ME = 1;
const NOW = Date.parse(AT);

function changed(model: Model, change: (draft: Draft) => void): Model {
  const draft = new Draft(model);
  change(draft);
  return draft.finish();
}

const summaries = [4, 3, 2, 1].map((id) =>
  summary({ id, session: null, last_message: lastMessage({ id, created_at: minute(id) }) }),
);

function minute(n: number): string {
  return new Date(NOW - 3_600_000 + n * 60_000).toISOString();
}

/** Four conversations in the list "all"; the first is open with three messages. */
function loaded(): Model {
  return changed(emptyModel(ME), (draft) => {
    takeFirstPage(draft, page(summaries, { seq: 5 }), false);
    applyOpen(draft, 1);
    const messages = [1, 2, 3].map((id) => message({ id, conversation_id: 1 }));
    applyRoom(
      draft,
      {
        ...summaries[3],
        ...summary({ id: 1, last_message: lastMessage({ id: 1, created_at: minute(1) }), session: null }),
        messages,
        has_more: false,
      },
      true,
    );
  });
}

describe("events in any order, repeated, in bursts of any size", () => {
  type Happened = { kind: number; of: number; pick: number };
  const happened: fc.Arbitrary<Happened> = fc.record({
    kind: fc.integer({ min: 0, max: 5 }),
    of: fc.integer({ min: 1, max: 4 }),
    pick: fc.nat(),
  });

  /** What a desk would tell, seq by seq. */
  function told(all: readonly Happened[]): ServerFrame[] {
    const frames: ServerFrame[] = [];
    const whole = new Map<number, Summary>(summaries.map((one) => [one.id, one]));
    const messages = new Map<number, Message>();
    let [seq, id] = [5, 100];
    const tell = (change: Partial<Summary> & { id: number }) => {
      const known = whole.get(change.id);
      if (!known) return;
      const next = { ...known, ...change };
      whole.set(change.id, next);
      frames.push(frame("conversation_update", next, ++seq));
    };
    for (const { kind, of, pick } of all) {
      const [some] = [...messages.values()].slice(pick % Math.max(messages.size, 1));
      if (kind <= 1) {
        const one = message({ id: ++id, conversation_id: 1, direction: kind ? "OUTGOING" : "INCOMING" });
        messages.set(id, one);
        frames.push(frame("new_message", one, ++seq));
        tell({ id: 1, last_message: lastMessage({ id, created_at: minute(id) }) });
      } else if (kind === 2 && some) {
        const delivery: Delivery = { state: pick % 2 ? "accepted" : "failed", cost: null };
        messages.set(some.id, { ...some, delivery });
        const { conversation_id, line_user_id } = some;
        frames.push(frame("message_ack", { message_id: some.id, conversation_id, line_user_id, delivery }, ++seq));
      } else if (kind === 3 && some) {
        const gone = { ...some, content: "", unsent_at: AT };
        messages.set(some.id, gone);
        frames.push(frame("message_updated", gone, ++seq));
      } else if (kind === 4) {
        frames.push(
          frame("conversation_read", { conversation_id: of, line_user_id: "U", message_id: 1, unread_count: 0 }, ++seq),
        );
        tell({ id: of, unread_count: 0 });
      } else {
        tell({ id: of, unread_count: pick % 9, last_message: lastMessage({ id: ++id, created_at: minute(id) }) });
      }
    }
    return frames;
  }

  function seen({ state }: Model) {
    return { conversations: [...state.conversations].sort(), ids: state.list.ids, threads: [...state.threads] };
  }

  it("give the same state, without doubles and with ascending ids", () => {
    fc.assert(
      fc.property(
        fc.array(happened, { maxLength: 25 }).chain((all) => {
          const frames = told(all);
          const repeated = [...frames, ...frames.slice(0, 8)];
          return fc.record({
            frames: fc.constant(frames),
            shuffled: fc.shuffledSubarray(repeated, { minLength: repeated.length, maxLength: repeated.length }),
            burst: fc.integer({ min: 1, max: 7 }),
          });
        }),
        ({ frames, shuffled, burst }) => {
          const inOrder = applyFrames(loaded(), frames, NOW);
          let model = loaded();
          for (let n = 0; n < shuffled.length; n += burst) {
            model = applyFrames(model, shuffled.slice(n, n + burst), NOW);
          }
          expect(seen(model)).toEqual(seen(inOrder));
          const ids = model.state.threads.get(1)?.messages.map((one) => one.id) ?? [];
          expect(ids).toEqual([...new Set(ids)].sort((a, b) => a - b));
        },
      ),
    );
  });
});

describe("what an event changes", () => {
  it("leaves everything else the same object", () => {
    const before = loaded();
    const after = applyFrames(
      before,
      [frame("conversation_update", { ...summary({ id: 2 }), unread_count: 7 }, 9)],
      NOW,
    );
    expect(after.state.threads).toBe(before.state.threads);
    expect(after.state.conversations.get(3)).toBe(before.state.conversations.get(3));
    expect(before.state.conversations.get(2)?.unread_count).not.toBe(7);
  });

  it("counts every session event once, whether the conversation is known or not", () => {
    const events = [
      frame("session_created", sessionEvent({ conversation_id: 77 }), 11),
      frame("session_created", sessionEvent({ conversation_id: 78 }), 12),
      frame("session_claimed", sessionEvent({ conversation_id: 77, status: "ACTIVE", operator_id: 2 }), 13),
      frame("session_transferred", sessionEvent({ conversation_id: 77, status: "ACTIVE", from_operator_id: 2 }), 14),
      frame("session_transferred", sessionEvent({ conversation_id: 78, status: "ACTIVE", operator_id: 3 }), 15),
      frame("session_released", sessionEvent({ conversation_id: 78, from_operator_id: 3 }), 16),
      frame("session_closed", sessionEvent({ conversation_id: 78, status: "CLOSED" }), 17),
    ];
    let model = loaded();
    for (const event of events) model = applyFrames(model, [event, event], NOW);
    expect(model.state.counts).toMatchObject({ waiting: 0, active: 1 });
    expect(model.ledger.doubt.counts).toBe(true);
  });

  it("shows a session's step before the whole summary comes", () => {
    const model = applyFrames(
      loaded(),
      [
        frame("session_created", sessionEvent({ conversation_id: 2, session_id: 8 }), 11),
        frame(
          "session_claimed",
          sessionEvent({ conversation_id: 2, session_id: 8, status: "ACTIVE", operator_id: 3, operator_name: "Nok" }),
          12,
        ),
      ],
      NOW,
    );
    expect(model.state.conversations.get(2)?.session).toMatchObject({ status: "ACTIVE", operator_name: "Nok" });
    const closed = frame("session_closed", sessionEvent({ conversation_id: 2, session_id: 8, status: "CLOSED" }), 13);
    expect(applyFrames(model, [closed], NOW).state.conversations.get(2)).toMatchObject({
      session: null,
      chat_mode: "BOT",
    });
  });

  it("alarms once a session, the worse the longer, and no more once it is answered", () => {
    const alert = (severity: string) =>
      frame("sla_alert", {
        metric: "first_response",
        value_seconds: 1,
        threshold_seconds: 2,
        conversation_id: 2,
        line_user_id: "U",
        session_id: 8,
        severity,
      });
    const model = applyFrames(loaded(), [alert("breach"), alert("warning"), alert("breach")], NOW);
    expect(model.state.alerts.map((one) => one.severity)).toEqual(["breach"]);
    const answered = summary({ id: 2, session: session({ id: 8, first_response_at: AT }) });
    const calm = applyFrames(model, [frame("conversation_update", answered, 11), alert("breach")], NOW);
    expect(calm.state.alerts).toEqual([]);
  });
});

describe("how far a message came", () => {
  const at = (state: Delivery["state"]): Delivery => ({ state, cost: null });
  const mine = (state: Delivery["state"], id = 4) =>
    message({ id, conversation_id: 1, direction: "OUTGOING", operator_id: ME, delivery: at(state) });
  const joined = (model: Model, ...messages: Message[]) =>
    changed(model, (draft) => applyRoom(draft, { ...summary({ id: 1 }), messages, has_more: false }, true));
  const shown = (model: Model) => model.state.threads.get(1)?.messages.find(({ id }) => id === 4)?.delivery?.state;
  const acked = (state: Delivery["state"], seq: number) =>
    frame("message_ack", { message_id: 4, conversation_id: 1, line_user_id: "U", delivery: at(state) }, seq);

  it("is not taken back by the answer to sending, which may come after a room that had it", () => {
    const model = joined(loaded(), mine("accepted"));
    expect(shown(applyFrames(model, [frame("message_sent", mine("queued"), 12, "s")], NOW))).toBe("accepted");
    const told = applyFrames(loaded(), [frame("message_sent", mine("queued"), 12, "s"), acked("accepted", 14)], NOW);
    // The same temp_id again is answered without a place.
    expect(shown(applyFrames(told, [frame("message_sent", mine("queued"), undefined, "s")], NOW))).toBe("accepted");
    expect(shown(applyFrames(loaded(), [frame("message_sent", mine("queued"), 12, "s")], NOW))).toBe("queued");
  });

  it("begins anew with a retry", () => {
    const failed = applyFrames(loaded(), [frame("message_sent", mine("queued"), 12, "s"), acked("failed", 14)], NOW);
    const again = frame("message_sent", mine("queued"), 20, "r");
    expect(shown(applyFrames(failed, [again], NOW))).toBe("queued");
    const loadedSo = joined(loaded(), mine("failed"));
    const begun = changed(loadedSo, (draft) =>
      draft.patchThread(1, (window) => beforeRetry(window, 4, draft.ledger.latest)),
    );
    expect(shown(applyFrames(begun, [again], NOW))).toBe("queued");
    expect(shown(applyFrames(begun, [again, acked("accepted", 21)], NOW))).toBe("accepted");
    // A room that was joined meanwhile knows more than the retry's answer.
    expect(shown(applyFrames(joined(begun, mine("accepted")), [again], NOW))).toBe("accepted");
  });
});

describe("colleagues", () => {
  const typing = (is_typing: boolean, admin = "2") =>
    frame("typing_indicator", {
      line_user_id: "U",
      conversation_id: 1,
      admin_id: admin,
      operator_name: "Nok",
      is_typing,
    });
  const names = (model: Model) => model.state.typing.get(1)?.map((one) => one.name) ?? [];

  it("who type are told of for 6 s, and never oneself", () => {
    let model = applyFrames(loaded(), [typing(true), typing(true), typing(true, "1")], NOW);
    expect(names(model)).toEqual(["Nok"]);
    model = applyFrames(model, [], NOW + 5999);
    expect(names(model)).toEqual(["Nok"]);
    model = applyFrames(model, [], NOW + 6000);
    expect(model.state.typing.size).toBe(0);
    expect(names(applyFrames(applyFrames(model, [typing(true)], NOW), [typing(false)], NOW))).toEqual([]);
    // A clock that was set back makes nobody type for an hour.
    expect(names(applyFrames(applyFrames(model, [typing(true)], NOW), [], NOW - 3_600_000))).toEqual([]);
  });

  it("have stopped typing when they have sent it", () => {
    const sent = message({ id: 9, conversation_id: 1, direction: "OUTGOING", operator_id: 2 });
    expect(names(applyFrames(loaded(), [typing(true), frame("new_message", sent, 11)], NOW))).toEqual([]);
  });

  it("who have it open are told of, and never oneself", () => {
    const here = (admin_id: string, type: "operator_joined" | "operator_left" = "operator_joined") =>
      frame(type, { admin_id, operator_name: `n${admin_id}`, room_id: "1" });
    let model = applyFrames(loaded(), [here("1"), here("2"), here("2"), here("3")], NOW);
    expect(model.state.looking.get(1)?.map((one) => one.id)).toEqual([2, 3]);
    model = applyFrames(model, [here("2", "operator_left"), here("3", "operator_left")], NOW);
    expect(model.state.looking.size).toBe(0);
  });
});

describe("what is kept", () => {
  it("is what is listed, open or mine; threads up to twelve, cut when put away", () => {
    let model = loaded();
    for (let id = 100; id < 130; id++) {
      model = changed(model, (draft) => applyOpen(draft, id));
      const messages = Array.from({ length: 150 }, (_, n) => message({ id: n + 1, conversation_id: id }));
      model = changed(model, (draft) =>
        applyRoom(draft, { ...summary({ id, archived: true, session: null }), messages, has_more: false }, true),
      );
    }
    expect(model.state.threads.size).toBe(12);
    expect(model.ledger.threadMarks.size).toBe(12);
    expect(model.state.threads.get(128)?.messages).toHaveLength(100);
    expect(model.state.threads.get(128)?.hasBefore).toBe(true);
    // Archived ones are in no list.
    expect([...model.state.conversations.keys()].filter((id) => id >= 100 && id < 118)).toEqual([]);
    model = changed(model, (draft) => showList(draft, { status: "waiting", q: "", tag: null }));
    expect(model.state.conversations.has(3)).toBe(false);
    const mine = frame("conversation_update", summary({ id: 50, session: session({ operator_id: ME }) }), 20);
    const other = frame("conversation_update", summary({ id: 51, session: session({ operator_id: 2 }) }), 21);
    const asks = frame("conversation_update", summary({ id: 52, session: waiting(3) }), 22);
    model = applyFrames(model, [mine, other, asks], NOW);
    expect([50, 51, 52].map((id) => model.state.conversations.has(id))).toEqual([true, false, true]);
    expect(model.state.list.ids).toEqual([52]);
  });
});
