// How large a file is, in words: "2.1 MB".
const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte"];

/** Decimal, as LINE's limits are. */
export function fileSize(bytes: number, locale: string): string {
  const step = Math.min(UNITS.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(bytes, 1)) / 3)));
  const format = new Intl.NumberFormat(locale, {
    style: "unit",
    unit: UNITS[step] ?? "byte",
    unitDisplay: step === 0 ? "long" : "short",
    maximumFractionDigits: 1,
  });
  return format.format(bytes / 1000 ** step);
}
