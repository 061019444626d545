// The rim of regions in a map of region numbers.

/** Where a region meets another one: 1 on its rim. */
export function rim(labels: ArrayLike<number>, width: number, of: (label: number) => boolean): Uint8Array {
  const out = new Uint8Array(labels.length);
  for (let i = 0; i < labels.length; i++) {
    if (!of(labels[i])) continue;
    const edge = i % width === 0 || i % width === width - 1 || i < width || i >= labels.length - width;
    out[i] = Number(
      edge || !of(labels[i - 1]) || !of(labels[i + 1]) || !of(labels[i - width]) || !of(labels[i + width]),
    );
  }
  return out;
}
