// A clock, a browser and a desk on which nothing goes wrong by itself.
import { FakeBrowser } from "./browser";
import { Clock, seeded } from "./clock";
import { ScriptedDesk } from "./desk";
import { Screen } from "./screen";

export type Stage = { clock: Clock; browser: FakeBrowser; desk: ScriptedDesk };

export function stage(): Stage {
  const clock = new Clock();
  const random = seeded(1);
  return { clock, browser: new FakeBrowser(clock, random), desk: new ScriptedDesk(clock, random) };
}

/** A page that is live. */
export async function livePage({ clock, browser, desk }: Stage): Promise<Screen> {
  const page = new Screen(browser, desk);
  page.load();
  await clock.pass(500);
  return page;
}

export function payloadsOf(desk: ScriptedDesk, type: string): Record<string, unknown>[] {
  return desk.received.filter((one) => one.type === type).map(({ payload }) => payload);
}
