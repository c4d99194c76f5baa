// The customers: who they are, who has unread messages, and what the selected one can do to the account.

import { avatar, byId, el, icon, setText, tell } from "./dom.js";
import { startGroups } from "./groups.js";
import { addCustomer, nameOf, select, selectedPerson, sendEvent, sendTexts, setFriendship, state, unreadOf, view } from "./platform.js";
import { words } from "./words.js";

const BURST = 20;
const FRIENDSHIP_ICONS = { friend: "user", stranger: "userplus", blocked: "block" };

export function startPeople({ attempt, showView }) {
  const list = byId("customers");
  const rows = new Map();

  function rowOf(userId) {
    if (!rows.has(userId)) {
      const person = state.people.get(userId);
      const { language, picture_url } = person.customer;
      const name = nameOf(person.customer);
      const label = el("span", { class: "name", lang: language || null, text: name });
      const mark = el("small");
      const count = el("span", { class: "count" });
      const button = el("button", { type: "button", class: "cust", on: { click: () => choose(userId) } },
        avatar(name, picture_url), el("span", { class: "who" }, label, mark), count);
      rows.set(userId, { item: el("li", {}, button), button, label, mark, count, shown: null });
    }
    return rows.get(userId);
  }

  function renderRow(userId) {
    const person = state.people.get(userId);
    if (!person) return;
    const row = rowOf(userId);
    const { friendship, source, members } = person.customer;
    setText(row.label, nameOf(person.customer));
    const isOut = friendship === "blocked";
    const [mark, text] = source === "user" ? [FRIENDSHIP_ICONS[friendship], words.friendship[friendship]]
      : [isOut ? "block" : "people", isOut ? words.accountIsOut : words.members(members.length)];
    if (row.shown !== text) {
      row.shown = text;
      row.mark.replaceChildren(icon(mark, "i-14"), text);
    }
    if (userId === state.selected) row.button.setAttribute("aria-current", "true");
    else row.button.removeAttribute("aria-current");
    const unread = unreadOf(person);
    row.count.hidden = unread === 0;
    setText(row.count, unread > 99 ? "99+" : String(unread));
    row.count.setAttribute("aria-label", words.unread(unread));
    row.count.setAttribute("role", "img");
  }

  view("people", () => {
    for (const userId of rows.keys()) if (!state.people.has(userId)) rows.delete(userId);
    for (const userId of state.people.keys()) renderRow(userId);
    const items = [...state.people.keys()].map((userId) => rows.get(userId).item);
    if (items.length !== list.children.length || items.some((item, at) => list.children[at] !== item)) {
      list.replaceChildren(...items);
    }
    const more = state.customerCount - state.people.size;
    tell(byId("people-hint"), state.customerCount === 0 ? words.noCustomers : more > 0 ? words.moreCustomers(more) : "");
    if (state.customerCount === 0) openForm(true);
  });

  view("person", (ids) => {
    ids.forEach(renderRow);
    const unread = [...state.people.values()].reduce((sum, person) => sum + unreadOf(person), 0);
    const badge = byId("unread");
    badge.hidden = unread === 0;
    setText(badge, unread > 99 ? "99+" : String(unread));
    badge.setAttribute("aria-label", words.unread(unread));
    badge.setAttribute("role", "img");
    document.title = unread ? `(${unread}) ${words.title}` : words.title;
    if (ids.has(state.selected)) renderActs();
  });
  view("selected", renderActs);

  function choose(userId) {
    select(userId);
    showView("phone");
  }

  list.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    const buttons = [...list.querySelectorAll("button")];
    buttons[buttons.indexOf(document.activeElement) + step]?.focus();
    event.preventDefault();
  });

  const groups = startGroups({ attempt, choose: want, opened: () => openForm(false) });

  // A new customer.

  const form = byId("new-customer");
  const add = byId("add");
  const option = ([value, text]) => el("option", { value, text });
  form.elements.language.append(...Object.entries(words.languages).map(option));
  form.elements.picture.append(...Object.entries(words.pictures).map(option));

  function openForm(open) {
    if (open) groups.closeForm();
    form.hidden = !open;
    add.setAttribute("aria-expanded", String(open));
    if (!open) tell(byId("new-wrong"), "");
  }

  function closeForm() {
    openForm(false);
    add.focus();
  }

  add.addEventListener("click", () => {
    openForm(form.hidden);
    if (!form.hidden) form.elements.name.focus();
  });
  byId("new-cancel").addEventListener("click", closeForm);
  form.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.isComposing) closeForm();
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const { name, language, picture } = Object.fromEntries(new FormData(form));
    try {
      const customer = await addCustomer(picture ? { name, language, picture } : { name, language });
      form.reset();
      openForm(false);
      want(customer.user_id);
    } catch (error) {
      tell(byId("new-wrong"), error.message);
    }
  });

  /** Chooses it; the feed may be a moment behind the answer. */
  let wanted = null;
  function want(userId) {
    if (state.people.has(userId)) choose(userId);
    else wanted = userId;
  }
  view("people", () => {
    if (!wanted || !state.people.has(wanted)) return;
    choose(wanted);
    wanted = null;
  });

  // The selected customer.

  function renderActs() {
    const person = selectedPerson();
    byId("acts").hidden = !person;
    if (!person) return;
    const { language, friendship, source } = person.customer;
    setText(byId("acts-name"), nameOf(person.customer));
    byId("acts-name").lang = language || "en";
    byId("one-acts").hidden = source !== "user";
    groups.renderActs(person.customer);
    byId("friend").setAttribute("aria-checked", String(friendship === "friend"));
    byId("blocked").setAttribute("aria-checked", String(friendship === "blocked"));
    byId("burst").disabled = friendship === "blocked";
    byId("link-open").disabled = friendship === "blocked";
  }

  const turn = (on, off) => (event) => {
    const isOn = event.currentTarget.getAttribute("aria-checked") === "true";
    if (state.selected) attempt(() => setFriendship(state.selected, isOn ? off : on));
  };
  byId("friend").addEventListener("click", turn("friend", "stranger"));
  byId("blocked").addEventListener("click", turn("blocked", "friend"));
  byId("burst").addEventListener("click", () => {
    const texts = Array.from({ length: BURST }, (_, at) => words.burstText(at + 1, BURST));
    attempt(() => sendTexts(state.selected, texts));
    showView("phone");
  });

  // Linking accounts: the desk's own page comes to an end, and LINE tells how (LINE doc "Link user accounts").

  const linking = byId("link-form");
  const opener = byId("link-open");
  linking.elements.result.append(...Object.entries(words.linkResults).map(option));
  function openLink(open) {
    linking.hidden = !open;
    opener.setAttribute("aria-expanded", String(open));
    if (open) linking.elements.nonce.focus();
    else opener.focus();
  }
  opener.addEventListener("click", () => openLink(linking.hidden));
  linking.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.isComposing) openLink(false);
  });
  linking.addEventListener("submit", async (event) => {
    event.preventDefault();
    const { nonce, result } = Object.fromEntries(new FormData(linking));
    const part = ["link", { result, nonce }];
    await attempt(() => sendEvent(state.selected, { type: "accountLink", part, is_replyable: result === "ok" }));
    openLink(false);
  });
}
