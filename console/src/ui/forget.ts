// What lives in modules, and not in the screens, outlives a change of who sits here. Whoever keeps such a thing says how
// it is forgotten; parts that load late say so when they load.
const ways: (() => void)[] = [];

export const onForget = (forget: () => void): void => void ways.push(forget);

export function forgetAll(): void {
  for (const forget of ways) forget();
}
