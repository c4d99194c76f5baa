// The one dialog: questions, bad news, the keys.
import { $, faultDetails, h } from "./dom.js";
import { t } from "./catalogue.js";

/** Shows the one dialog with these contents; resolves when it is closed. */
export function show(kids) {
  const box = $("dialog");
  box.replaceChildren(...kids);
  if (!box.open) box.showModal();
  return new Promise((done) => box.addEventListener("close", () => done(box.returnValue), { once: true }));
}

/** A row of buttons that end the dialog; with `word` one that agrees. */
export function buttons(word) {
  const end = (value) => () => $("dialog").close(value);
  return h("div", { class: "end" }, h("button", { class: "btn line", type: "button", onclick: end("") }, t(word ? "cancel" : "dismiss")), word && h("button", { class: "btn main", type: "button", autofocus: true, onclick: end("yes") }, word));
}

/** Resolves to whether the operator agreed. */
export async function ask(question, word) {
  $("dialog").returnValue = "";
  return (await show([h("p", {}, question), buttons(word)])) === "yes";
}

export const tell = (text, fault) => show([h("p", {}, text), faultDetails(fault), buttons(null)]);

export function help() {
  const keys = [["j k ↑ ↓", "move"], ["Enter", "open"], ["Esc", "back"], ["r", "write"], ["n", "note"], ["c", "claim"], ["t", "transfer"], ["b", "release"], ["e", "close"], ["/", "search"], ["?", "help"]];
  const rows = keys.flatMap(([key, name]) => [h("dt", {}, key.split(" ").map((one) => h("kbd", {}, one))), h("dd", {}, t(`key.${name}`))]);
  show([h("h2", {}, t("key.help")), h("dl", { class: "keys" }, rows), h("p", { class: "dim" }, t("key.enter")), buttons(null)]);
}

$("dialog").addEventListener("click", (event) => event.target === $("dialog") && $("dialog").close(""));
