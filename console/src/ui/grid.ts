// A grid that is one stop of the Tab key: the arrows walk in it.

/** Where a key leads from `at`; null: it is none of the grid's. */
export function stepInGrid(key: string, at: number, count: number, columns: number): number | null {
  const by = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns }[key];
  if (key === "Home") return 0;
  if (key === "End") return count - 1;
  if (by === undefined) return null;
  const next = at + by;
  return next < 0 || next >= count ? at : next;
}
