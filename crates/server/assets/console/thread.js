// One conversation's messages: history, days, who said it, how far it came. Keeps the eye's place.
import { call } from "./api.js";
import { standing } from "./composer.js";
import { $, avatar, clock, dayKey, dayName, faultDetails, faultWords, fullTime, h, icon, langOf, nameOf, soon, sync } from "./dom.js";
import { gist } from "./list.js";
import { lang, t } from "./catalogue.js";

const GROUP_MS = 5 * 60_000;
const KEPT = 20;
/** How long a message may wait before it can be taken back. */
const LINGERS = 3000;
const QUOTABLE = ["text", "image", "sticker", "video"];

export class Thread {
  id = null;
  summary = null;

  #kept = new Map();
  #one = null;
  #hasMore = false;
  #isLoadingOlder = false;
  #unseen = 0;
  #marked = 0;
  #readTimer = 0;
  #lingerTimer = 0;
  #faults = new Map();
  #frame = null;
  #wantsEnd = false;
  #rt;
  #me;
  #do;

  /** `act`: retry(message), cancel(message), quote(message), read(id, unread). */
  constructor({ rt, me, act }) {
    this.#rt = rt;
    this.#me = me;
    this.#do = act;
    const scroll = $("scroll");
    scroll.addEventListener("scroll", () => {
      if (scroll.scrollTop < 300) this.older();
      if (this.#isAtEnd()) this.#setUnseen(0);
      this.markRead();
    });
    $("pill").addEventListener("click", () => this.toEnd());
    addEventListener("focus", () => this.markRead());
    document.addEventListener("visibilitychange", () => this.markRead());
    // A composer that grows, a keyboard that opens: the newest line stays in sight.
    let height = 0;
    new ResizeObserver(() => {
      const wasAtEnd = scroll.scrollHeight - scroll.scrollTop - height < 60;
      height = scroll.clientHeight;
      if (wasAtEnd) scroll.scrollTop = scroll.scrollHeight;
    }).observe(scroll);
  }

  /** Shows a conversation: what is known at once, the truth when `take` brings it. */
  open(id, summary) {
    this.id = id;
    this.#setUnseen(0);
    this.#marked = 0;
    this.#faults.clear();
    if (id === null) {
      this.summary = this.#one = null;
      return;
    }
    this.#one = this.#kept.get(id) ?? { messages: new Map(), isKnown: false };
    this.#kept.delete(id);
    this.#kept.set(id, this.#one);
    if (this.#kept.size > KEPT) this.#kept.delete(this.#kept.keys().next().value);
    this.summary = summary ?? this.#one.summary ?? null;
    this.#one.unreadFrom = null;
    this.#hasMore = false;
    this.toEnd();
  }

  /** The answer to `join_room`, or the same over REST. */
  take(detail, hasMore, isWhole) {
    const one = this.#one;
    const wasEmpty = !one.isKnown;
    const first = detail.messages[0]?.id;
    const overlaps = one.messages.has(first);
    if (isWhole || !overlaps) {
      // What was not followed may have been withdrawn meanwhile: nothing older than the answer is trusted.
      one.messages = new Map();
      this.#hasMore = hasMore;
    }
    const { messages, ...summary } = detail;
    for (const message of messages) one.messages.set(message.id, message);
    one.isKnown = true;
    one.fault = null;
    this.summary = one.summary = summary;
    if (one.unreadFrom === null) {
      const unread = messages.filter((message) => message.direction === "INCOMING").slice(-summary.unread_count);
      one.unreadFrom = summary.unread_count && unread.length ? unread[0].id : 0;
    }
    this.render();
    if (wasEmpty || isWhole) this.toEnd();
  }

  fail(fault) {
    this.#one.fault = fault;
    this.render();
  }

  setSummary(summary) {
    this.summary = this.#one.summary = summary;
  }

  /** A message of any conversation, new or changed. */
  put(message, isNew) {
    const one = this.#kept.get(message.conversation_id);
    if (!one?.isKnown) return;
    const isArrival = isNew && !one.messages.has(message.id);
    one.messages.set(message.id, message);
    this.#faults.delete(message.id);
    if (one !== this.#one) return;
    if (isArrival && !this.#isAtEnd() && message.operator_id !== this.#me().id) this.#setUnseen(this.#unseen + 1);
    this.render();
    if (isArrival && message.operator_id === this.#me().id) this.toEnd();
  }

  deliver({ conversation_id, message_id, delivery }) {
    const message = this.#kept.get(conversation_id)?.messages.get(message_id);
    if (message) this.put({ ...message, delivery });
  }

  /** A retry or cancel that was refused, said at its message. */
  failAt(message_id, action, fault) {
    this.#faults.set(message_id, { action, fault });
    this.render();
  }

  async older() {
    const one = this.#one;
    if (!one?.isKnown || !this.#hasMore || this.#isLoadingOlder) return;
    this.#isLoadingOlder = true;
    try {
      const before = Math.min(...one.messages.keys());
      const page = await call("GET", `/conversations/${this.id}/messages?before_id=${before}&limit=50`);
      if (one !== this.#one) return;
      for (const message of page.messages) if (!one.messages.has(message.id)) one.messages.set(message.id, message);
      this.#hasMore = page.has_more_before;
      one.fault = null;
    } catch (error) {
      one.fault = error;
    } finally {
      this.#isLoadingOlder = false;
    }
    this.render();
  }

  toEnd() {
    this.#wantsEnd = true;
    this.#setUnseen(0);
    this.render();
  }

  /** Marks what is in sight, while someone is there to see it. */
  markRead() {
    if (!this.summary?.unread_count || document.hidden || !document.hasFocus() || !this.#one?.isKnown) return;
    clearTimeout(this.#readTimer);
    this.#readTimer = setTimeout(() => {
      const scroll = $("scroll");
      if (!this.summary || !scroll.clientHeight) return;
      const end = scroll.getBoundingClientRect().bottom + 4;
      const seen = [...$("messages").children].filter((el) => el.dataset.id && el.getBoundingClientRect().bottom <= end).pop();
      const id = Number(seen?.dataset.id ?? 0);
      if (!id || id <= this.#marked) return;
      this.#marked = id;
      const conversation_id = this.id;
      this.#rt.request("mark_read", { conversation_id, message_id: id }).catch(() => (this.#marked = 0));
    }, 300);
  }

  goTo(id) {
    const el = $("messages").querySelector(`[data-id="${id}"]`);
    if (!el) return this.#hasMore ? void this.older().then(() => this.#hasMore && this.goTo(id)) : undefined;
    el.scrollIntoView({ block: "center" });
    el.classList.remove("flash");
    requestAnimationFrame(() => el.classList.add("flash"));
  }

  /** Draws with the next frame, however much comes until then. */
  render() {
    this.#frame ??= soon(() => {
      this.#frame = null;
      this.#draw();
    });
  }

  #draw() {
    const one = this.#one;
    if (!one) return;
    const scroll = $("scroll");
    const wasAtEnd = this.#isAtEnd();
    const [height, top] = [scroll.scrollHeight, scroll.scrollTop];
    const anchor = [...$("messages").children].find((el) => el.dataset.id && el.offsetTop + el.offsetHeight > top);
    const before = anchor?.offsetTop;
    const messages = [...one.messages.values()].sort((a, b) => a.id - b.id);
    const mine = this.#rt.outbox.filter((entry) => entry.conversation_id === this.id).map((entry) => this.#pending(entry));
    sync($("messages"), this.#items([...messages, ...mine]));
    this.#renderTop(one, messages.length + mine.length);
    if (wasAtEnd || this.#wantsEnd) scroll.scrollTop = scroll.scrollHeight;
    else if (anchor?.isConnected) scroll.scrollTop = top + anchor.offsetTop - before;
    else if (height) scroll.scrollTop = top + scroll.scrollHeight - height;
    this.#wantsEnd = false;
    this.markRead();
  }

  #renderTop(one, count) {
    const top = $("thread-top");
    top.replaceChildren();
    if (one.fault) {
      const again = () => (one.isKnown ? this.older() : this.#rt.setRoom(this.id));
      top.append(h("p", {}, faultWords("load", one.fault)), h("button", { class: "btn line", type: "button", onclick: again }, t("tryagain")), faultDetails(one.fault));
    } else if (!one.isKnown) top.append(h("p", {}, this.#rt.isOpen ? t("loading") : t("load.offline")));
    else if (this.#hasMore) top.append(h("button", { class: "btn", type: "button", onclick: () => this.older() }, t("older")));
    else if (count) top.append(h("p", {}, t("thread.begin")));
    else top.append(h("p", {}, t("no_messages")));
  }

  #pending(entry) {
    const isOnline = this.#rt.isOpen;
    const state = entry.state === "refused" ? "refused" : entry.state === "sending" ? "sending" : isOnline ? "queued" : "offline";
    return { temp_id: entry.temp_id, direction: "OUTGOING", sender_role: "ADMIN", operator_id: this.#me().id, message_type: "text", content: entry.text, created_at: entry.at, quoted_message_id: entry.quote?.id, delivery: { state }, entry };
  }

  #items(messages) {
    const items = [];
    const side = (message) => sideOf(message) + (message.operator_id ?? "") + (message.payload?.sender_line_user_id ?? "");
    messages.forEach((message, n) => {
      const [prev, next] = [messages[n - 1], messages[n + 1]];
      const isNewDay = !prev || dayKey(prev.created_at) !== dayKey(message.created_at);
      if (isNewDay) {
        const name = dayName(message.created_at);
        items.push({ key: `d${dayKey(message.created_at)}`, sig: name, fill: (el) => ((el.className = "day"), (el.textContent = name)) });
      }
      if (message.id && message.id === this.#one.unreadFrom) {
        items.push({ key: "unread", sig: lang(), fill: (el) => ((el.className = "since"), (el.textContent = t("unread_line"))) });
      }
      const near = (a, b) => a && b && side(a) === side(b) && dayKey(a.created_at) === dayKey(b.created_at) && Date.parse(b.created_at) - Date.parse(a.created_at) < GROUP_MS;
      const isFirst = !near(prev, message) || message.id === this.#one.unreadFrom;
      const isLast = !near(message, next) || next.id === this.#one.unreadFrom;
      const isMarked = isLast || markSig(message) !== markSig(next) || !["", "accepted"].includes(message.delivery?.state ?? "");
      const isMine = message.operator_id === this.#me().id;
      const quoted = message.quoted_message_id && this.#one.messages.get(message.quoted_message_id);
      const trouble = this.#faults.get(message.id);
      // Most are on their way at once: an offer to take one back would only flicker.
      const left = message.delivery?.state === "queued" ? Date.parse(message.created_at) + LINGERS - Date.now() : 0;
      if (left > 0) this.#later(left);
      items.push({
        key: message.temp_id && isMine ? `t${message.temp_id}` : `m${message.id}`,
        sig: JSON.stringify([message, isFirst, isLast, isMarked, quoted?.content, quoted?.unsent_at, trouble, left > 0, this.#mayAct(), standing(this.summary, this.#me()).may, lang()]),
        fill: (el) => {
          if (message.id) el.dataset.id = message.id;
          this.#fill(el, message, { isFirst, isLast, isMarked, isMine, quoted, trouble, isFresh: left > 0 });
        },
      });
    });
    return items;
  }

  #fill(el, message, { isFirst, isLast, isMarked, isMine, quoted, trouble, isFresh }) {
    const kind = sideOf(message);
    if (kind === "gone" || kind === "sys") {
      const { icon: name, text } = gist(message);
      el.className = "sys";
      el.replaceChildren(name ? icon(name, "i-14") : "", ` ${text} `, h("time", { title: fullTime(message.created_at) }, clock(message.created_at)));
      return;
    }
    if (kind === "note") {
      el.className = "note";
      const who = isMine ? t("you") : (message.operator_name ?? t("someone"));
      el.replaceChildren(
        icon("lock", "i-16"),
        h("div", {}, h("div", { class: "h" }, h("b", {}, who), ` ${t("note.mark")} `, time(message)), h("p", { lang: langOf(message.content) }, message.content)),
      );
      return;
    }
    el.className = `msg ${kind} ${isFirst ? "first" : ""} ${isLast ? "last" : ""}`;
    const from = isFirst && this.#from(message, kind, isMine);
    const quote = message.quoted_message_id && this.#quote(message.quoted_message_id, quoted);
    const bubble = h("div", { class: "bub", lang: langOf(message.content) }, quote, body(message));
    const canQuote = message.id && standing(this.summary, this.#me()).may && QUOTABLE.includes(message.message_type) && (kind === "in" || message.delivery?.state === "accepted");
    const tool = canQuote && h("button", { class: "ib quoter", type: "button", title: t("quote"), "aria-label": t("quote"), onclick: () => this.#do.quote(message) }, icon("undo", "i-16"));
    el.replaceChildren(
      ...[
        kind === "in" && isFirst && avatar(this.id, this.summary ? nameOf(this.summary) : "?", "s28"),
        from,
        h("div", { class: "line" }, bubble, tool),
        isMarked && this.#meta(message, kind, isFresh),
        trouble && h("div", { class: "meta bad" }, faultWords(trouble.action, trouble.fault), faultDetails(trouble.fault)),
      ].filter(Boolean),
    );
  }

  #from(message, kind, isMine) {
    if (kind === "bot") return h("span", { class: "from" }, icon("robot", "i-16"), message.sender_role === "SYSTEM" ? t("automatic") : t("bot"));
    if (kind === "out") return h("span", { class: "from" }, isMine ? t("you") : (message.operator_name ?? t("someone")));
    const member = message.payload?.sender_line_user_id;
    return member ? h("span", { class: "from" }, t("member", { id: member.slice(-4) })) : h("span", { class: "sr" }, this.summary ? nameOf(this.summary) : "");
  }

  #quote(id, quoted) {
    const text = quoted ? gist(quoted).text : t("quote.earlier");
    const who = !quoted ? "" : quoted.direction === "INCOMING" ? nameOf(this.summary) : quoted.operator_id === this.#me().id ? t("you") : (quoted.operator_name ?? t("bot"));
    return h("button", { class: "quote", type: "button", onclick: () => this.goTo(id) }, h("b", {}, who), h("span", { lang: langOf(text) }, text));
  }

  #meta(message, kind, isFresh) {
    if (kind === "in" || !message.delivery) return h("div", { class: "meta" }, time(message));
    const { delivery, entry } = message;
    const { mark, words, tone } = deliveryWords(delivery, entry);
    const press = (word, onclick, className = "link") => h("button", { class: className, type: "button", onclick }, t(word));
    const acts = [];
    if (entry?.state === "refused") acts.push(press("again", () => this.#rt.sendAgain(entry.temp_id)));
    const isGone = delivery.state === "failed" && delivery.code === "conflict";
    const isMine = message.operator_id === this.#me().id;
    const mayAct = this.#mayAct();
    if (isMine && message.message_type === "text" && (entry?.state === "refused" || delivery.state === "failed")) acts.push(press("edit", () => this.#do.edit(message)));
    if (entry && entry.state !== "sending" && !isFresh) acts.push(press("delete", () => this.#rt.discard(entry.temp_id), "link danger"));
    if (mayAct && delivery.state === "unknown") acts.push(press("sendagain", () => this.#do.retry(message)));
    if (mayAct && delivery.retryable && ["failed", "withheld"].includes(delivery.state)) acts.push(press("again", () => this.#do.retry(message)));
    if (mayAct && !entry && !isGone && !isFresh && ["queued", "failed", "withheld"].includes(delivery.state)) acts.push(press("takeback", () => this.#do.cancel(message), "link danger"));
    const detail = entry?.error ?? (delivery.code && tone === "bad" ? { code: delivery.code, detail: delivery.error } : null);
    const icons = mark.map((name) => icon(name, "i-14"));
    return tone
      ? h("div", { class: `meta ${tone}` }, time(message), " ", ...icons, ` ${words} `, ...acts, detail && faultDetails(detail))
      : h("div", { class: "meta" }, time(message), h("span", { class: "dm", title: words, role: "img", "aria-label": words }, ...icons), ...acts);
  }

  /** Its owner's or an admin's, while it is open (SE3). */
  #mayAct() {
    const session = this.summary?.session;
    return Boolean(session) && (session.operator_id === this.#me().id || this.#me().role !== "AGENT");
  }

  #later(wait) {
    clearTimeout(this.#lingerTimer);
    this.#lingerTimer = setTimeout(() => this.render(), wait + 50);
  }

  #isAtEnd() {
    const scroll = $("scroll");
    return scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 60;
  }

  #setUnseen(n) {
    this.#unseen = n;
    $("pill").hidden = !n;
    $("pill-words").textContent = t("pill", { n });
  }
}

const time = (message) => h("time", { title: fullTime(message.created_at), datetime: message.created_at }, clock(message.created_at));
const markSig = (message) => JSON.stringify([message?.delivery?.state, message?.delivery?.cost]);

function sideOf(message) {
  if (message.unsent_at) return "gone";
  if (message.message_type === "note") return "note";
  if (message.message_type === "system") return "sys";
  if (message.direction === "INCOMING") return "in";
  return message.sender_role === "ADMIN" ? "out" : "bot";
}

function body(message) {
  const { message_type: type, content, payload } = message;
  if (type === "text") return content;
  if (type === "location") {
    const { latitude, longitude, address } = payload ?? {};
    const href = `https://www.google.com/maps/search/?api=1&query=${Number(latitude)},${Number(longitude)}`;
    const link = Number.isFinite(latitude) && h("a", { href, target: "_blank", rel: "noopener noreferrer" }, t("map"), icon("out", "i-14"));
    return h("span", { class: "thing" }, icon("pin"), h("span", {}, h("b", {}, content || t("kind.location")), address && address !== content && h("small", {}, address), link));
  }
  const { icon: name, text } = gist(message);
  const seen = ["image", "video", "audio", "file"].includes(type);
  return h("span", { class: "thing" }, icon(name ?? "more"), h("span", {}, text, seen && h("small", {}, t("media.away"))));
}

/** The mark, its words, and whether it asks for the eye. */
export function deliveryWords(delivery, entry) {
  const { state, cost, code } = delivery;
  const why = code && code !== "internal_error" ? t(`why.${code}`) : "";
  switch (state) {
    case "offline": return { mark: ["cloud"], words: t("d.offline") };
    case "queued":
    case "sending": {
      const mark = [state === "queued" ? "clock" : "ring"];
      return code ? { mark, words: `${t(`d.${state}`)} · ${t("d.trying")}`, tone: "ask" } : { mark, words: t(`d.${state}`) };
    }
    case "accepted": return { mark: cost === "paid" ? ["tick", "coin"] : ["tick"], words: t(cost ? `d.${cost}` : "d.accepted") };
    case "unknown": return { mark: ["help"], words: t("d.unknown"), tone: "ask" };
    case "withheld": return { mark: ["block"], words: t(code === "quota_exhausted" ? "d.quota" : "d.blocked"), tone: "ask" };
    case "refused": return { mark: ["alert"], words: faultWords("send", entry.error), tone: "bad" };
    default: return code === "conflict" ? { mark: ["block"], words: t("d.cancelled"), tone: "off" } : { mark: ["alert"], words: `${t("d.failed")} ${why}`, tone: "bad" };
  }
}
