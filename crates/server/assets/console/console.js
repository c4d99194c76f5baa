// Wires the page: sign-in, the socket's events, the open conversation, what one does to it, keys and words.
import * as api from "./api.js";
import { $, avatar, clock, faultDetails, faultWords, fullTime, h, icon, langOf, nameOf, opMark, waited } from "./dom.js";
import { Composer } from "./composer.js";
import { ask, buttons, help, show, tell } from "./dialogs.js";
import { LANGUAGES, lang, setLang, t } from "./catalogue.js";
import { gist, List } from "./list.js";
import { Realtime } from "./realtime.js";
import { Thread } from "./thread.js";

let user = null;
let operators = [];
let retryAt = 0;
const typing = new Map();
const looking = new Map();
const me = () => user;
const isAdmin = () => user.role !== "AGENT";

const rt = new Realtime({
  token: api.token,
  on: { state: showConnection, frame: take, room: takeRoom, resync: () => list.load(true).catch(() => {}), outbox: () => { thread.render(); showConnection(); } },
});
const list = new List({ me, isLive: () => rt.isOpen, open: (id) => (location.hash = `#/c/${id}`) });
const thread = new Thread({
  rt,
  me,
  act: {
    retry: (message) => onMessage("retry_message", "retry", message),
    cancel: (message) => onMessage("cancel_message", "cancel", message),
    quote: (message) => composer.setQuote(message),
    edit: ({ entry, content }) => { if (entry) rt.discard(entry.temp_id); composer.restore(content); },
  },
});
const composer = new Composer({ rt, me, act: { run, sent: () => thread.toEnd(), note: async (id, note) => thread.put(await api.call("POST", `/conversations/${id}/notes`, note), true) } });

api.hooks.renewed = (token) => rt.renewed(token);
api.hooks.ended = () => rt.refuse();

// ---- Sign-in

async function begin(isAgain) {
  if (!api.mayResume()) return showSignIn();
  try {
    await enter(await api.resume());
  } catch (error) {
    if (error.refused || !isAgain) showSignIn(error.refused ? "expired" : "away", error);
    if (!error.refused) setTimeout(() => !user && begin(true), 3000);
  }
}

async function enter(who) {
  const isReturn = user?.id === who.id;
  // Another operator starts from nothing of this one's.
  if (user && !isReturn) return location.reload();
  user = who;
  $("signin").hidden = true;
  $("app").hidden = false;
  words();
  if (isReturn) return rt.start(rt.seq);
  follow();
  const first = async () => {
    try {
      rt.start(await list.load() ?? 0);
    } catch (error) {
      if (!error.refused) setTimeout(first, 3000);
    }
  };
  await first();
}

function showSignIn(why, fault) {
  $("signin").hidden = false;
  $("app").hidden = true;
  const waiting = rt.outbox.length;
  const box = $("signin-words");
  box.hidden = !why;
  if (why === "expired") box.replaceChildren(t("signin.expired"), waiting ? ` ${t("signin.kept", { n: waiting })}` : "");
  else if (why) box.replaceChildren(h("span", {}, whySignIn(why, fault)), ...(why === "wrong" || why === "away" ? [] : [faultDetails(fault)]));
  $("username").value ||= user?.username ?? "";
  ($("username").value ? $("password") : $("username")).focus();
}

function whySignIn(why, fault) {
  if (why === "wrong" || why === "away") return t(`signin.${why}`);
  if (why === "many") return t("signin.many", { n: Math.max(1, Math.ceil((retryAt - Date.now()) / 1000)) });
  return faultWords("signin", fault);
}

$("signin-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = $("signin-go");
  if (button.disabled || Date.now() < retryAt) return;
  button.disabled = true;
  try {
    const who = await api.signIn($("username").value.trim(), $("password").value);
    $("password").value = "";
    $("signin-words").hidden = true;
    await enter(who);
  } catch (fault) {
    if (fault.code === "rate_limit_exceeded") {
      retryAt = Date.now() + (fault.retry_after_ms ?? 10_000);
      showSignIn("many", fault);
      const tick = setInterval(() => {
        $("signin-words").firstChild.textContent = whySignIn("many");
        if (Date.now() < retryAt) return;
        clearInterval(tick);
        $("signin-words").hidden = true;
      }, 1000);
    } else showSignIn(fault.code === "auth_invalid_token" ? "wrong" : fault.code === "offline" || fault.code === "unavailable" ? "away" : "other", fault);
  }
  button.disabled = false;
});

async function signOut() {
  if (rt.outbox.length && !(await ask(t("signout.unsent", { n: rt.outbox.length }), t("signout")))) return;
  try {
    await api.signOut();
    rt.outbox = [];
    location.hash = "";
    location.reload();
  } catch (fault) {
    await tell(faultWords("signout", fault), fault);
  }
}

// ---- What the desk says

function take({ type, payload }) {
  switch (type) {
    case "new_message":
    case "message_sent":
      thread.put(payload, true);
      if (payload.direction === "INCOMING") {
        stopTyping(payload.conversation_id);
        if (payload.conversation_id === thread.id) announce(`${nameOf(thread.summary)}: ${gist(payload).text}`);
      }
      break;
    case "message_updated": thread.put(payload, false); break;
    case "message_ack": thread.deliver(payload); break;
    case "message_failed":
      thread.deliver(payload);
      announce(t("announce.failed"));
      break;
    case "conversation_update": takeSummary(payload); break;
    case "conversation_read": list.read(payload.conversation_id, payload.unread_count); break;
    case "session_created": announce(t("announce.waiting")); list.recount(); break;
    case "session_claimed": case "session_released": case "session_closed": case "session_transferred":
      list.recount();
      if (payload.conversation_id === thread.id) announce(t(`announce.${type}`, { name: payload.operator_name ?? "" }));
      break;
    case "presence_update": operators = payload.operators; showPresence(); break;
    case "operator_joined": look(payload, true); break;
    case "operator_left": look(payload, false); break;
    case "typing_indicator": showTyping(payload); break;
    case "sla_alert": announce(t("announce.sla")); break;
  }
}

function takeSummary({ messages, has_more, ...summary }) {
  if (messages) return;
  list.update(summary);
  if (summary.id !== thread.id) return;
  thread.setSummary(summary);
  composer.update(summary);
  showHead();
  thread.markRead();
}

function takeRoom(id, detail, isWhole, fault) {
  if (id !== thread.id) return;
  if (fault) {
    composer.close();
    return thread.fail(fault);
  }
  if (isWhole) looking.clear();
  thread.take(detail, detail.has_more, isWhole);
  composer.update(thread.summary);
  list.update(thread.summary);
  showHead();
}

function look({ admin_id, operator_name, room_id }, isHere) {
  if (Number(room_id) !== thread.id) return;
  isHere ? looking.set(admin_id, operator_name) : looking.delete(admin_id);
  showHead();
}

function showTyping({ conversation_id, admin_id, operator_name, is_typing }) {
  const there = typing.get(conversation_id) ?? new Map();
  clearTimeout(there.get(admin_id)?.timer);
  there.delete(admin_id);
  if (is_typing) {
    const timer = setTimeout(() => showTyping({ conversation_id, admin_id, operator_name, is_typing: false }), 6000);
    there.set(admin_id, { name: operator_name, timer });
  }
  typing.set(conversation_id, there);
  const names = [...there.values()].map((one) => one.name);
  list.setTyping(conversation_id, names);
  if (conversation_id !== thread.id) return;
  $("typing").hidden = !names.length;
  $("typing-words").textContent = names.length ? t("types", { name: names.join(", ") }) : "";
}

function stopTyping(id) {
  for (const admin_id of typing.get(id)?.keys() ?? []) showTyping({ conversation_id: id, admin_id, is_typing: false });
}

function announce(text) {
  $("announce").textContent = "";
  requestAnimationFrame(() => ($("announce").textContent = text));
}

// ---- The connection, told as it is

function showConnection() {
  if (!user) return;
  const { kind, until } = rt.state;
  const n = rt.outbox.filter((one) => one.state !== "refused").length;
  const box = $("conn");
  $("live").hidden = kind !== "live";
  box.hidden = kind === "live" || kind === "idle";
  box.dataset.kind = kind;
  const parts = [h("b", {}, t(`conn.${kind}`))];
  if (kind === "offline") {
    if (n) parts.push(t("conn.unsent", { n }));
    parts.push(h("span", { id: "conn-next", "aria-hidden": "true" }, nextTry(until)));
  } else if (kind === "refused" && n) parts.push(t("signin.kept", { n }));
  else if (kind === "connecting") parts.push(n ? t("conn.unsent", { n }) : t("conn.meanwhile"));
  const act = kind === "offline" ? ["trynow", () => rt.tryNow()] : kind === "refused" ? ["signin.go", () => showSignIn("expired")] : null;
  const marks = { offline: "cloud", refused: "lock", connecting: "ring", catching_up: "ring" };
  box.replaceChildren(icon(marks[kind] ?? "ring", "i-16"), h("p", {}, parts.flatMap((part) => [part, " "])), act ? h("button", { class: "btn sm", type: "button", onclick: act[1] }, t(act[0])) : "");
  // Who is there and who types is only known while connected.
  if (!rt.isOpen) {
    operators = [];
    looking.clear();
    for (const id of [...typing.keys()]) stopTyping(id);
    showPresence();
    showHead();
  }
  if (kind === "live") list.recount(0);
  thread.render();
}

const nextTry = (until) => t("conn.next", { n: Math.max(1, Math.ceil((until - Date.now()) / 1000)) });

setInterval(() => {
  if (rt.state.kind === "offline" && $("conn-next")) $("conn-next").textContent = nextTry(rt.state.until);
  const since = $("head-line").querySelector("[data-since]");
  if (since) since.textContent = waited(since.dataset.since);
}, 1000);

addEventListener("beforeunload", (event) => {
  if (rt.outbox.length) event.preventDefault();
});

// ---- The open conversation

function follow() {
  const id = Number(/^#\/c\/(\d+)$/.exec(location.hash)?.[1] ?? 0) || null;
  if (id === thread.id) return;
  looking.clear();
  const summary = list.rows.get(id);
  document.documentElement.dataset.view = id ? "thread" : "list";
  $("no-thread").hidden = Boolean(id);
  $("the-thread").hidden = !id;
  thread.open(id, summary);
  composer.open(id, thread.summary);
  $("typing").hidden = true;
  list.setCurrent(id);
  showHead();
  rt.setRoom(id);
  if (id) $("scroll").focus({ preventScroll: true });
  // The socket may be kept out where plain requests get through.
  if (id && !rt.isOpen && rt.state.kind !== "idle") {
    api.call("GET", `/conversations/${id}`).then(
      (detail) => id === thread.id && !rt.isOpen && takeRoom(id, { ...detail, has_more: detail.messages.length >= 50 }, true),
      () => {},
    );
  }
}

function close() {
  location.hash = "";
}

function showHead() {
  const one = thread.summary;
  $("panel").replaceChildren();
  $("acts").replaceChildren();
  $("who").textContent = one ? nameOf(one) : "";
  $("who").lang = (one && langOf(nameOf(one))) ?? "";
  $("looking").hidden = !looking.size;
  $("looking-words").textContent = [...looking.values()].join(", ");
  $("head-line").replaceChildren();
  if (!one) return;
  const session = one.session;
  const owns = session?.operator_id === user.id;
  const mayAct = session && (owns || isAdmin());
  const isWaiting = session?.status === "WAITING";
  const line = !session ? [t("bot_answers")] : isWaiting ? [`${t("waiting")} `, h("span", { "data-since": session.started_at }, waited(session.started_at))]
    : [owns ? t(session.transfer_count ? "yours_now" : "yours", { time: clock(session.claimed_at ?? session.started_at) }) : t("stop.other", { name: session.operator_name ?? t("someone") })];
  if (one.friend_status === "UNFOLLOWED") line.push(` · ${t("blocked")}`);
  $("head-line").replaceChildren(...line);
  const act = (name, mark, key, style = "") => h("button", { class: `btn ${style}`, type: "button", title: `${t(`act.${name}`)} (${key})`, onclick: () => run(name) }, icon(mark), h("span", { class: "wide" }, t(`act.${name}`)), h("kbd", { class: "wide" }, key));
  if (isWaiting) $("acts").append(act("claim", "done", "C", "main"));
  if (mayAct) $("acts").append(act("transfer", "transfer", "T", "opt"));
  if (mayAct && !isWaiting) $("acts").append(act("release", "requeue", "B", "opt"));
  if (mayAct) $("acts").append(act("close", "done", "E", "line"));
  showPanel(one);
}

function showPanel(one) {
  const session = one.session;
  const fact = (name, value) => (value ? [h("dt", {}, t(`fact.${name}`)), h("dd", {}, value)] : []);
  const at = (time) => time && h("time", { title: fullTime(time) }, clock(time));
  $("panel").replaceChildren(
    h("div", { class: "hero" }, avatar(one.id, nameOf(one), "s56"), h("div", {}, h("div", { class: "n", lang: langOf(nameOf(one)) }, nameOf(one)), h("div", { class: "s" }, icon(one.source_type === "user" ? "user" : "group", "i-16"), t(`source.${one.source_type}`)))),
    h("dl", { class: "kv" },
      fact("status", t(`friend.${one.friend_status}`)),
      fact("handled", !session ? t("bot") : session.operator_id === user.id ? t("you") : session.operator_name ?? t("nobody")),
      fact("asked", session && at(session.started_at)), fact("claimed", session && at(session.claimed_at)), fact("first", session && at(session.first_response_at)),
      fact("moved", session?.transfer_count ? String(session.transfer_count) : ""), fact("channel", one.channel), fact("id", h("code", {}, one.line_user_id))),
    one.tags.length ? h("div", { class: "tags" }, one.tags.map((tag) => h("span", { class: "tag", lang: langOf(tag.name) }, tag.name))) : "",
  );
}

// ---- Acts

const COMMANDS = { claim: "claim_session", release: "release_session", close: "close_session" };

async function run(name) {
  const one = thread.summary;
  if (!one) return;
  if (name === "transfer") return transfer(one);
  if (name === "close" && !(await ask(t("close.ask", { name: nameOf(one) }), t("act.close")))) return;
  composer.say(null);
  try {
    if (name === "start") await api.call("POST", `/conversations/${one.id}/mode`, { mode: "HUMAN" }).then((summary) => takeSummary(summary));
    else if (name === "takeover") await rt.request("transfer_session", { conversation_id: one.id, to_operator_id: user.id });
    else await rt.request(COMMANDS[name], { conversation_id: one.id });
    if (one.id === thread.id && ["claim", "start", "takeover"].includes(name)) setTimeout(() => composer.reach(), 50);
  } catch (fault) {
    if (one.id === thread.id) composer.say(name, fault);
  }
}

async function onMessage(type, action, message) {
  try {
    await rt.request(type, { message_id: message.id });
  } catch (fault) {
    thread.failAt(message.id, action, fault);
  }
}

async function transfer(one) {
  const box = $("dialog"), people = h("div", { class: "people" }, t("loading"));
  const reason = h("input", { type: "text", maxlength: 255, placeholder: t("transfer.reason"), "aria-label": t("transfer.reason") });
  const said = h("p", { class: "bad", role: "alert" });
  const go = async (to) => {
    try {
      await rt.request("transfer_session", { conversation_id: one.id, to_operator_id: to.id, reason: reason.value.trim() || undefined });
      box.close();
    } catch (fault) {
      said.replaceChildren(faultWords("transfer", fault), faultDetails(fault));
    }
  };
  show([h("h2", {}, t("transfer.head", { name: nameOf(one) })), reason, people, said, buttons(null)]);
  try {
    const { operators: all } = await api.call("GET", "/operators");
    const order = ["online", "busy", "away", "offline"];
    const others = all.filter((to) => to.id !== one.session?.operator_id).sort((a, b) => order.indexOf(a.status) - order.indexOf(b.status) || a.active_chats - b.active_chats);
    people.replaceChildren(...others.map((to) => h("button", { type: "button", onclick: () => go(to) }, withPresence(to.id, to.display_name, to.status), h("span", { class: "n" }, to.id === user.id ? t("you") : to.display_name), h("small", {}, `${t(`status.${to.status}`)} · ${t("chats", { n: to.active_chats })}`))));
    if (!others.length) people.replaceChildren(t("transfer.nobody"));
    people.querySelector("button")?.focus();
  } catch (fault) {
    people.replaceChildren();
    said.replaceChildren(faultWords("load", fault), faultDetails(fault));
  }
}

// ---- You: status, language, sign-out

function menu() {
  const mine = operators.find((one) => one.id === user.id)?.status ?? "offline";
  const said = h("p", { class: "bad", role: "alert" });
  const status = async (value) => {
    try {
      operators = (await rt.request("set_status", { status: value })).payload.operators;
      showPresence();
      $("dialog").close();
    } catch (fault) {
      said.replaceChildren(faultWords("status", fault), faultDetails(fault));
    }
  };
  const choices = ["online", "away", "busy"].map((value) => h("button", { class: `btn ${value === mine ? "main" : "line"}`, type: "button", "aria-pressed": String(value === mine), onclick: () => status(value) }, t(`status.${value}`)));
  const tongue = h("select", { "aria-label": t("language"), onchange: (event) => { setLang(event.target.value); words(); menu(); } }, LANGUAGES.map(([code, name]) => h("option", { value: code, selected: code === lang(), lang: code }, name)));
  show([
    h("h2", {}, user.display_name), h("p", { class: "dim" }, `${user.username} · ${t(`role.${user.role}`)}`),
    h("div", { class: "choices", role: "group", "aria-label": t("status") }, choices), said,
    h("label", { class: "field" }, t("language"), tongue),
    h("div", { class: "people" }, operators.filter((one) => one.id !== user.id).map((one) => h("div", {}, withPresence(one.id, one.name, one.status), h("span", { class: "n" }, one.name), h("small", {}, `${t(`status.${one.status}`)} · ${t("chats", { n: one.active_chats })}`)))),
    h("div", { class: "end" }, h("button", { class: "btn", type: "button", onclick: help }, t("key.help"), h("kbd", {}, "?")), h("button", { class: "btn line", type: "button", onclick: () => { $("dialog").close(); signOut(); } }, t("signout")), h("button", { class: "btn main", type: "button", onclick: () => $("dialog").close() }, t("dismiss"))),
  ]);
}

function withPresence(id, name, status) {
  const mark = opMark(id, name, `${name}: ${t(`status.${status}`)}`, "s32");
  mark.append(h("span", { class: `pr ${status}` }));
  return mark;
}

function showPresence() {
  const mine = operators.find((one) => one.id === user.id);
  for (const id of ["me", "me-small"]) $(id).replaceChildren(withPresence(user.id, user.display_name, mine?.status ?? "offline"), h("span", { class: "sr" }, ` ${t("me")}`));
  const others = operators.filter((one) => one.id !== user.id);
  $("team").replaceChildren(...others.slice(0, 6).map((one) => withPresence(one.id, one.name, one.status)), others.length > 6 ? h("span", { class: "more" }, `+${others.length - 6}`) : "");
}

// ---- Words, theme, keys

function words() {
  document.documentElement.lang = lang() === "zh-TW" ? "zh-Hant-TW" : lang();
  for (const el of document.querySelectorAll("[data-t]")) el.textContent = t(el.dataset.t);
  for (const el of document.querySelectorAll("[data-label]")) {
    el.setAttribute("aria-label", t(el.dataset.label));
    if (el.tagName === "BUTTON") el.title = t(el.dataset.label);
  }
  for (const el of document.querySelectorAll("[data-hint]")) el.placeholder = t(el.dataset.hint);
  $("signin-lang").replaceChildren(...LANGUAGES.map(([code, name]) => h("button", { type: "button", lang: code, "aria-pressed": String(code === lang()), onclick: () => { setLang(code); words(); } }, name)));
  if (!user) return;
  list.render();
  thread.render();
  composer.render();
  showHead();
  showPresence();
  showConnection();
}

const dark = matchMedia("(prefers-color-scheme: dark)");
const theme = () => (document.documentElement.dataset.theme = dark.matches ? "dark" : "light");
dark.addEventListener("change", theme);
theme();

$("back").addEventListener("click", close);
$("me").addEventListener("click", menu);
$("me-small").addEventListener("click", menu);
$("panel-toggle").addEventListener("click", () => togglePanel());
$("panel-close").addEventListener("click", () => togglePanel(false));
addEventListener("hashchange", () => user && follow());

function togglePanel(isOpen = document.documentElement.dataset.panel !== "open") {
  document.documentElement.dataset.panel = isOpen ? "open" : "closed";
  $("panel-toggle").setAttribute("aria-expanded", isOpen);
}
togglePanel(innerWidth >= 1200);

const KEYS = {
  j: () => list.move(1), k: () => list.move(-1), ArrowDown: () => list.move(1), ArrowUp: () => list.move(-1),
  r: () => composer.reach(), n: () => composer.setNote(true, true), c: () => thread.summary?.session?.status === "WAITING" && run("claim"),
  e: () => mayAct() && run("close"), t: () => mayAct() && run("transfer"), b: () => mayAct() && thread.summary.session.status === "ACTIVE" && run("release"),
  "/": () => $("q").focus(), "?": help,
};
const mayAct = () => thread.summary?.session && (thread.summary.session.operator_id === user.id || isAdmin());

/** The key by its Latin letter: a Thai layout has none, and Caps Lock has only large ones. */
function plainKey({ key, code, shiftKey }) {
  if (key.length > 1) return key;
  const isLatin = key.charCodeAt(0) < 0x80;
  if (!isLatin && code === "Slash") return shiftKey ? "?" : "/";
  if (shiftKey) return key === "?" ? key : "";
  return isLatin ? key.toLowerCase() : code.replace("Key", "").toLowerCase();
}

addEventListener("keydown", (event) => {
  if (!user || $("app").hidden || $("dialog").open || event.isComposing || event.keyCode === 229 || event.ctrlKey || event.metaKey || event.altKey) return;
  const inField = event.target.matches("input, textarea, select");
  if (event.key === "Escape") {
    event.preventDefault();
    if (document.documentElement.dataset.panel === "open" && innerWidth < 1200) return togglePanel(false);
    if (event.target.id === "field" && $("note").getAttribute("aria-pressed") === "true" && !event.target.value) composer.setNote(false);
    if (event.target.id === "q" && event.target.value) { event.target.value = ""; return event.target.dispatchEvent(new Event("input")); }
    if (inField && thread.id) return $("scroll").focus();
    if (thread.id && innerWidth < 768) return close();
    return list.move(0);
  }
  if (inField) return;
  // In the thread the arrows scroll, as everywhere.
  if (event.key.startsWith("Arrow") && $("scroll").contains(event.target)) return;
  const key = plainKey(event);
  const act = Object.hasOwn(KEYS, key) && (thread.id || "jk/?ArrowDownArrowUp".includes(key)) && KEYS[key];
  if (!act) return;
  event.preventDefault();
  act();
});

words();
begin();
