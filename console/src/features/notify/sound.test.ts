import { afterEach, beforeEach, expect, it, vi } from "vitest";

const param = () => ({ value: 0, setValueAtTime: vi.fn(), exponentialRampToValueAtTime: vi.fn() });

/** A context that starts when the browser lets it. */
function fakeAudio(isAllowed: () => boolean) {
  const started = vi.fn();
  class FakeContext {
    state = "suspended";
    currentTime = 0;
    destination = {};
    createGain = () => ({ gain: param(), connect: (next: unknown) => next });
    createOscillator = () => ({
      type: "",
      frequency: param(),
      connect: (next: unknown) => next,
      start: started,
      stop: vi.fn(),
    });
    async resume() {
      if (!isAllowed()) await new Promise(() => {});
      this.state = "running";
    }
    async suspend() {
      this.state = "suspended";
    }
  }
  vi.stubGlobal("AudioContext", FakeContext);
  return started;
}

beforeEach(() => {
  vi.resetModules();
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

it("is blocked until the browser lets it, and says so", async () => {
  let isAllowed = false;
  const started = fakeAudio(() => isAllowed);
  const { play, soundStore } = await import("./sound");
  const first = play("bell", 1);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(await first).toBe(false);
  expect(soundStore.getState().state).toBe("blocked");
  isAllowed = true;
  expect(await play("bell", 1)).toBe(true);
  expect(soundStore.getState().state).toBe("ready");
  expect(started).toHaveBeenCalledTimes(3);
});

it("is ready after the first key, and sounds again after a rest", async () => {
  const started = fakeAudio(() => true);
  const { play, soundStore, unlockSound } = await import("./sound");
  const stop = unlockSound();
  dispatchEvent(new KeyboardEvent("keydown"));
  await vi.advanceTimersByTimeAsync(10_000);
  expect(soundStore.getState().state).toBe("ready");
  expect(await play("tick", 1)).toBe(true);
  expect(started).toHaveBeenCalledTimes(1);
  stop();
});

it("says when the browser has no sound", async () => {
  vi.stubGlobal("AudioContext", undefined);
  const { play, soundStore, unlockSound } = await import("./sound");
  unlockSound()();
  expect(soundStore.getState().state).toBe("none");
  expect(await play("bell", 1)).toBe(false);
});
