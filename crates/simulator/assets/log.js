// The log of calls in both directions. A line opens to show its bodies, which are fetched then.

import { byId, el, icon, secondOf } from "./dom.js";
import { getCall, state, view } from "./platform.js";
import { words } from "./words.js";

export function startLog({ attempt }) {
  const list = byId("calls");
  const pause = byId("pause");
  const rows = new Map();
  /** The last call on the screen while it is paused. */
  let pausedAt = null;

  view("calls", render);

  function render() {
    const first = state.calls[0]?.id ?? 0;
    for (const [id, row] of rows) {
      // Also after a restart, when the numbers begin again.
      if (id < first || !state.calls.some((call) => call.id === id && call.at_ms === row.call.at_ms)) {
        row.item.remove();
        rows.delete(id);
      }
    }
    let waiting = 0;
    for (const call of state.calls) {
      if (pausedAt !== null && call.id > pausedAt) waiting += 1;
      else if (!rows.has(call.id)) {
        const row = rowOf(call);
        rows.set(call.id, row);
        list.prepend(row.item);
      }
    }
    byId("no-calls").hidden = rows.size > 0;
    const label = pausedAt === null ? words.pause : words.resume(waiting);
    if (pause.textContent !== label) pause.replaceChildren(icon(pausedAt === null ? "pause" : "play", "i-16"), label);
  }

  pause.addEventListener("click", () => {
    pausedAt = pausedAt === null ? (state.calls.at(-1)?.id ?? 0) : null;
    pause.setAttribute("aria-pressed", String(pausedAt !== null));
    render();
  });

  function rowOf(call) {
    const [result, tone] = resultOf(call);
    const what = call.summary ? `${call.path || "-"} ${call.summary}` : call.path;
    const path = el("span", { class: "path", title: what, text: what });
    if (call.redelivery) path.append(" ", el("b", { text: words.again }));
    const button = el("button", { type: "button", "aria-expanded": "false" },
      el("time", { text: secondOf(call.at_ms) }),
      icon(call.direction === "to_line" ? "out" : "in", "i-14"),
      el("span", { class: "sr", text: words.direction[call.direction] }),
      el("span", { class: "method", text: call.method }),
      path,
      el("span", { class: `result ${tone}`, text: result }),
      el("span", { class: "ms", text: spanOf(call.duration_ms) }));
    const item = el("li", {}, button);
    button.addEventListener("click", () => toggle(item, button, call));
    return { item, call };
  }

  async function toggle(item, button, call) {
    const isOpen = button.getAttribute("aria-expanded") === "true";
    button.setAttribute("aria-expanded", String(!isOpen));
    if (isOpen) return item.lastElementChild.remove();
    const bodies = el("div", { class: "bodies" });
    item.append(bodies);
    const whole = await attempt(() => getCall(call.id));
    if (!whole) {
      bodies.remove();
      return button.setAttribute("aria-expanded", "false");
    }
    const fact = (name, value) => (value ? el("p", {}, `${name}: `, el("b", { text: value })) : null);
    bodies.append(...[
      fact(words.retryKey, whole.retry_key),
      fact(words.requestId, whole.request_id),
      body(words.request, whole.request_body),
      body(words.response, whole.response_body),
    ].filter(Boolean));
  }

  const body = (label, text) =>
    el("section", { "aria-label": label },
      el("h3", { text: label }),
      text ? el("pre", { tabindex: "0", text: readable(text) }) : el("p", { text: words.empty }));

  const readable = (text) => {
    try {
      return JSON.stringify(JSON.parse(text), null, 2);
    } catch {
      return text;
    }
  };

  function resultOf({ outcome, status }) {
    if (outcome !== "answered") return [words.outcome[outcome] ?? outcome, "bad"];
    return [String(status), status < 300 ? "good" : status < 500 ? "poor" : "bad"];
  }

  const spanOf = (ms) => (ms < 1000 ? `${ms} ms` : `${(ms / 1000).toFixed(1)} s`);
}
