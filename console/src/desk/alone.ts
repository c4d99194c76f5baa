// One refresh at a time over all tabs: a refresh cookie that is used twice ends the whole sign-in (AU2).
import type { DeskEnvironment } from "./environment";

const NAME = "linedesk.refresh";
/** Since when a refresh is under way. What a page that is gone has left here may still be on its way to the desk. */
const UNDER_WAY = "linedesk.refresh_since";
const UNDER_WAY_MS = 1500;

const LEASE = "linedesk.refresh_lock";
const LEASE_MS = 5000;
const LEASE_TRIES = 60;

export async function alone<T>(environment: DeskEnvironment, work: () => Promise<T>): Promise<T> {
  const careful = () => afterTheGone(environment, work);
  return environment.locks ? environment.locks(NAME, careful) : leased(environment, careful);
}

/** Whoever reloads twice in a second must not send the cookie twice: the first request lives on without its page. */
async function afterTheGone<T>(environment: DeskEnvironment, work: () => Promise<T>): Promise<T> {
  const { storage, now } = environment;
  const age = now() - Number(storage.get(UNDER_WAY) ?? 0);
  if (age >= 0 && age < UNDER_WAY_MS) await pause(environment, UNDER_WAY_MS - age);
  storage.set(UNDER_WAY, String(now()));
  try {
    return await work();
  } finally {
    storage.remove(UNDER_WAY);
  }
}

/** Plain http on a local network has no Web Locks: a lease in the storage that the tabs share. */
async function leased<T>(environment: DeskEnvironment, work: () => Promise<T>): Promise<T> {
  const { storage, now } = environment;
  const mine = environment.newId();
  const isMine = () => storage.get(LEASE)?.startsWith(mine) ?? false;
  for (let tries = 0; tries < LEASE_TRIES; tries++) {
    const until = Number((storage.get(LEASE) ?? "|0").split("|")[1]);
    if (until < now()) {
      storage.set(LEASE, `${mine}|${now() + LEASE_MS}`);
      // Two that write in the same instant: the later one stays, and both see it.
      await pause(environment, 50);
      if (isMine()) break;
    }
    await pause(environment, 100);
  }
  try {
    return await work();
  } finally {
    if (isMine()) storage.remove(LEASE);
  }
}

function pause(environment: DeskEnvironment, ms: number): Promise<void> {
  return new Promise((done) => environment.later(ms, done));
}
