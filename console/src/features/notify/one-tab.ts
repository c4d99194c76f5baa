// Of all tabs that hear of the same thing, one tells it. A claim is per happening, not per tab: whoever is best placed
// (looked at, else able to sound) asks first and gets it.

/** How long a claim keeps others away: longer than tabs can differ in hearing of it. */
const HOLD_MS = 10_000;
/** How long a tab without locks listens for others who want the same. */
const TIE_MS = 80;

export type Claims = { claim(key: string): Promise<boolean>; stop(): void };

export function makeClaims(): Claims {
  if (navigator.locks) return { claim: claimLock, stop: () => {} };
  // Without a secure context (plain http in an office network) there are no locks.
  if (typeof BroadcastChannel !== "undefined") return channelClaims(new BroadcastChannel("linedesk.notify"));
  return { claim: async () => true, stop: () => {} };
}

function claimLock(key: string): Promise<boolean> {
  return new Promise((resolve) => {
    navigator.locks
      .request(`linedesk.notify.${key}`, { ifAvailable: true }, (lock) => {
        resolve(lock !== null);
        return lock === null ? undefined : after(HOLD_MS);
      })
      // Better told twice than not at all.
      .catch(() => resolve(true));
  });
}

/** The channel's part that is needed. */
export type Channel = {
  postMessage(message: unknown): void;
  onmessage: ((event: MessageEvent) => void) | null;
  close(): void;
};

/** Everyone says what they want; who said it first has it, and of those who said it at once the smallest number. */
export function channelClaims(channel: Channel, me: number = Math.random()): Claims {
  const wanted = new Map<string, number>();
  const want = (key: string, who: number) => {
    const before = wanted.get(key);
    wanted.set(key, before === undefined ? who : Math.min(before, who));
    void after(HOLD_MS).then(() => wanted.delete(key));
  };
  channel.onmessage = ({ data }: MessageEvent<unknown>) => {
    if (Array.isArray(data) && typeof data[0] === "string" && typeof data[1] === "number") want(data[0], data[1]);
  };
  return {
    async claim(key) {
      if (wanted.has(key)) return false;
      channel.postMessage([key, me]);
      want(key, me);
      await after(TIE_MS);
      return wanted.get(key) === me;
    },
    stop: () => channel.close(),
  };
}

const after = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
