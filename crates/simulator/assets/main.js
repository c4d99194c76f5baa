// Fills in the words, starts the views, and shows what has no place of its own.

import { byId, setText } from "./dom.js";
import { startDrawer } from "./drawer.js";
import { startLog } from "./log.js";
import { startPeople } from "./people.js";
import { startPhone } from "./phone.js";
import { connect, markSeen, state, view } from "./platform.js";
import { words } from "./words.js";

const TOAST_MS = 8000;
const NOTE_MS = 2500;

for (const element of document.querySelectorAll("[data-w]")) element.textContent = words[element.dataset.w];
for (const element of document.querySelectorAll("[data-w-label]")) element.setAttribute("aria-label", words[element.dataset.wLabel]);
for (const element of document.querySelectorAll("[data-w-placeholder]")) element.placeholder = words[element.dataset.wPlaceholder];
document.title = words.title;

// One column at a time where there is no room for three.
const tabs = [...byId("views").children];
function showView(name) {
  document.body.dataset.view = name;
  for (const tab of tabs) tab.setAttribute("aria-current", String(tab.dataset.view === name));
  markSeen();
}
for (const tab of tabs) tab.addEventListener("click", () => showView(tab.dataset.view));
showView("phone");
document.addEventListener("visibilitychange", markSeen);
matchMedia("(min-width: 960px)").addEventListener("change", markSeen);

const toast = byId("toast");
let hiding;
function notify(text, forMs = TOAST_MS) {
  setText(toast.firstElementChild, text);
  toast.hidden = false;
  clearTimeout(hiding);
  hiding = setTimeout(dismiss, forMs);
}
function dismiss() {
  toast.hidden = true;
}
toast.lastElementChild.addEventListener("click", dismiss);

/** Says that something was done, where nothing else shows it. */
const note = (text) => notify(text, NOTE_MS);

/** Does something on the platform; says so when it could not be done. */
async function attempt(act) {
  try {
    return await act();
  } catch (error) {
    notify(error.message);
  }
}

view("link", () => {
  setText(byId("link"), words.link[state.link]);
  byId("link").dataset.link = state.link;
});
view("account", () => {
  const link = byId("console");
  const isWeb = state.consoleUrl !== null && /^https?:\/\//.test(state.consoleUrl);
  link.hidden = !isWeb;
  if (isWeb) link.href = state.consoleUrl;
});

const page = { attempt, note, notify, showView };
startPeople(page);
startPhone(page);
startDrawer(page);
startLog(page);
connect();
