// The conversation list: filters, search, counts, paging, and rows that move only when nobody is pointing at them.
import { call } from "./api.js";
import { $, avatar, faultDetails, faultWords, fullTime, h, icon, langOf, nameOf, opMark, shortTime, soon, sync, waited } from "./dom.js";
import { lang, t } from "./catalogue.js";

const FILTERS = ["waiting", "mine", "active", "bot", "closed", "all"];
const KIND_ICON = { image: "image", video: "image", audio: "attach", file: "attach", location: "pin", sticker: "sticker", note: "lock" };

export class List {
  rows = new Map();
  counts = {};
  filter = FILTERS.includes(localStorage.getItem("linedesk.filter")) ? localStorage.getItem("linedesk.filter") : "all";
  q = "";
  current = null;
  typing = new Map();

  #cursor = null;
  #isLoading = false;
  #fault = null;
  #shown = [];
  #hasPointer = false;
  #load = null;
  #timers = {};
  #seen = null;
  #frame = null;
  #isForced = false;
  #me;
  #isLive;
  #open;

  /** `me()` is the operator, `isLive()` whether counts can be asked for; `open(id)` opens a conversation. */
  constructor({ me, isLive, open }) {
    this.#me = me;
    this.#isLive = isLive;
    this.#open = open;
    const rows = $("rows");
    rows.addEventListener("pointerenter", () => (this.#hasPointer = true));
    rows.addEventListener("pointerleave", () => {
      this.#hasPointer = false;
      this.render();
    });
    rows.addEventListener("focusout", () => setTimeout(() => this.render()));
    rows.addEventListener("scroll", () => {
      if (rows.scrollTop + rows.clientHeight > rows.scrollHeight - 400) this.more();
    });
    rows.addEventListener("click", (event) => {
      const row = event.target.closest("a[data-id]");
      if (!row || event.metaKey || event.ctrlKey || event.shiftKey) return;
      event.preventDefault();
      this.#open(Number(row.dataset.id));
    });
    $("fresh").addEventListener("click", () => {
      this.render(true);
      rows.scrollTop = 0;
    });
    $("q").addEventListener("input", () => {
      this.q = $("q").value.trim();
      this.#later("q", 250, () => this.load());
    });
    setInterval(() => this.#tick(), 1000);
  }

  /** Loads the first page anew; gives the seq at which it was true. `isQuiet`: nobody asked for it, so nothing may jump. */
  async load(isQuiet) {
    this.#load?.abort();
    const mine = (this.#load = new AbortController());
    this.#isLoading = true;
    this.#later("skeleton", 200, () => this.render());
    try {
      const page = await call("GET", this.#path(), undefined, mine.signal);
      this.rows = new Map(page.conversations.map((one) => [one.id, one]));
      this.#take(page);
      this.#fault = null;
      this.#isLoading = false;
      this.render(!isQuiet);
      this.recount(0);
      return page.seq;
    } catch (error) {
      if (error.name === "AbortError") return undefined;
      this.#isLoading = false;
      this.#fault = error;
      this.render();
      throw error;
    }
  }

  async more() {
    if (!this.#cursor || this.#isLoading) return;
    this.#isLoading = true;
    const of = this.#load;
    try {
      const page = await call("GET", this.#path(this.#cursor), undefined, of.signal);
      for (const one of page.conversations) this.rows.set(one.id, one);
      this.#take(page);
      this.#shown.push(...page.conversations.map((one) => one.id).filter((id) => !this.#shown.includes(id)));
    } catch (error) {
      if (error.name === "AbortError") return;
      this.#fault = error;
    }
    this.#isLoading = false;
    this.render();
  }

  choose(filter) {
    this.filter = filter;
    localStorage.setItem("linedesk.filter", filter);
    this.#renderFilters();
    this.load().catch(() => {});
  }

  /** A summary as it is now. */
  update(summary) {
    const { id } = summary;
    const had = this.rows.get(id);
    const fits = this.#fits(summary);
    if (had && fits !== false) this.rows.set(id, summary);
    else if (had && this.#isHeld()) this.rows.set(id, { ...summary, isGone: true });
    else if (had) this.rows.delete(id);
    else if (fits && this.#isInWindow(summary)) this.rows.set(id, summary);
    else if (fits === undefined) this.#reloadSoon();
    this.recount();
    this.render();
  }

  /** For what only the server can sort out: search, closed ones. */
  #reloadSoon() {
    this.#later("reload", 1500, () => (this.#isHeld() ? this.#reloadSoon() : this.load(true).catch(() => {})));
  }

  read(id, unread_count) {
    const row = this.rows.get(id);
    if (row) this.rows.set(id, { ...row, unread_count });
    this.render();
  }

  /** The server's counts: soon, and not more often than needed. */
  recount(wait = 1200) {
    if (!this.#isLive() || (this.#timers.count && wait)) return;
    this.#later("count", wait, async () => {
      this.#timers.count = 0;
      const others = ["mine", "bot", "closed", "all"];
      try {
        const pages = await Promise.all(others.map((status) => call("GET", `/conversations?status=${status}&limit=1`)));
        others.forEach((status, n) => (this.counts[status] = pages[n].total));
        this.counts.waiting = pages[0].waiting_count;
        this.counts.active = pages[0].active_count;
        this.#renderFilters();
      } catch {
        // What the screen shows stays; the connection's line says why it is old.
      }
    });
  }

  /** Moves the focus by rows; from outside the list it lands on the current one. */
  move(step) {
    const links = [...$("rows").querySelectorAll("a[data-id]")];
    if (!links.length) return;
    const inside = links.indexOf(document.activeElement);
    const from = inside >= 0 ? inside : links.findIndex((one) => Number(one.dataset.id) === this.current);
    const to = from < 0 ? 0 : inside < 0 && !step ? from : Math.min(Math.max(from + step, 0), links.length - 1);
    links[to].focus();
    if (to > links.length - 5) this.more();
  }

  setCurrent(id) {
    this.current = id;
    this.render();
  }

  setTyping(id, names) {
    this.typing.set(id, names);
    this.render();
  }

  /** Draws with the next frame, however much comes until then; `force` puts the rows in order even under the pointer. */
  render(force) {
    this.#isForced ||= Boolean(force);
    this.#frame ??= soon(() => {
      this.#frame = null;
      this.#draw(this.#isForced);
      this.#isForced = false;
    });
  }

  #draw(force) {
    const ids = [...this.rows.keys()].sort((a, b) => activity(this.rows.get(b)) - activity(this.rows.get(a)) || b - a);
    if (force || !this.#isHeld()) {
      for (const id of ids.filter((id) => this.rows.get(id).isGone)) this.rows.delete(id);
      this.#shown = ids.filter((id) => this.rows.has(id));
    }
    const known = this.#shown.filter((id) => this.rows.has(id));
    const moved = ids.filter((id) => !known.includes(id)).length || (ids[0] !== known[0] ? 1 : 0);
    $("fresh").hidden = !moved;
    $("fresh-words").textContent = t("fresh");
    const stop = known.includes(this.current) ? this.current : known[0];
    sync($("rows"), known.map((id) => this.#row(this.rows.get(id), id === stop)));
    const state = $("list-state");
    const isEmpty = !known.length && !moved;
    state.hidden = !this.#fault && !isEmpty;
    if (this.#fault) {
      const again = h("button", { class: "btn line", type: "button", onclick: () => this.load().catch(() => {}) }, t("tryagain"));
      state.replaceChildren(h("p", {}, faultWords("list", this.#fault)), again, faultDetails(this.#fault));
    } else if (isEmpty) {
      state.replaceChildren(h("p", {}, this.#isLoading ? t("loading") : this.q ? t("list.none_found", { q: this.q }) : t(`list.none.${this.filter}`)));
    }
    this.#renderFilters();
  }

  #renderFilters() {
    const buttons = FILTERS.map((name) => {
      const count = this.counts[name];
      const isOn = name === this.filter;
      return {
        key: name,
        tag: "button",
        sig: `${lang()}${count}${isOn}`,
        fill: (el) => {
          el.type = "button";
          el.className = `${isOn ? "on" : ""} ${name === "waiting" && count ? "alert" : ""}`;
          el.setAttribute("aria-pressed", isOn);
          el.onclick = () => this.choose(name);
          el.replaceChildren(t(`filter.${name}`), ...(count === undefined ? [] : [" ", h("b", {}, String(count))]));
        },
      };
    });
    sync($("filters"), buttons);
    const on = $("filters").querySelector(".on");
    if (this.#seen !== this.filter && on.offsetWidth) {
      this.#seen = this.filter;
      on.scrollIntoView({ block: "nearest", inline: "nearest" });
    }
    const waiting = this.counts.waiting;
    document.title = waiting ? `(${waiting}) linedesk` : "linedesk";
  }

  #row(one, isStop) {
    const isCurrent = one.id === this.current;
    const typing = this.typing.get(one.id);
    return {
      key: one.id,
      tag: "li",
      sig: JSON.stringify([one, isCurrent, isStop, lang(), typing, new Date().getDate()]),
      fill: (li) => {
        const link = li.firstElementChild ?? li.appendChild(document.createElement("a"));
        const session = one.session;
        const isWaiting = session?.status === "WAITING";
        const name = nameOf(one);
        link.href = `#/c/${one.id}`;
        link.dataset.id = one.id;
        link.tabIndex = isStop ? 0 : -1;
        link.className = `row ${isCurrent ? "is-current" : ""} ${one.unread_count ? "is-unread" : ""} ${isWaiting ? "is-waiting" : ""}`;
        if (isCurrent) link.setAttribute("aria-current", "true");
        else link.removeAttribute("aria-current");
        const pic = avatar(one.id, name);
        if (one.source_type !== "user") pic.append(h("span", { class: "badge" }, icon("group", "i-14")));
        const when = isWaiting
          ? h("span", { class: "when", "data-since": session.started_at }, icon("clock", "i-14"), h("span", { class: "sr" }, `${t("waiting")} `), h("b", {}, waited(session.started_at)))
          : one.last_message && h("time", { class: "when", title: fullTime(one.last_message.created_at) }, shortTime(one.last_message.created_at));
        link.replaceChildren(
          pic,
          h("div", { class: "body" },
            h("div", { class: "l1" }, h("span", { class: "name", lang: langOf(name) }, name), when),
            h("div", { class: "l2" }, snippet(one), h("span", { class: "marks" }, ...this.#marks(one, typing))),
            one.tags.length ? h("div", { class: "l3" }, ...tags(one.tags)) : ""),
        );
      },
    };
  }

  #marks(one, typing) {
    const marks = [];
    const mark = (name, words) => marks.push(h("span", { title: words, role: "img", "aria-label": words }, icon(name, "i-16")));
    if (typing?.length) mark("pencil", t("types", { name: typing.join(", ") }));
    if (one.friend_status === "UNFOLLOWED") mark("block", t("blocked"));
    if (one.unread_count) marks.push(h("span", { class: "count", "aria-label": t("unread", { n: one.unread_count }) }, String(one.unread_count)));
    const owner = one.session?.operator_name;
    if (owner) marks.push(opMark(one.session.operator_id, owner, one.session.operator_id === this.#me().id ? t("you") : owner));
    else if (!one.session) mark("robot", t("bot_answers"));
    return marks;
  }

  #tick() {
    for (const el of $("rows").querySelectorAll("[data-since] b")) el.textContent = waited(el.parentElement.dataset.since);
  }

  /** Whether it belongs here; undefined where only the server can tell. */
  #fits(one) {
    const status = one.session?.status;
    const isMine = status === "ACTIVE" && one.session.operator_id === this.#me().id;
    const by = { waiting: status === "WAITING", active: status === "ACTIVE", mine: isMine, bot: !status && !one.archived, closed: status ? false : undefined, all: !one.archived }[this.filter];
    return by && this.q ? undefined : by;
  }

  #isInWindow(one) {
    const last = [...this.rows.values()].reduce((least, row) => Math.min(least, activity(row)), Infinity);
    return !this.#cursor || activity(one) >= last;
  }

  /** Nothing moves under the pointer or the focus. */
  #isHeld() {
    return this.#hasPointer || $("rows").contains(document.activeElement);
  }

  #take(page) {
    this.#cursor = page.next_cursor;
    Object.assign(this.counts, { waiting: page.waiting_count, active: page.active_count });
    if (!this.q) this.counts[this.filter] = page.total;
  }

  #path(cursor) {
    const query = new URLSearchParams({ status: this.filter, limit: "50" });
    if (this.q) query.set("q", this.q);
    if (cursor) query.set("cursor", cursor);
    return `/conversations?${query}`;
  }

  #later(name, wait, work) {
    clearTimeout(this.#timers[name]);
    this.#timers[name] = setTimeout(work, wait);
  }
}

const activity = (one) => Date.parse(one.last_message?.created_at ?? one.session?.started_at ?? 0);

function tags(all) {
  const shown = all.slice(0, 2).map((tag) => h("span", { class: "tag", lang: langOf(tag.name) }, tag.name));
  if (all.length > 2) shown.push(h("span", { class: "tag more", title: all.slice(2).map((tag) => tag.name).join(", ") }, `+${all.length - 2}`));
  return shown;
}

/** What a message is in a few words, and its icon. */
export function gist(message) {
  const { message_type: type, content } = message;
  if (message.unsent_at || (type === "text" && !content && message.direction === "INCOMING")) return { icon: "undo", text: t("withdrawn") };
  if (type === "text") return { text: content };
  if (type === "note") return { icon: "lock", text: content };
  if (type === "system") return { text: content ? t("pressed", { data: content }) : t("unknown_kind") };
  const kind = t(`kind.${type}`);
  return { icon: KIND_ICON[type], text: content ? `${kind}: ${content}` : kind };
}

function snippet(one) {
  const last = one.last_message;
  if (!last) return h("span", { class: "snip" }, h("span", { class: "t" }, t("no_messages")));
  const { icon: name, text } = gist(last);
  const who = last.direction === "OUTGOING" && last.message_type !== "note" ? h("span", { class: "who" }, `${t("reply")} `) : "";
  return h("span", { class: "snip" }, name ? icon(name, "i-16") : "", h("span", { class: "t", lang: langOf(text) }, who, text));
}
