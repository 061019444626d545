// Where the colours of a map end.

/** The largest magnitude. */
export function limitOf(values: ArrayLike<number>): number {
  let most = 0;
  for (let i = 0; i < values.length; i++) most = Math.max(most, Math.abs(values[i]));
  return most || 1;
}

/** The 99.5th percentile of the magnitude. */
export function quantile(values: Float32Array): number {
  const sorted = values.map(Math.abs).sort();
  return sorted[Math.floor(0.995 * (sorted.length - 1))] || sorted[sorted.length - 1] || 1;
}
