// How long to wait before trying for the desk again: longer each time, and not all browsers at once.

const FIRST = 500;
const MOST = 30_000;

/** In milliseconds; `tries`: how many were in vain before this one. `random`: 0 ≤ n < 1. */
export function backoff(tries: number, random: number): number {
  return Math.min(FIRST * 2 ** tries, MOST) * (0.5 + random / 2);
}
