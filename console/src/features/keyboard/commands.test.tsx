import { cleanup, fireEvent, render } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Command, formatKeys, registeredCommands, useCommand } from "./commands";
import { listenForKeys } from "./dispatch";

type Wish = Omit<Partial<Command>, "keys"> & { keys: readonly string[] };

function One({ wish }: { wish: Wish }) {
  useCommand({ id: "one", label: "One", run: () => {}, ...wish });
  return null;
}

const press = (key: string, over: KeyboardEventInit = {}, at: Element = document.body) =>
  fireEvent.keyDown(at, { key, ...over });

let stop: () => void;
beforeEach(() => {
  stop = listenForKeys();
});
afterEach(() => {
  stop();
  cleanup();
  vi.useRealTimers();
});

function mount(wish: Wish, extra: React.ReactNode = null) {
  const run = vi.fn();
  const page = render(
    <>
      <One wish={{ run, ...wish }} />
      {extra}
    </>,
  );
  return { run, page };
}

describe("keys", () => {
  it("runs a command while it is mounted, and no longer", () => {
    const { run, page } = mount({ keys: ["c"] });
    expect(press("c")).toBe(false);
    page.unmount();
    expect(press("c")).toBe(true);
    expect(run).toHaveBeenCalledTimes(1);
    expect(registeredCommands()).toEqual([]);
  });

  it("runs the newest `run` without registering anew", () => {
    const first = vi.fn();
    const second = vi.fn();
    const page = render(<One wish={{ keys: ["c"], run: first }} />);
    page.rerender(<One wish={{ keys: ["c"], run: second }} />);
    press("c");
    expect(first).not.toHaveBeenCalled();
    expect(second).toHaveBeenCalledTimes(1);
  });

  it("prefers what was mounted later, also when its words change", () => {
    const early = vi.fn();
    const late = vi.fn();
    const both = (label: string) => (
      <>
        <One wish={{ id: "early", keys: ["c"], label, run: early }} />
        <One wish={{ id: "late", keys: ["c"], run: late }} />
      </>
    );
    const page = render(both("a"));
    page.rerender(both("b"));
    press("c");
    expect(early).not.toHaveBeenCalled();
    expect(late).toHaveBeenCalledTimes(1);
  });

  it("leaves a key to the page when its command is not enabled", () => {
    const { run } = mount({ keys: ["c"], isEnabled: false });
    expect(press("c")).toBe(true);
    expect(run).not.toHaveBeenCalled();
  });

  it("waits for the second key of a sequence, for a while", () => {
    vi.useFakeTimers();
    const { run } = mount({ keys: ["g q"] });
    press("g");
    press("q");
    expect(run).toHaveBeenCalledTimes(1);
    press("g");
    vi.advanceTimersByTime(2_000);
    press("q");
    expect(run).toHaveBeenCalledTimes(1);
  });

  it("takes a key that does not go on with the sequence for itself", () => {
    const claim = vi.fn();
    mount({ keys: ["g q"] }, <One wish={{ id: "claim", keys: ["c"], run: claim }} />);
    press("g");
    press("c");
    expect(claim).toHaveBeenCalledTimes(1);
  });

  it.each([
    ["mod+k", { key: "k", ctrlKey: true }, true],
    ["mod+k", { key: "k", ctrlKey: true, shiftKey: true }, false],
    ["mod+k", { key: "k" }, false],
    ["k", { key: "k", ctrlKey: true }, false],
    ["mod+shift+f", { key: "F", ctrlKey: true, shiftKey: true }, true],
    ["alt+ArrowDown", { key: "ArrowDown", altKey: true }, true],
    ["?", { key: "?", shiftKey: true }, true],
    // The same keys on a Thai layout.
    ["c", { key: "แ", code: "KeyC" }, true],
    ["?", { key: "ฦ", code: "Slash", shiftKey: true }, true],
    ["c", { key: "C", shiftKey: true }, false],
  ])("%s on %o: %s", (keys, init, isMeant) => {
    const { run } = mount({ keys: [keys] });
    fireEvent.keyDown(document.body, init);
    expect(run).toHaveBeenCalledTimes(isMeant ? 1 : 0);
  });

  it("does not repeat what is held down, but for walking", () => {
    const { run } = mount({ keys: ["c", "j"] });
    press("c", { repeat: true });
    expect(run).not.toHaveBeenCalled();
    press("j", { repeat: true });
    expect(run).toHaveBeenCalledTimes(1);
  });
});

describe("where one writes", () => {
  const field = <textarea aria-label="Reply" />;

  it("keeps plain keys for the text, and runs those with Ctrl", () => {
    const { run, page } = mount({ keys: ["c", "mod+Enter"] }, field);
    press("c", {}, page.getByLabelText("Reply"));
    expect(run).not.toHaveBeenCalled();
    press("Enter", { ctrlKey: true }, page.getByLabelText("Reply"));
    expect(run).toHaveBeenCalledTimes(1);
  });

  it("runs plain keys that are meant for fields", () => {
    const { run, page } = mount({ keys: ["Escape"], inFields: true }, field);
    press("Escape", {}, page.getByLabelText("Reply"));
    expect(run).toHaveBeenCalledTimes(1);
  });

  it.each([{ isComposing: true }, { keyCode: 229 }])("does nothing while composing: %o", (init) => {
    const { run, page } = mount({ keys: ["mod+Enter"], inFields: true }, field);
    press("Enter", { ctrlKey: true, ...init }, page.getByLabelText("Reply"));
    expect(run).not.toHaveBeenCalled();
  });

  it("leaves Enter to the button that has the focus", () => {
    const { run, page } = mount({ keys: ["Enter"] }, <button type="button">Send</button>);
    press("Enter", {}, page.getByRole("button"));
    expect(run).not.toHaveBeenCalled();
  });
});

describe("under a dialog or a menu", () => {
  it.each(["dialog", "alertdialog", "menu"])("a %s keeps its keys", (role) => {
    const { run } = mount({ keys: ["c", "mod+Enter"], inFields: true }, <div role={role} />);
    press("c");
    press("Enter", { ctrlKey: true });
    expect(run).not.toHaveBeenCalled();
  });

  it("runs what belongs to the dialog", () => {
    const { run } = mount({ keys: ["mod+Enter"], inDialogs: true }, <div role="dialog" />);
    press("Enter", { ctrlKey: true });
    expect(run).toHaveBeenCalledTimes(1);
  });

  it("does not mind one that is closed but kept in the page", () => {
    const { run } = mount({ keys: ["c"] }, <div role="menu" hidden />);
    press("c");
    expect(run).toHaveBeenCalledTimes(1);
  });
});

it.each([
  ["c", "c"],
  ["g q", "g q"],
  ["mod+Enter", "Ctrl+Enter"],
  ["mod+shift+f", "Ctrl+Shift+F"],
  ["alt+ArrowDown", "Alt+↓"],
  ["Escape", "Esc"],
])("shows %s as %s", (keys, shown) => {
  expect(formatKeys(keys)).toBe(shown);
});
