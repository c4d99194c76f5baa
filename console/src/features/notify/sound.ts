// The sounds, made on the spot: nothing is loaded. Browsers keep a page silent until one has clicked or typed in it,
// so whether it can be heard is a state that the settings show.
import { createStore } from "zustand/vanilla";
import type { Tone } from "./settings";

/** `blocked`: until a click or a key. `none`: this browser has no sound. */
export type SoundState = "blocked" | "ready" | "none";

export const soundStore = createStore<{ state: SoundState }>(() => ({ state: "blocked" }));

let context: AudioContext | null = null;

/** Listens for the first click or key, which is what the browser waits for. Returns the way to stop. */
export function unlockSound(): () => void {
  if (typeof AudioContext === "undefined") soundStore.setState({ state: "none" });
  const unlock = () => {
    if (soundStore.getState().state === "blocked") void wake().then((awake) => awake && rest(awake));
  };
  const events = ["pointerdown", "keydown"] as const;
  for (const event of events) addEventListener(event, unlock, { capture: true, passive: true });
  if (navigator.userActivation?.hasBeenActive) unlock();
  return () => {
    for (const event of events) removeEventListener(event, unlock, { capture: true });
  };
}

/** Whether it could be heard. */
export async function play(tone: Tone | "tick", volume: number): Promise<boolean> {
  const awake = await wake();
  if (!awake) return false;
  const out = awake.createGain();
  out.gain.value = volume * volume;
  out.connect(awake.destination);
  // A little later than now: a start that is over already clicks.
  const begin = awake.currentTime + 0.02;
  for (const note of SCORES[tone]) sound(awake, out, note, begin);
  rest(awake);
  return true;
}

/** Longer than any of the sounds. */
const REST_MS = 3_000;
let resting: ReturnType<typeof setTimeout> | undefined;

/** A running context keeps the machine awake for silence. */
function rest(awake: AudioContext): void {
  clearTimeout(resting);
  resting = setTimeout(() => void awake.suspend().catch(() => {}), REST_MS);
}

async function wake(): Promise<AudioContext | null> {
  if (typeof AudioContext === "undefined") return null;
  // Made before a gesture it would be born silent, and the browser would complain.
  if (!context && navigator.userActivation && !navigator.userActivation.hasBeenActive) return null;
  context ??= new AudioContext();
  if (context.state !== "running") await Promise.race([context.resume().catch(() => {}), soon()]);
  const isRunning = context.state === "running";
  if (soundStore.getState().state !== (isRunning ? "ready" : "blocked")) {
    soundStore.setState({ state: isRunning ? "ready" : "blocked" });
  }
  return isRunning ? context : null;
}

/** A blocked `resume` never answers. */
const soon = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 300));

/** `at` and `lasts` in seconds, `from` and `to` in hertz, `level` 0 to 1. */
type Note = { at: number; lasts: number; from: number; to?: number; level: number; wave: OscillatorType };

const SCORES: Record<Tone | "tick", readonly Note[]> = {
  bell: [
    { at: 0, lasts: 0.9, from: 880, level: 0.4, wave: "sine" },
    { at: 0, lasts: 0.5, from: 2_217, level: 0.12, wave: "sine" },
    { at: 0.16, lasts: 1.1, from: 1_175, level: 0.36, wave: "sine" },
  ],
  drop: [
    { at: 0, lasts: 0.16, from: 520, to: 1_050, level: 0.5, wave: "sine" },
    { at: 0.18, lasts: 0.22, from: 700, to: 1_400, level: 0.4, wave: "sine" },
  ],
  knock: [
    { at: 0, lasts: 0.09, from: 240, to: 120, level: 0.9, wave: "triangle" },
    { at: 0.15, lasts: 0.09, from: 240, to: 120, level: 0.9, wave: "triangle" },
    { at: 0.36, lasts: 0.12, from: 210, to: 105, level: 0.8, wave: "triangle" },
  ],
  tick: [{ at: 0, lasts: 0.05, from: 1_320, level: 0.15, wave: "sine" }],
};

function sound(context: AudioContext, out: AudioNode, note: Note, begin: number): void {
  const start = begin + note.at;
  const end = start + note.lasts;
  const wave = context.createOscillator();
  const level = context.createGain();
  wave.type = note.wave;
  wave.frequency.setValueAtTime(note.from, start);
  if (note.to) wave.frequency.exponentialRampToValueAtTime(note.to, end);
  level.gain.setValueAtTime(0.0001, start);
  level.gain.exponentialRampToValueAtTime(note.level, start + 0.008);
  level.gain.exponentialRampToValueAtTime(0.0001, end);
  wave.connect(level).connect(out);
  wave.start(start);
  wave.stop(end + 0.02);
}
