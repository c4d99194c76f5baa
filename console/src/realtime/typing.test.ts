// @vitest-environment node
import { expect, test } from "vitest";
import { stage } from "./testing/stage";
import { Typing } from "./typing";

function typist() {
  const { clock, browser, desk } = stage();
  const said: { type: string; at: number }[] = [];
  const from = clock.now;
  const tab = browser.openTab((events) => desk.connect(events));
  const typing = new Typing(tab.environment, { tell: (type) => said.push({ type, at: clock.now - from }) });
  return { clock, typing, said };
}

test("ws7: keystrokes are told at most every 2 s, and again before they lapse", async () => {
  const { clock, typing, said } = typist();
  for (let n = 0; n < 100; n++) {
    typing.set(1, true);
    await clock.pass(100);
  }
  const starts = said.filter(({ type }) => type === "typing_start").map(({ at }) => at);
  expect(starts).toEqual([0, 4_000, 8_000]);
  await clock.pass(6_000);
  expect(said.at(-1)).toEqual({ type: "typing_stop", at: 9_900 + 5_000 });
});

test("ws7: start, stop, start in a hurry keeps the pace", async () => {
  const { clock, typing, said } = typist();
  typing.set(1, true);
  await clock.pass(500);
  typing.set(1, false);
  await clock.pass(500);
  typing.set(1, true);
  await clock.pass(3_000);
  expect(said).toEqual([
    { type: "typing_start", at: 0 },
    { type: "typing_stop", at: 500 },
    { type: "typing_start", at: 2_100 },
  ]);
});

test("another room says nothing of the one before: the desk does that by itself", async () => {
  const { clock, typing, said } = typist();
  typing.set(1, true);
  typing.reset();
  await clock.pass(10_000);
  expect(said.length).toBe(1);
});

test("a clock that was set back does not silence it", async () => {
  const { clock, typing, said } = typist();
  typing.set(1, true);
  await clock.pass(10_000);
  clock.now -= 3_600_000;
  typing.set(1, true);
  expect(said.map(({ type }) => type)).toEqual(["typing_start", "typing_stop", "typing_start"]);
});
