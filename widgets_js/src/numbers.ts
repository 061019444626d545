// How numbers are written and kept within their range: one way in all widgets.

/** A number in about four characters of meaning, with a true minus sign. */
export function number(value: number, digits = 3): string {
  if (!Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e5))
    return value.toExponential(1).replace("-", "−").replace("e+", "e").replace("e-", "e−");
  const places = Math.max(0, digits - 1 - Math.floor(Math.log10(size || 1)));
  return Number(value.toPrecision(digits)).toFixed(places).replace("-", "−");
}

/** The same with its sign written. */
export const signed = (value: number, digits = 3): string => (value > 0 ? "+" : "") + number(value, digits);

/** A whole number from 0 to `last`. */
export const within = (k: number, last: number): number => Math.max(0, Math.min(last, Math.round(k)));
