import { beforeEach, describe, expect, it, vi } from "vitest";

const draft = (text: string) => ({ text, isNote: false, since: 7 });

/** As after a reload: the module anew, the disk as it was. */
async function reload() {
  vi.resetModules();
  return import("./drafts");
}

beforeEach(() => localStorage.clear());

describe("drafts", () => {
  it("survive a reload, each with its conversation and operator", async () => {
    const before = await reload();
    before.setDraft(1, 10, draft("one"));
    before.setDraft(1, 11, { text: "two", isNote: true, since: null });
    const after = await reload();
    expect(after.getDraft(1, 10)).toEqual(draft("one"));
    expect(after.getDraft(1, 11)).toEqual({ text: "two", isNote: true, since: null });
    expect(after.getDraft(2, 10).text).toBe("");
  });

  it("leave the disk only when what was sent is kept elsewhere", async () => {
    const { setDraft, getDraft, handOver } = await reload();
    let isKept = () => {};
    const kept = new Promise<void>((resolve) => (isKept = resolve));
    setDraft(1, 10, draft("sent"));
    handOver(1, 10, kept);
    expect(getDraft(1, 10).text).toBe("");
    const crashed = await reload();
    expect(crashed.getDraft(1, 10).text).toBe("sent");
    isKept();
    await kept;
    expect(localStorage).toHaveLength(0);
  });

  it("written before that keep their place", async () => {
    const { setDraft, handOver } = await reload();
    setDraft(1, 10, draft("sent"));
    const kept = Promise.resolve();
    handOver(1, 10, kept);
    setDraft(1, 10, draft("next"));
    await kept;
    const after = await reload();
    expect(after.getDraft(1, 10).text).toBe("next");
  });

  it("leave nothing behind when the field is empty", async () => {
    const { setDraft } = await reload();
    setDraft(1, 10, draft("one"));
    setDraft(1, 10, draft(""));
    expect(localStorage).toHaveLength(0);
  });

  it("are bounded: the oldest goes", async () => {
    const { setDraft, MAX_DRAFTS } = await reload();
    let now = 1000;
    vi.spyOn(Date, "now").mockImplementation(() => now++);
    for (let id = 1; id <= MAX_DRAFTS + 1; id++) setDraft(1, id, draft("text"));
    expect(localStorage).toHaveLength(MAX_DRAFTS);
    const after = await reload();
    expect(after.getDraft(1, 1).text).toBe("");
    expect(after.getDraft(1, 2).text).toBe("text");
  });

  it("are not lost when the disk is full", async () => {
    const { setDraft, getDraft } = await reload();
    vi.spyOn(Storage.prototype, "setItem").mockImplementation(() => {
      throw new DOMException("full", "QuotaExceededError");
    });
    setDraft(1, 10, draft("one"));
    expect(getDraft(1, 10).text).toBe("one");
  });

  it("ignore what something else wrote", async () => {
    localStorage.setItem("linedesk.draft.1.10", "{nonsense");
    localStorage.setItem("linedesk.draft.1.11", JSON.stringify({ text: 5 }));
    const { getDraft } = await reload();
    expect(getDraft(1, 10).text).toBe("");
    expect(getDraft(1, 11).text).toBe("");
  });

  it("follow another tab, but never over what only this one has", async () => {
    const { setDraft, getDraft, followDrafts } = await reload();
    followDrafts();
    const key = "linedesk.draft.1.10";
    const kept = (text: string) => JSON.stringify({ ...draft(text), at: 1 });
    const elsewhere = (oldValue: string | null, newValue: string | null) =>
      dispatchEvent(new StorageEvent("storage", { key, oldValue, newValue }));
    expect(getDraft(1, 10).text).toBe("");
    elsewhere(null, kept("written there"));
    expect(getDraft(1, 10)).toEqual(draft("written there"));
    // One of many that made room on the disk.
    elsewhere(kept("written there"), null);
    expect(getDraft(1, 10).text).toBe("written there");
    elsewhere(kept("written there"), kept(""));
    expect(getDraft(1, 10).text).toBe("");
    setDraft(1, 10, draft("mine alone"));
    elsewhere(null, kept("theirs"));
    expect(getDraft(1, 10).text).toBe("mine alone");
  });

  it("have what goes with the text and what is made beside it, and keep the rest when one of them is sent", async () => {
    const { setDraft, getDraft, handOver, without, countDrafts } = await reload();
    const place = { title: "Shop", address: "", latitude: "", longitude: "" };
    const mentions = [{ name: "Malee", line_user_id: "U1" }];
    const whole = { ...draft("Sure?"), replies: ["Yes"], mentions, card: "{}", place };
    setDraft(1, 10, whole);
    const after = await reload();
    expect(after.getDraft(1, 10)).toEqual(whole);
    handOver(1, 10, Promise.resolve());
    expect(getDraft(1, 10)).toEqual({ text: "", isNote: false, since: null, card: "{}", place });
    handOver(1, 10, Promise.resolve(), without.card);
    await Promise.resolve();
    expect(countDrafts(1)).toBe(1);
    handOver(1, 10, Promise.resolve(), without.place);
    await Promise.resolve();
    expect(countDrafts(1)).toBe(0);
    expect(localStorage).toHaveLength(0);
  });

  it("are forgotten for one operator, here and on the disk; another's stay", async () => {
    const { setDraft, getDraft, clearDrafts } = await reload();
    setDraft(1, 10, draft("one"));
    setDraft(12, 10, draft("other"));
    clearDrafts(1);
    expect(getDraft(1, 10).text).toBe("");
    expect(getDraft(12, 10).text).toBe("other");
    expect(Object.keys(localStorage)).toEqual(["linedesk.draft.12.10"]);
  });
});
