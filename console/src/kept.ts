// What stays in this browser beyond the page, shared by all its tabs. A browser that keeps nothing, or has no room, throws
// on touch: then nothing is kept, and what was chosen holds until the page is left.

export function kept(key: string): string | null {
  return attempt(() => localStorage.getItem(key)) ?? null;
}

export function keep(key: string, value: string): void {
  attempt(() => localStorage.setItem(key, value));
}

export function keepNoMore(key: string): void {
  attempt(() => localStorage.removeItem(key));
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
