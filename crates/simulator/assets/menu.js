// The menu of a message: what can be done with it.

import { byId, el, icon } from "./dom.js";
import { words } from "./words.js";

/** Gives `{open(event, item, label, entries), close(), item()}`; an entry is `[icon, text, act]`. */
export function startMenu() {
  const talk = byId("talk");
  let menu = null;

  function open(event, item, label, entries) {
    event.preventDefault();
    const wasHere = menu?.closest("li") === item;
    close();
    if ((wasHere && event.type === "click") || entries.length === 0) return;
    const entry = ([name, text, act]) =>
      el("button", { type: "button", role: "menuitem", tabindex: "-1", on: { click: () => (close(true), act()) } }, icon(name), text);
    menu = el("div", { class: "menu", role: "menu", "aria-label": words.actions(label) }, ...entries.map(entry));
    const held = item.querySelector(".held");
    held.append(menu);
    item.classList.add("is-held");
    item.querySelector(".more").setAttribute("aria-expanded", "true");
    const room = held.getBoundingClientRect().top - talk.getBoundingClientRect().top;
    menu.classList.toggle("below", room < menu.offsetHeight + 8);
    menu.firstElementChild.focus();
  }

  function close(giveBack = false) {
    if (!menu) return;
    const item = menu.closest("li");
    menu.remove();
    menu = null;
    item?.classList.remove("is-held");
    const more = item?.querySelector(".more");
    more?.setAttribute("aria-expanded", "false");
    if (giveBack) more?.focus();
  }

  document.addEventListener("pointerdown", (event) => {
    if (menu && !menu.contains(event.target) && !event.target.closest(".more")) close();
  });
  talk.addEventListener("keydown", (event) => {
    if (!menu) return;
    const entries = [...menu.children];
    const at = entries.indexOf(document.activeElement);
    const to = { ArrowRight: at + 1, ArrowDown: at + 1, ArrowLeft: at - 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
    if (to !== undefined) entries.at(to % entries.length).focus();
    else if (event.key === "Escape") close(true);
    else if (event.key === "Tab") return close();
    else return;
    event.preventDefault();
  });

  return { open, close, item: () => menu?.closest("li") ?? null };
}
