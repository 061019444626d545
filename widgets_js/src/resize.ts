// Small maps made large: cell by cell, or interpolated between the middles of the cells.

/** A map of `w` × `h` cells at W × H. */
export function resize(
  values: ArrayLike<number>,
  w: number,
  h: number,
  W: number,
  H: number,
  smooth: boolean,
): Float32Array {
  const out = new Float32Array(W * H);
  const place = (k: number, from: number, to: number): number =>
    Math.min(from - 1, Math.max(0, ((k + 0.5) * from) / to - 0.5));
  for (let row = 0; row < H; row++) {
    const y = smooth ? place(row, h, H) : Math.floor((row * h) / H);
    const [y0, y1] = [Math.floor(y), Math.min(h - 1, Math.floor(y) + 1)];
    for (let column = 0; column < W; column++) {
      const x = smooth ? place(column, w, W) : Math.floor((column * w) / W);
      const [x0, x1] = [Math.floor(x), Math.min(w - 1, Math.floor(x) + 1)];
      const [fx, fy] = [x - x0, y - y0];
      const top = values[y0 * w + x0] * (1 - fx) + values[y0 * w + x1] * fx;
      const low = values[y1 * w + x0] * (1 - fx) + values[y1 * w + x1] * fx;
      out[row * W + column] = top * (1 - fy) + low * fy;
    }
  }
  return out;
}
