// The phone of the selected customer, or of one of a group: the chat, what can be done with a message, quick replies.

import { startActions } from "./actions.js";
import { startCompose } from "./compose.js";
import { avatar, byId, dayOf, el, icon, pictureOr, setText, tell, timeOf } from "./dom.js";
import { draw, plainText, quickReplies } from "./drawing.js";
import { startMenu } from "./menu.js";
import { linkedOf, nameOf, nameOfMember, nowMs, selectedPerson, setFriendship, setWriter, sorted, state, unsend, view, writerOf } from "./platform.js";
import { startSending } from "./sending.js";
import { words } from "./words.js";

const NEAR_END_PX = 60;
/** Actions that ask for more: their quick replies stay until it is sent (LINE doc "Use quick replies"). */
const ASKING = ["camera", "cameraRoll", "location", "datetimepicker", "clipboard"];

export function startPhone(page) {
  const { attempt, note, notify } = page;
  const talk = byId("talk");
  const menu = startMenu();
  const compose = startCompose({ notify, sent: scrollToEnd });
  const sending = startSending(page);
  const press = startActions(page, { fill: compose.fill, photo: sending.photo, place: sending.place });
  let shown = null;
  let rows = new Map();
  /** Messages whose quick reply was pressed. */
  const answered = new Set();

  // The chat.

  view("account", () => {
    rows = new Map();
    renderThread();
    renderEnds();
  });
  view("selected", () => {
    if (shown !== state.selected) {
      shown = state.selected;
      rows = new Map();
      menu.close();
      sending.close();
      talk.replaceChildren();
      compose.show(shown);
    }
    renderThread(true);
    renderEnds();
  });
  view("thread", () => renderThread());
  view("writer", () => {
    rows = new Map();
    renderThread();
    renderEnds();
  });
  view("person", (ids) => {
    if (!ids.has(state.selected)) return;
    renderEnds();
    renderWriting();
    renderQuick();
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
    if (menu.item() && !kept.has(menu.item())) menu.close();
    for (const child of [...talk.children]) if (!kept.has(child)) child.remove();
    items.forEach((item, at) => {
      if (talk.children[at] !== item) talk.insertBefore(item, talk.children[at] ?? null);
    });
    // Those too old for the thread.
    for (const [id, row] of rows) if (row.item.parentElement !== talk) rows.delete(id);
    renderWriting();
    renderQuick();
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
    const version = [message.unsent, quoted?.unsent].join();
    const known = rows.get(message.id);
    // Only the mark: a film that plays must not begin anew.
    if (known && known.read !== message.read) known.item.querySelector(".meta")?.replaceWith(metaOf(message));
    if (known) known.read = message.read;
    if (known?.version === version) return known.item;
    const item = message.unsent ? withdrawnRow(message, person) : messageRow(message, quoted, person);
    // In its place, so that it does not count as newer.
    known?.item.replaceWith(item);
    rows.set(message.id, { item, version, read: message.read });
    return item;
  }

  const isMine = (message, person) =>
    message.author === "customer" && (person.customer.source === "user" || message.member === writerOf(person));

  const withdrawnRow = (message, person) => {
    const text = isMine(message, person) ? words.withdrew : words.withdrewOther(nameOfMember(message.member));
    return el("li", { class: "day" }, el("span", { text }));
  };

  function metaOf(message) {
    const meta = el("span", { class: "meta" });
    if (message.author === "customer" && message.read) meta.append(el("span", { text: words.read }));
    if (message.how) meta.append(el("span", { text: words.how[message.how] }));
    meta.append(el("time", { datetime: new Date(message.at_ms).toISOString(), text: timeOf(message.at_ms) }));
    return meta;
  }

  function messageRow(message, quoted, person) {
    const mine = isMine(message, person);
    const openMenu = (event) => menu.open(event, rows.get(message.id).item, plainText(message), entriesOf(message, person));
    const more = el("button", {
      type: "button",
      class: "more",
      "aria-haspopup": "menu",
      "aria-expanded": "false",
      "aria-label": words.actions(plainText(message)),
      on: { click: openMenu },
    }, icon("more", "i-16"));
    const { parts, bare } = draw(message, person.customer.user_id, press);
    const bubble = el("div", { class: `bubble${bare ? " bare" : ""}`, lang: person.customer.language || null });
    if (message.quoted_message_id) bubble.append(quoteBar(quoted));
    bubble.append(...parts);
    bubble.addEventListener("contextmenu", openMenu);
    bubble.addEventListener("click", (event) => {
      // A finger has no pointer to rest on the bubble; a mouse has the button, and selects text by clicking.
      const isPressed = event.target.closest("a, button, video, audio");
      if (!isPressed && matchMedia("(hover: none)").matches && getSelection().isCollapsed) openMenu(event);
    });
    const held = el("div", { class: "held" }, bubble, more);
    const [face, name] = mine ? [null, null] : writerView(message, person);
    const said = el("div", { class: "said" }, name ? el("small", { class: "sender", text: name }) : null, held);
    const item = el("li", { class: `msg${mine ? " mine" : ""}${bare ? " wide" : ""}` }, face, said, metaOf(message));
    if (message.kind === "flex" || message.kind === "template") item.classList.add("broad");
    return item;
  }

  /** Picture and name of whoever wrote it, beside the bubbles of others. */
  function writerView(message, person) {
    if (message.author === "customer") {
      const name = nameOfMember(message.member);
      return [avatar(name, state.people.get(message.member)?.customer.picture_url, true), name];
    }
    const sender = message.content?.sender;
    const isGroup = person.customer.source !== "user";
    const face = sender?.iconUrl ? linkedOf(person.customer.user_id, message.id, "/sender/iconUrl") : null;
    return [pictureOr(sender?.name || state.account, face, true), sender?.name || (isGroup ? state.account : null)];
  }

  function quoteBar(quoted) {
    const text = quoted && !quoted.unsent ? plainText(quoted) : words.quotedGone;
    return el("span", { class: "quoted", text });
  }

  function entriesOf(message, person) {
    const entries = [];
    // What a postback displays is no message of LINE's.
    const isReal = !message.content?.displayedBy;
    const name = message.author === "account" ? state.account : isMine(message, person) ? words.you : nameOfMember(message.member);
    if (isReal && person.customer.friendship !== "blocked") {
      entries.push(["quote", words.quote, () => compose.quote(message, name, plainText(message))]);
    }
    if (isReal && isMine(message, person)) entries.push(["undo", words.withdraw, () => attempt(() => unsend(message.id))]);
    if (message.text) entries.push(["copy", words.copy, () => copy(plainText(message))]);
    return entries;
  }

  async function copy(text) {
    try {
      await navigator.clipboard.writeText(text);
      note(words.copied);
    } catch {
      notify(words.cannotCopy);
    }
  }

  // Those of the last message alone, until one was pressed (LINE doc "Use quick replies").
  function renderQuick() {
    const person = selectedPerson();
    const last = person?.thread ? sorted(person.thread).at(-1) : null;
    const isOffered = last?.author === "account" && !answered.has(last.id) && person.customer.friendship !== "blocked";
    const quick = byId("quick");
    const key = isOffered ? last.id : "";
    if (quick.dataset.of === key) return;
    quick.dataset.of = key;
    const once = (action) => {
      if (!ASKING.includes(action.type)) {
        answered.add(last.id);
        // The button goes.
        talk.focus({ preventScroll: true });
        renderQuick();
      }
      press(action);
    };
    quick.replaceChildren(...(isOffered ? quickReplies(last, person.customer.user_id, once) : []));
    quick.hidden = quick.children.length === 0;
  }

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

  function isAtEnd() {
    return talk.scrollHeight - talk.scrollTop - talk.clientHeight < NEAR_END_PX;
  }
  let follows = true;
  function scrollToEnd() {
    talk.scrollTop = talk.scrollHeight;
    follows = true;
    byId("newer").hidden = true;
  }
  talk.addEventListener("scroll", () => {
    follows = isAtEnd();
    if (follows) byId("newer").hidden = true;
  }, { passive: true });
  byId("newer").addEventListener("click", scrollToEnd);
  // A keyboard on the screen, a field that grew, a picture that came: none must hide the last message.
  new ResizeObserver(() => {
    if (byId("newer").hidden) talk.scrollTop = talk.scrollHeight;
  }).observe(talk);
  for (const event of ["load", "loadedmetadata", "error"]) {
    talk.addEventListener(event, () => {
      if (follows) scrollToEnd();
    }, true);
  }
  for (const place of [talk, byId("quick")]) {
    // One that stands for nothing by itself leaves its ground.
    place.addEventListener("error", ({ target }) => {
      if (target instanceof HTMLImageElement && target.alt === "") target.hidden = true;
    }, true);
  }

  view("arrival", (ids) => {
    const last = selectedPerson()?.last;
    if (!ids.has(state.selected) || last?.author !== "account") return;
    setText(byId("arrivals"), words.arrived(state.account, plainText(last)));
  });

  // Above and below the chat.

  const as = byId("as");
  as.querySelector("select").addEventListener("change", (event) => setWriter(state.selected, event.target.value));

  function renderEnds() {
    const person = selectedPerson();
    const isGroup = person !== undefined && person.customer.source !== "user";
    const friendship = person?.customer.friendship;
    const isEmpty = isGroup && person.customer.members.length === 0;
    const cannot = friendship !== "blocked" ? (isEmpty ? words.nobodyThere : "") : isGroup ? words.outCannot : words.blockedCannot;
    byId("compose").hidden = !person || cannot !== "";
    if (byId("compose").hidden) sending.close();
    tell(byId("cannot"), cannot);
    setText(byId("account"), isGroup ? nameOf(person.customer) : state.account);
    if (person) talk.setAttribute("aria-label", words.chatWith(state.account, nameOf(person.customer), isGroup));
    renderWriter(person, isGroup && cannot === "");
    const offer = byId("offer");
    const said = isGroup ? words.groupOffer[friendship] : words.offer[friendship];
    const key = `${isGroup} ${friendship}`;
    if (offer.dataset.kind === key) return;
    offer.dataset.kind = key;
    offer.hidden = !said;
    if (!said) return;
    const act = (text, to, kind) =>
      el("button", { type: "button", class: `btn sm ${kind}`, text, on: { click: () => attempt(() => setFriendship(state.selected, to)) } });
    offer.replaceChildren(el("p", { text: said.text }), act(said.primary, "friend", "main"));
    if (said.secondary) offer.append(act(said.secondary, "blocked", "edge"));
  }

  function renderWriter(person, isShown) {
    as.hidden = !isShown;
    if (!isShown) return;
    const select = as.querySelector("select");
    const { members } = person.customer;
    const key = members.map((member) => `${member} ${nameOfMember(member)}`).join();
    if (select.dataset.of !== key) {
      select.dataset.of = key;
      select.replaceChildren(...members.map((member) => el("option", { value: member, text: nameOfMember(member) })));
    }
    select.value = writerOf(person);
  }

  const clock = byId("clock");
  const tick = () => setText(clock, timeOf(nowMs()));
  tick();
  setInterval(tick, 5000);
}
