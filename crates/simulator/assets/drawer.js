// The platform's knobs. They show what is, also when a test or another page turned them, and a turn is sent at once.

import { byId, el, setText } from "./dom.js";
import { changeSettings, redeliverLast, resetSettings, state, view } from "./platform.js";
import { words } from "./words.js";

const LATENCIES_MS = [0, 20, 50, 120, 300, 600, 1000, 2000, 5000];
const LIVES_MS = [1, 5, 10, 20, 30, 60, 120, 300, 1200, 3600].map((seconds) => seconds * 1000);
/** Where latency is set, it spreads by a third, as on a real network. */
const SPREAD = 3;

const status = (code) => ({ kind: "status", status: code });
const [cut, lost, hang, slow] = [{ kind: "cut_before" }, { kind: "cut_after" }, { kind: "hang" }, { kind: "delay", delay_ms: 3000 }];
const FAULTS = {
  reply: [null, status(400), status(429), status(500), cut, lost, hang],
  push: [null, status(400), status(409), status(429), status(500), cut, lost, hang],
  other: [null, status(404), status(429), status(500), slow, cut, hang],
  webhook: [null, status(500), slow, cut, lost, hang],
};

export function startDrawer({ attempt }) {
  const change = (patch) => attempt(() => changeSettings(patch));
  /** Each shows one setting. */
  const renders = [];
  view("settings", () => renders.forEach((render) => render(state.settings)));

  function row(label, ...parts) {
    const id = `k-${renders.length}-${label}`.replace(/\W+/g, "-").toLowerCase();
    const view = el("div", { class: "ctl" }, el("span", { class: "label", id, text: label }), ...parts);
    return [view, id];
  }

  function slider(label, steps, valueOf, patchOf, textOf) {
    const input = el("input", { type: "range", min: 0, max: steps.length - 1, step: 1 });
    const value = el("output", { class: "value" });
    const [view, id] = row(label, input, value);
    input.setAttribute("aria-labelledby", id);
    const paint = (text) => {
      setText(value, text);
      input.setAttribute("aria-valuetext", text);
      input.style.setProperty("--filled", `${(input.value / input.max) * 100}%`);
    };
    input.addEventListener("input", () => paint(textOf(patchOf(steps[input.value]))));
    input.addEventListener("change", () => change(patchOf(steps[input.value])));
    renders.push((settings) => {
      const at = steps.findIndex((step) => step >= valueOf(settings));
      input.value = at < 0 ? steps.length - 1 : at;
      paint(textOf(settings));
    });
    return view;
  }

  function segments(label, name, wide = false) {
    const group = el("div", { class: "seg", role: "radiogroup" });
    const left = el("span", { class: "value" });
    const [view, id] = row(label, group, left);
    view.classList.toggle("wide", wide);
    group.setAttribute("aria-labelledby", id);
    const add = (value, [text, meaning], choose) => {
      const input = el("input", { type: "radio", name, value, "aria-label": meaning, on: { change: choose } });
      group.append(el("label", { title: meaning }, input, el("span", { text, "aria-hidden": "true" })));
      return input;
    };
    return { view, group, left, add };
  }

  // How long a fault that is chosen next shall last.
  let isOnce = false;
  function lasting() {
    const { view, left, add } = segments(words.faultsLast, "lasting");
    left.remove();
    for (const name of ["always", "once"]) {
      const input = add(name, [words.lasting[name], words.lasting[name]], () => (isOnce = name === "once"));
      input.checked = name === "always";
    }
    return view;
  }

  function fault(endpoint) {
    const { view, group, left, add } = segments(words.endpoints[endpoint], endpoint, true);
    const named = endpoint === "webhook" ? words.webhookFaults : words.faults;
    const keyOf = (fault) => (fault ? [fault.kind, fault.status ?? fault.delay_ms].join(" ") : "none");
    const wordsOf = (fault) => {
      if (!fault) return named.none;
      const word = named[fault.kind];
      return typeof word === "function" ? word(fault.status ?? fault.delay_ms) : word;
    };
    const inputs = new Map();
    for (const preset of FAULTS[endpoint]) {
      const choose = () => change({ [endpoint]: preset && isOnce ? { ...preset, times: 1 } : preset });
      inputs.set(keyOf(preset), add(keyOf(preset), wordsOf(preset), choose));
    }
    let odd = null;
    renders.push((settings) => {
      const current = settings[endpoint];
      // One that only a test sets is shown while it lasts.
      const isOdd = !inputs.has(keyOf(current));
      if (odd && (!isOdd || odd.value !== keyOf(current))) {
        odd.parentElement.remove();
        odd = null;
      }
      if (isOdd) odd ??= add(keyOf(current), wordsOf(current), () => {});
      (odd ?? inputs.get(keyOf(current))).checked = true;
      const times = current?.times;
      setText(left, times ? words.timesLeft(times) : "");
      left.title = times ? words.timesLeftLabel(times) : "";
      view.classList.toggle("is-on", current !== null);
      group.setAttribute("aria-description", left.title);
    });
    return view;
  }

  byId("knobs").append(
    slider(words.latency, LATENCIES_MS, (settings) => settings.latency_ms,
      (ms) => ({ latency_ms: ms, jitter_ms: Math.round(ms / SPREAD) }),
      ({ latency_ms, jitter_ms }) => words.latencyValue(latency_ms, jitter_ms)),
    ...Object.keys(FAULTS).map(fault),
    lasting(),
  );
  byId("reset").addEventListener("click", () => attempt(resetSettings));

  // The account's side.

  function number(label, read, patchOf, placeholder = "") {
    const input = el("input", { type: "text", inputmode: "numeric", class: "number", "aria-label": label, placeholder });
    const show = () => (input.value = read(state.settings) ?? "");
    input.addEventListener("change", async () => {
      const digits = input.value.trim();
      if (digits === "" && placeholder) await change(patchOf(null));
      else if (/^\d{1,10}$/.test(digits)) await change(patchOf(Number(digits)));
      show();
    });
    input.addEventListener("keydown", (event) => {
      if (event.key === "Escape") show();
      if (event.key === "Enter" || event.key === "Escape") input.blur();
    });
    renders.push(() => {
      if (document.activeElement !== input) show();
    });
    return input;
  }

  function paid() {
    const meter = el("span", { class: "meter" });
    const used = number(words.paidUsed, (settings) => settings.used, (used) => ({ used }));
    const quota = number(words.paidQuota, (settings) => settings.quota, (quota) => ({ quota }), words.unlimited);
    renders.push(({ used, quota }) => {
      const share = quota === null ? 0 : quota === 0 ? 1 : Math.min(1, used / quota);
      meter.style.setProperty("--filled", `${share * 100}%`);
      meter.classList.toggle("full", share >= 1);
    });
    return row(words.paid, meter, el("span", { class: "value" }, used, ` ${words.of} `, quota))[0];
  }

  function token() {
    const said = el("span", {});
    const button = el("button", { type: "button", class: "btn sm edge" });
    button.addEventListener("click", () => change({ token_valid: !state.settings.token_valid }));
    renders.push(({ token_valid }) => {
      setText(said, words.tokenState[token_valid]);
      said.classList.toggle("bad", !token_valid);
      setText(button, token_valid ? words.revoke : words.restore);
    });
    return row(words.token, said, el("span", { class: "value" }, button))[0];
  }

  function redelivery() {
    const toggle = el("button", { type: "button", class: "tog", role: "switch" });
    const again = el("button", { type: "button", class: "btn sm edge", text: words.sendAgain });
    const [view, id] = row(words.redelivery, toggle, el("span", { class: "value" }, again));
    toggle.setAttribute("aria-labelledby", id);
    toggle.addEventListener("click", () => change({ redelivery: !state.settings.redelivery }));
    again.addEventListener("click", () => attempt(redeliverLast));
    renders.push(({ redelivery }) => toggle.setAttribute("aria-checked", String(redelivery)));
    return view;
  }

  function mode(label, name) {
    const { view, left, add } = segments(label, name);
    left.remove();
    const inputs = Object.entries(words.modes[name]).map(([value, said]) => [value, add(value, said, () => change({ [name]: value }))]);
    renders.push((settings) => {
      for (const [value, input] of inputs) input.checked = settings[name] === value;
    });
    return view;
  }

  function webhookUrl() {
    const said = el("span", { class: "url" });
    renders.push(({ webhook_url }) => {
      setText(said, webhook_url ?? words.noWebhookUrl);
      said.title = webhook_url ?? "";
      said.classList.toggle("bad", webhook_url === null);
    });
    const [view] = row(words.webhookUrl, said);
    view.classList.add("wide");
    return view;
  }

  byId("account-knobs").append(
    paid(),
    slider(words.life, LIVES_MS, (settings) => settings.reply_token_life_ms, (ms) => ({ reply_token_life_ms: ms }),
      (settings) => words.seconds(settings.reply_token_life_ms)),
    token(),
    redelivery(),
    mode(words.chatMode, "chat_mode"),
    mode(words.markAsReadMode, "mark_as_read_mode"),
    webhookUrl(),
  );
}
