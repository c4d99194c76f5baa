// What happens when a customer presses something the account sent (LINE Messaging API reference, "Action objects").

import { byId, el, tell } from "./dom.js";
import { selectedPerson, sendEvent, sendMessage, state, writerOf } from "./platform.js";
import { words } from "./words.js";

/** Schemes that this browser opens by itself; others are LINE's own. */
const OPENED = ["http:", "https:", "tel:", "mailto:"];
const INPUTS = { date: "date", time: "time", datetime: "datetime-local" };

/** A button, or a link, with the action's label. */
export function actionView(action, press, kind) {
  const label = action.label || action.text || action.uri || action.clipboardText || words.action(action.type ?? "");
  const opened = action.type === "uri" && URL.canParse(action.uri ?? "") && OPENED.includes(new URL(action.uri).protocol);
  if (opened) return el("a", { class: kind, href: action.uri, target: "_blank", rel: "noopener noreferrer", text: label });
  return el("button", { type: "button", class: kind, text: label, on: { click: () => press(action) } });
}

/** Gives `press(action)`. `compose`: `{fill(text), photo(), place()}`. */
export function startActions({ attempt, note, notify }, compose) {
  const dialog = byId("pick");
  const form = byId("pick-form");
  let picked = null;

  async function copy(text) {
    try {
      await navigator.clipboard.writeText(text);
      note(words.copied);
    } catch {
      notify(words.cannotCopy);
    }
  }

  function postback(action, params) {
    const part = ["postback", params ? { data: action.data ?? "", params } : { data: action.data ?? "" }];
    const event = { type: "postback", part, is_replyable: true, ...(action.displayText ? { display_text: action.displayText } : {}) };
    return attempt(() => sendEvent(state.selected, { ...event, ...writer() }));
  }

  const say = (text) => attempt(() => sendMessage(state.selected, { type: "text", fields: { text }, ...writer() }));

  function pick(action) {
    picked = action;
    const input = el("input", { type: INPUTS[action.mode] ?? "date", id: "pick-value", required: true });
    for (const [property, value] of [["value", action.initial], ["min", action.min], ["max", action.max]]) {
      if (typeof value === "string") input[property] = value.replace(/t/i, "T");
    }
    byId("pick-field").replaceChildren(input);
    tell(byId("pick-name"), action.label || words.action("datetimepicker"));
    dialog.showModal();
    input.focus();
  }
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    dialog.close();
    const mode = Object.hasOwn(INPUTS, picked.mode) ? picked.mode : "date";
    postback(picked, { [mode]: byId("pick-value").value });
  });
  byId("pick-cancel").addEventListener("click", () => dialog.close());

  const acts = {
    message: (action) => say(action.text ?? action.label ?? ""),
    async postback(action) {
      await postback(action);
      // The property's older form is a real message.
      if (action.text) await say(action.text);
      if (action.inputOption === "openKeyboard") compose.fill(action.fillInText ?? "");
    },
    datetimepicker: pick,
    richmenuswitch: (action) => postback(action, { newRichMenuAliasId: action.richMenuAliasId ?? "", status: "SUCCESS" }),
    clipboard: (action) => copy(action.clipboardText ?? ""),
    camera: () => compose.photo(),
    cameraRoll: () => compose.photo(),
    location: () => compose.place(),
    uri: (action) => notify(words.wouldOpen(action.uri ?? "")),
  };

  return function press(action) {
    const person = selectedPerson();
    if (!person || person.customer.friendship === "blocked") return notify(words.blockedCannot);
    if (Object.hasOwn(acts, action.type)) return acts[action.type](action);
    notify(words.unknownAction(action.type ?? ""));
  };
}

/** Who of a group or room acts, as requests want it. */
export function writer() {
  const member = writerOf(selectedPerson());
  return member ? { member } : {};
}
