// The customers: who they are, who has unread messages, and what the selected one can do to the account.

import { avatar, byId, el, icon, setText, tell } from "./dom.js";
import { addCustomer, select, selectedPerson, sendTexts, setFriendship, state, unreadOf, view } from "./platform.js";
import { words } from "./words.js";

const BURST = 20;
const FRIENDSHIP_ICONS = { friend: "user", stranger: "userplus", blocked: "block" };

export function startPeople({ attempt, showView }) {
  const list = byId("customers");
  const rows = new Map();

  function rowOf(userId) {
    if (!rows.has(userId)) {
      const person = state.people.get(userId);
      const { name, language, picture_url } = person.customer;
      const label = el("span", { class: "name", lang: language, text: name });
      const mark = el("small");
      const count = el("span", { class: "count" });
      const button = el("button", { type: "button", class: "cust", on: { click: () => choose(userId) } },
        avatar(name, picture_url), el("span", { class: "who" }, label, mark), count);
      rows.set(userId, { item: el("li", {}, button), button, mark, count, friendship: null });
    }
    return rows.get(userId);
  }

  function renderRow(userId) {
    const person = state.people.get(userId);
    if (!person) return;
    const row = rowOf(userId);
    const { friendship } = person.customer;
    if (row.friendship !== friendship) {
      row.friendship = friendship;
      row.mark.replaceChildren(icon(FRIENDSHIP_ICONS[friendship], "i-14"), words.friendship[friendship]);
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

  // A new customer.

  const form = byId("new-customer");
  const add = byId("add");
  const option = ([value, text]) => el("option", { value, text });
  form.elements.language.append(...Object.entries(words.languages).map(option));
  form.elements.picture.append(...Object.entries(words.pictures).map(option));

  function openForm(open) {
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
      // The feed may be a moment behind the answer.
      if (state.people.has(customer.user_id)) choose(customer.user_id);
      else wanted = customer.user_id;
    } catch (error) {
      tell(byId("new-wrong"), error.message);
    }
  });

  let wanted = null;
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
    const { name, language, friendship } = person.customer;
    setText(byId("acts-name"), name);
    byId("acts-name").lang = language;
    byId("friend").setAttribute("aria-checked", String(friendship === "friend"));
    byId("blocked").setAttribute("aria-checked", String(friendship === "blocked"));
    byId("burst").disabled = friendship === "blocked";
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
}
