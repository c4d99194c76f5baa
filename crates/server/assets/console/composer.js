// The field: who may write and why not, drafts, notes, quotes, the count, and "is typing".
import { $, faultDetails, faultWords, h, icon, langOf, nameOf } from "./dom.js";
import { gist } from "./list.js";
import { lang, t } from "./catalogue.js";

const COUNT_FROM = 4500;
const TYPING_EVERY = 2500;
const TYPING_ENDS = 5000;
const isAdmin = (user) => user.role !== "AGENT";

/** Whether this operator may write to the customer now, and if not: why, and what helps. */
export function standing(summary, user) {
  if (!summary) return { may: false, icon: "clock", head: "", line: "" };
  const session = summary.session;
  const name = session?.operator_name ?? t("someone");
  const owns = session?.operator_id === user.id;
  if (summary.friend_status === "UNFOLLOWED") {
    const acts = session && (owns || isAdmin(user)) ? ["close"] : [];
    return { may: false, icon: "block", head: t(summary.source_type === "user" ? "stop.blocked" : "stop.left"), line: t("stop.blocked_line"), acts };
  }
  if (!session) return { may: false, icon: "robot", head: t("stop.bot"), line: t("stop.bot_line"), acts: ["start"] };
  if (session.status === "WAITING") return { may: false, icon: "clock", head: t(session.after_hours ? "stop.after_hours" : "stop.waiting"), line: t("stop.waiting_line"), acts: ["claim"] };
  if (owns) return { may: true };
  const line = t(isAdmin(user) ? "stop.other_admin" : "stop.other_line", { name });
  return { may: false, icon: "user", head: t("stop.other", { name }), line, acts: isAdmin(user) ? ["takeover"] : [] };
}

export class Composer {
  #id = null;
  #summary = null;
  #drafts = new Map();
  #isNote = false;
  #quote = null;
  #typedAt = 0;
  #typingTimer = 0;
  #isSaving = false;
  #noteTried = null;
  #rt;
  #me;
  #do;

  /** `act`: run(name) for claim, start, takeover, close; sent() when something was sent; note(id, text) resolves when it is stored. */
  constructor({ rt, me, act }) {
    this.#rt = rt;
    this.#me = me;
    this.#do = act;
    const field = $("field");
    field.addEventListener("input", () => {
      this.#fit();
      this.#typing();
    });
    field.addEventListener("keydown", (event) => {
      // An Enter that ends a composition belongs to the input method; 229 is what browsers say that have no isComposing yet.
      if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
      event.preventDefault();
      this.submit();
    });
    field.addEventListener("blur", () => this.#stopTyping());
    $("send").addEventListener("click", () => {
      this.submit();
      field.focus();
    });
    $("note").addEventListener("click", () => this.setNote(!this.#isNote, true));
    $("unquote").addEventListener("click", () => this.setQuote(null));
  }

  open(id, summary) {
    this.#stopTyping();
    if (this.#id !== null) this.#drafts.set(this.#id, { text: $("field").value, isNote: this.#isNote, quote: this.#quote });
    const draft = this.#drafts.get(id) ?? { text: "", isNote: false, quote: null };
    this.#id = id;
    this.#isNote = draft.isNote;
    this.#quote = draft.quote;
    $("field").value = draft.text;
    this.say(null);
    this.update(summary);
  }

  update(summary) {
    this.#summary = summary;
    this.render();
  }

  setNote(isNote, takesFocus) {
    this.#isNote = isNote;
    this.#stopTyping();
    this.render();
    if (takesFocus && !$("cbox").hidden) $("field").focus();
  }

  setQuote(message) {
    this.#quote = message;
    if (message) this.#isNote = false;
    this.render();
    if (!$("cbox").hidden) $("field").focus();
  }

  /** Puts text back that could not be sent. */
  restore(text) {
    const field = $("field");
    field.value = field.value ? `${text}\n${field.value}` : text;
    this.setNote(false, true);
  }

  /** There is nothing here to write to. */
  close() {
    $("cbox").hidden = $("cstop").hidden = true;
  }

  /** A refused act, said beside the field that it is about; null clears it. */
  say(action, fault) {
    const box = $("notice");
    box.hidden = !action;
    if (!action) return box.replaceChildren();
    const gone = h("button", { class: "ib", type: "button", "aria-label": t("dismiss"), onclick: () => this.say(null) }, "×");
    box.replaceChildren(icon("alert", "i-16"), h("div", {}, faultWords(action, fault), faultDetails(fault)), gone);
  }

  /** To the field, or to the act that opens it. */
  reach() {
    if (standing(this.#summary, this.#me()).may) this.setNote(false, true);
    else ($("cstop").querySelector(".main") ?? $("cstop").querySelector("button"))?.focus();
  }

  render() {
    const { may, icon: mark, head, line, acts = [] } = standing(this.#summary, this.#me());
    const isOpen = may || this.#isNote;
    $("cbox").hidden = !isOpen;
    $("cstop").hidden = isOpen;
    if (!isOpen && this.#summary) {
      const keys = { claim: "C", close: "E" };
      const buttons = acts.map((name, n) => h("button", { class: `btn ${n === 0 && name !== "close" ? "main" : "line"}`, type: "button", onclick: () => this.#do.run(name) }, t(`act.${name}`), keys[name] && h("kbd", {}, keys[name])));
      const note = h("button", { class: "btn", type: "button", onclick: () => this.setNote(true, true) }, t("act.note"), h("kbd", {}, "N"));
      $("cstop").replaceChildren(icon(mark), h("p", {}, h("b", {}, head), line), h("span", { class: "acts" }, note, ...buttons));
    } else if (!isOpen) $("cstop").replaceChildren(h("p", {}, t("loading")));
    $("cbox").classList.toggle("is-note", this.#isNote);
    $("note").setAttribute("aria-pressed", this.#isNote);
    const name = this.#summary ? nameOf(this.#summary) : "";
    $("field").placeholder = this.#isNote ? t("note.only") : t("replyto", { name });
    $("field").setAttribute("aria-label", $("field").placeholder);
    $("quoting").hidden = !this.#quote || this.#isNote;
    if (this.#quote) $("quoting-words").textContent = gist(this.#quote).text;
    this.#fit();
  }

  async submit() {
    const field = $("field");
    const text = field.value;
    if (!text.trim() || this.#left(text) < 0 || this.#isSaving) return;
    this.#stopTyping();
    this.say(null);
    if (!this.#isNote) {
      if (!standing(this.#summary, this.#me()).may) return;
      this.#rt.send(this.#id, text, this.#quote);
      this.#quote = null;
      field.value = "";
      this.#do.sent();
      return this.render();
    }
    // It leaves the field once it is stored. The same words in the same place go again under the same id, so that a note
    // whose answer was lost is not written twice.
    const id = this.#id;
    if (this.#noteTried?.id !== id || this.#noteTried.text !== text) {
      this.#noteTried = { id, text, temp_id: crypto.randomUUID?.() ?? `n-${Date.now()}-${Math.random()}` };
    }
    this.#isSaving = true;
    this.#fit();
    try {
      await this.#do.note(id, { text, temp_id: this.#noteTried.temp_id });
      this.#noteTried = null;
      if (id === this.#id && field.value === text) {
        field.value = "";
        this.#isNote = false;
      }
      const draft = this.#drafts.get(id);
      if (id !== this.#id && draft?.text === text) this.#drafts.delete(id);
    } catch (error) {
      if (id === this.#id) this.say("note", error);
    }
    this.#isSaving = false;
    this.render();
  }

  #left(text) {
    return this.#rt.limits.text_units - text.length;
  }

  #fit() {
    const field = $("field");
    field.style.height = "auto";
    if (field.value) field.style.height = `${Math.min(field.scrollHeight, 8 * 22 + 16)}px`;
    field.lang = langOf(field.value) ?? "";
    // LINE counts UTF-16 units, and so does `length`.
    const left = this.#left(field.value);
    const number = (n) => n.toLocaleString(lang());
    $("nchars").hidden = field.value.length < COUNT_FROM;
    $("nchars").textContent = left < 0 ? t("toolong", { n: number(-left) }) : `${number(field.value.length)} / ${number(this.#rt.limits.text_units)}`;
    $("nchars").classList.toggle("over", left < 0);
    $("send").disabled = !field.value.trim() || left < 0 || this.#isSaving;
  }

  #typing() {
    if (!$("field").value) return this.#stopTyping();
    clearTimeout(this.#typingTimer);
    this.#typingTimer = setTimeout(() => this.#stopTyping(), TYPING_ENDS);
    if (Date.now() - this.#typedAt < TYPING_EVERY) return;
    this.#typedAt = Date.now();
    this.#rt.tell("typing_start", { conversation_id: this.#id });
  }

  #stopTyping() {
    clearTimeout(this.#typingTimer);
    if (!this.#typedAt) return;
    this.#typedAt = 0;
    this.#rt.tell("typing_stop", { conversation_id: this.#id });
  }
}
