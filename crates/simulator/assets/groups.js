// Groups and rooms: making them, who is in them, and whether the account is.

import { byId, el, icon, setText, tell } from "./dom.js";
import { addGroup, changeMembers, nameOfMember, setFriendship, state, view } from "./platform.js";
import { words } from "./words.js";

/** Gives `{closeForm(), renderActs(customer)}`. */
export function startGroups({ attempt, choose, opened }) {
  const form = byId("new-group");
  const add = byId("add-group");
  const people = () => [...state.people.values()].map(({ customer }) => customer).filter(({ source }) => source === "user");
  form.elements.kind.append(...Object.entries(words.groupKinds).map(([value, text]) => el("option", { value, text })));

  // Making one.

  function renderChoices() {
    const chosen = new Set(new FormData(form).getAll("member"));
    const choice = ({ user_id, name, language }) => {
      const input = el("input", { type: "checkbox", name: "member", value: user_id });
      // Not the attribute, which a reset goes back to.
      input.checked = chosen.has(user_id);
      return el("li", {}, el("label", {}, input, el("span", { lang: language || null, text: name })));
    };
    byId("choices").replaceChildren(...people().map(choice));
  }
  function openForm() {
    opened();
    form.hidden = false;
    add.setAttribute("aria-expanded", "true");
    renderChoices();
    renderKind();
    form.elements.kind.focus();
  }
  function closeForm(giveBack = false) {
    form.hidden = true;
    add.setAttribute("aria-expanded", "false");
    tell(byId("group-wrong"), "");
    if (giveBack) add.focus();
  }
  function renderKind() {
    const isGroup = form.elements.kind.value === "group";
    form.elements.name.required = isGroup;
    form.elements.name.closest("label").hidden = !isGroup;
  }
  form.elements.kind.addEventListener("change", renderKind);
  add.addEventListener("click", () => (form.hidden ? openForm() : closeForm(true)));
  byId("group-cancel").addEventListener("click", () => closeForm(true));
  form.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.isComposing) closeForm(true);
  });
  view("people", () => {
    if (!form.hidden) renderChoices();
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const given = new FormData(form);
    const members = given.getAll("member");
    if (members.length === 0) return tell(byId("group-wrong"), words.chooseMembers);
    try {
      const group = await addGroup(given.get("kind") === "group" ? given.get("name") : null, members);
      form.reset();
      closeForm();
      choose(group.user_id);
    } catch (error) {
      tell(byId("group-wrong"), error.message);
    }
  });

  // The selected one.

  let shown = null;
  const invite = byId("invite");
  const invited = invite.querySelector("select");
  invite.addEventListener("submit", (event) => {
    event.preventDefault();
    if (invited.value) attempt(() => changeMembers(shown.user_id, { join: [invited.value] }));
  });
  byId("in-group").addEventListener("click", () => {
    const isIn = shown.friendship !== "blocked";
    attempt(() => setFriendship(shown.user_id, isIn ? "blocked" : "friend"));
  });

  function memberRow(userId) {
    const name = nameOfMember(userId);
    const remove = el("button", { type: "button", class: "ib", "aria-label": words.removeMember(name),
      on: { click: () => attempt(() => changeMembers(shown.user_id, { leave: [userId] })) } }, icon("close", "i-16"));
    return el("li", {}, el("span", { text: name }), remove);
  }

  function renderActs(customer) {
    byId("group-acts").hidden = customer.source === "user";
    if (customer.source === "user") return;
    shown = customer;
    byId("in-group").setAttribute("aria-checked", String(customer.friendship !== "blocked"));
    setText(byId("members-label"), words.members(customer.members.length));
    byId("members").replaceChildren(...customer.members.map(memberRow));
    const others = people().filter(({ user_id }) => !customer.members.includes(user_id));
    invite.hidden = others.length === 0;
    invited.replaceChildren(...others.map(({ user_id, name }) => el("option", { value: user_id, text: name })));
  }

  return { closeForm, renderActs };
}
