// The phone of the selected customer: the chat, what can be done with a message, and the field to write in.

import { avatar, byId, dayOf, el, icon, setText, tell, timeOf } from "./dom.js";
import { nowMs, selectedPerson, sendText, setFriendship, sorted, state, unsend, view } from "./platform.js";
import { words } from "./words.js";

/** UTF-16 code units, as LINE counts and as a string's length is. */
const TEXT_UNITS = 5000;
const UNITS_SHOWN_FROM = 4500;
const NEAR_END_PX = 60;

export function startPhone({ attempt, note, notify }) {
  const talk = byId("talk");
  const field = byId("text");
  /** What was typed but not sent, and what it quotes, by user id. */
  const drafts = new Map();
  let shown = null;
  let rows = new Map();
  let menu = null;

  // The chat.

  view("account", () => {
    setText(byId("account"), state.account);
    rows = new Map();
    renderThread();
  });
  view("selected", () => {
    if (shown !== state.selected) {
      keepDraft();
      shown = state.selected;
      rows = new Map();
      closeMenu();
      talk.replaceChildren();
      restoreDraft();
    }
    renderThread(true);
    renderEnds();
  });
  view("thread", () => renderThread());
  view("person", (ids) => {
    if (!ids.has(state.selected)) return;
    renderEnds();
    renderWriting();
  });

  function renderThread(toEnd = false) {
    const person = selectedPerson();
    const messages = person?.thread ? sorted(person.thread) : [];
    const wasAtEnd = isAtEnd();
    const items = [];
    let day = null;
    for (const message of messages) {
      const itsDay = dayOf(message.at_ms);
      if (itsDay !== day) items.push(dayRow(itsDay));
      day = itsDay;
      items.push(rowOf(message, person));
    }
    if (messages.length === 0) {
      items.push(el("li", { class: "nothing", text: person ? words.noChat : words.noPhone }));
    }
    const last = items.at(-1);
    const isNewer = last.parentElement !== talk;
    // Only what is new is put in and what is gone taken out: a menu that is open, and a selection, stay.
    const kept = new Set([...items, writing]);
    if (menu && !kept.has(menu.closest("li"))) closeMenu();
    for (const child of [...talk.children]) if (!kept.has(child)) child.remove();
    items.forEach((item, at) => {
      if (talk.children[at] !== item) talk.insertBefore(item, talk.children[at] ?? null);
    });
    // Those too old for the thread.
    for (const [id, row] of rows) if (row.item.parentElement !== talk) rows.delete(id);
    renderWriting();
    if (toEnd || wasAtEnd) scrollToEnd();
    else if (isNewer) byId("newer").hidden = false;
  }

  function dayRow(day) {
    const key = `day ${day}`;
    if (!rows.has(key)) rows.set(key, { item: el("li", { class: "day" }, el("span")) });
    const { item } = rows.get(key);
    setText(item.firstElementChild, day === dayOf(nowMs()) ? words.today : day);
    return item;
  }

  /** A message's row; made anew when what it shows has changed. */
  function rowOf(message, person) {
    const quoted = message.quoted_message_id && person.thread.get(message.quoted_message_id);
    const version = [message.unsent, message.read, quoted?.unsent].join();
    const known = rows.get(message.id);
    if (known?.version === version) return known.item;
    const item = message.unsent ? withdrawnRow() : messageRow(message, quoted, person);
    // In its place, so that it does not count as newer.
    known?.item.replaceWith(item);
    rows.set(message.id, { item, version });
    return item;
  }

  const withdrawnRow = () => el("li", { class: "day" }, el("span", { text: words.withdrew }));

  function messageRow(message, quoted, person) {
    const isMine = message.author === "customer";
    const meta = el("span", { class: "meta" });
    if (isMine && message.read) meta.append(el("span", { text: words.read }));
    if (message.how) meta.append(el("span", { text: words.how[message.how] }));
    meta.append(el("time", { datetime: new Date(message.at_ms).toISOString(), text: timeOf(message.at_ms) }));

    const more = el("button", {
      type: "button",
      class: "more",
      "aria-haspopup": "menu",
      "aria-expanded": "false",
      "aria-label": words.actions(shownText(message)),
      on: { click: (event) => openMenu(event, message) },
    }, icon("more", "i-16"));
    const bubble = el("div", { class: "bubble", lang: person.customer.language });
    if (message.quoted_message_id) bubble.append(quoteBar(quoted));
    if (message.kind !== "text" && message.kind !== "textV2") {
      bubble.append(el("small", { text: words.kinds[message.kind] ?? message.kind }));
    }
    if (message.text) bubble.append(el("p", { text: message.text }));
    bubble.addEventListener("contextmenu", (event) => openMenu(event, message));
    bubble.addEventListener("click", (event) => {
      // A finger has no pointer to rest on the bubble; a mouse has the button, and selects text by clicking.
      if (matchMedia("(hover: none)").matches && getSelection().isCollapsed) openMenu(event, message);
    });

    const sender = message.content?.sender?.name;
    const held = el("div", { class: "held" }, bubble, more);
    const said = el("div", { class: "said" }, sender ? el("small", { class: "sender", text: sender }) : null, held);
    return isMine
      ? el("li", { class: "msg mine" }, said, meta)
      : el("li", { class: "msg" }, avatar(state.account, null, true), said, meta);
  }

  function quoteBar(quoted) {
    const text = quoted && !quoted.unsent ? shownText(quoted) : words.quotedGone;
    return el("span", { class: "quoted", text });
  }

  const shownText = (message) => message.text ?? words.kinds[message.kind] ?? message.kind;

  // Shown until the account writes or its time is over.
  const writing = el("li", { class: "msg writing" }, el("span", { class: "bubble", role: "img", "aria-label": words.writing },
    el("i"), el("i"), el("i")));
  let writingEnds;
  function renderWriting() {
    clearTimeout(writingEnds);
    const left = (selectedPerson()?.customer.loading_until_ms ?? 0) - nowMs();
    if (left <= 0) return writing.remove();
    const wasAtEnd = isAtEnd();
    talk.append(writing);
    if (wasAtEnd) scrollToEnd();
    writingEnds = setTimeout(renderWriting, left + 50);
  }

  const isAtEnd = () => talk.scrollHeight - talk.scrollTop - talk.clientHeight < NEAR_END_PX;
  function scrollToEnd() {
    talk.scrollTop = talk.scrollHeight;
    byId("newer").hidden = true;
  }
  talk.addEventListener("scroll", () => {
    if (isAtEnd()) byId("newer").hidden = true;
  }, { passive: true });
  byId("newer").addEventListener("click", scrollToEnd);
  new ResizeObserver(() => {
    // A keyboard on the screen, or a field that grew, must not hide the last message.
    if (byId("newer").hidden) talk.scrollTop = talk.scrollHeight;
  }).observe(talk);

  view("arrival", (ids) => {
    const last = selectedPerson()?.last;
    if (!ids.has(state.selected) || last?.author !== "account") return;
    setText(byId("arrivals"), words.arrived(state.account, shownText(last)));
  });

  // What can be done with a message.

  function openMenu(event, message) {
    event.preventDefault();
    const item = rows.get(message.id).item;
    const wasHere = menu?.closest("li") === item;
    closeMenu();
    if (wasHere && event.type === "click") return;
    const isMine = message.author === "customer";
    const isBlocked = selectedPerson().customer.friendship === "blocked";
    const entry = (name, text, act) =>
      el("button", { type: "button", role: "menuitem", tabindex: "-1", on: { click: () => (closeMenu(true), act()) } }, icon(name), text);
    menu = el("div", { class: "menu", role: "menu", "aria-label": words.actions(shownText(message)) },
      isBlocked ? null : entry("quote", words.quote, () => quote(message)),
      isMine ? entry("undo", words.withdraw, () => attempt(() => unsend(message.id))) : null,
      message.text ? entry("copy", words.copy, () => copy(message.text)) : null);
    if (!menu.children.length) return closeMenu();
    item.querySelector(".held").append(menu);
    item.classList.add("is-held");
    item.querySelector(".more").setAttribute("aria-expanded", "true");
    const room = item.querySelector(".held").getBoundingClientRect().top - talk.getBoundingClientRect().top;
    menu.classList.toggle("below", room < menu.offsetHeight + 8);
    menu.firstElementChild.focus();
  }

  function closeMenu(giveBack = false) {
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
    if (menu && !menu.contains(event.target) && !event.target.closest(".more")) closeMenu();
  });
  talk.addEventListener("keydown", (event) => {
    if (!menu) return;
    const entries = [...menu.children];
    const at = entries.indexOf(document.activeElement);
    const to = { ArrowRight: at + 1, ArrowDown: at + 1, ArrowLeft: at - 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
    if (to !== undefined) entries.at(to % entries.length).focus();
    else if (event.key === "Escape") closeMenu(true);
    else if (event.key === "Tab") return closeMenu();
    else return;
    event.preventDefault();
  });

  async function copy(text) {
    try {
      await navigator.clipboard.writeText(text);
      note(words.copied);
    } catch {
      notify(words.cannotCopy);
    }
  }

  // Writing.

  const draftOf = (userId) => drafts.get(userId) ?? { text: "", quoted: null };
  function keepDraft() {
    if (shown) drafts.set(shown, { ...draftOf(shown), text: field.value });
  }
  function restoreDraft() {
    field.value = draftOf(shown).text;
    renderQuote();
    tell(byId("send-wrong"), "");
    fit();
  }

  function quote(message) {
    const name = message.author === "customer" ? words.you : state.account;
    drafts.set(shown, { text: field.value, quoted: { id: message.id, name, text: shownText(message) } });
    renderQuote();
    field.focus();
  }
  function dropQuote() {
    drafts.set(shown, { text: field.value, quoted: null });
    renderQuote();
    field.focus();
  }
  function renderQuote() {
    const { quoted } = draftOf(shown);
    byId("quoting").hidden = !quoted;
    if (!quoted) return;
    setText(byId("quoting-who"), quoted.name);
    setText(byId("quoting-text"), quoted.text);
  }
  byId("quoting-cancel").addEventListener("click", dropQuote);

  /** Up to five lines, then it scrolls. */
  function fit() {
    field.style.height = "auto";
    field.style.height = `${field.scrollHeight}px`;
    const units = field.value.length;
    tell(byId("units"), units >= UNITS_SHOWN_FROM ? words.units(units, TEXT_UNITS) : "");
    byId("units").classList.toggle("over", units > TEXT_UNITS);
    byId("send").disabled = field.value.trim() === "";
  }
  field.addEventListener("input", () => {
    tell(byId("send-wrong"), "");
    fit();
  });
  field.addEventListener("keydown", (event) => {
    // While an input method composes, Enter chooses a word. (229: what Safari says after the composition's end.)
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      send();
    } else if (event.key === "Escape" && draftOf(shown).quoted) {
      event.preventDefault();
      dropQuote();
    }
  });
  byId("compose").addEventListener("submit", (event) => {
    event.preventDefault();
    send();
    field.focus();
  });

  // One after another: messages arrive in the order in which Enter was pressed.
  let sending = Promise.resolve();
  function send() {
    const [userId, text] = [shown, field.value];
    const { quoted } = draftOf(userId);
    if (!userId || text.trim() === "") return;
    if (text.length > TEXT_UNITS) return tell(byId("send-wrong"), words.tooLong);
    drafts.delete(userId);
    restoreDraft();
    scrollToEnd();
    sending = sending.then(() => sendText(userId, text, quoted?.id)).catch((error) => {
      // What was written must not be lost, and nor must what was written since.
      keepDraft();
      const since = draftOf(userId);
      drafts.set(userId, { text: since.text ? `${text}\n${since.text}` : text, quoted: since.quoted ?? quoted });
      if (shown !== userId) return notify(error.message);
      restoreDraft();
      tell(byId("send-wrong"), error.message);
    });
  }

  function renderEnds() {
    const person = selectedPerson();
    const friendship = person?.customer.friendship;
    byId("compose").hidden = !person || friendship === "blocked";
    tell(byId("cannot"), friendship === "blocked" ? words.blockedCannot : "");
    if (person) talk.setAttribute("aria-label", words.chatWith(state.account, person.customer.name));
    const offer = byId("offer");
    if (offer.dataset.kind === friendship) return;
    offer.dataset.kind = friendship ?? "";
    const said = words.offer[friendship];
    offer.hidden = !said;
    if (!said) return;
    const act = (text, to, kind) =>
      el("button", { type: "button", class: `btn sm ${kind}`, text, on: { click: () => attempt(() => setFriendship(state.selected, to)) } });
    offer.replaceChildren(el("p", { text: said.text }), act(said.primary, "friend", "main"));
    if (said.secondary) offer.append(act(said.secondary, "blocked", "edge"));
  }

  const clock = byId("clock");
  const tick = () => setText(clock, timeOf(nowMs()));
  tick();
  setInterval(tick, 5000);
  fit();
}
