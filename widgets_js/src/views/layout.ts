// Where the boxes of a graph stand, how wide they may be, and how its edges run between them.

export interface Space {
  width: number;
  height: number;
  wide: number; // of a box
  high: number;
  at: { x: number; y: number }[]; // the middles of the boxes
  order: number[]; // row by row
}

const GAP = 8; // pixels between boxes of one row
const [LOW, TALL] = [150, 560];
const NARROWEST = 28;
const ARC = 34; // how far the way of an edge along a row bends out of it

/** Different numbers in their order; those nearer than `same` are one. */
function different(values: number[], same = 0.02): number[] {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted.filter((v, k) => k === 0 || v - sorted[k - 1] > same);
}

/** So tall that the rows stand apart, as far as that is not too tall. */
function heightOf(ys: number[], width: number, high: number): number {
  if (ys.length < 2) return high + 2 * ARC + 12;
  const row = high + (width < 400 ? 44 : 60);
  const least = Math.min(...ys.slice(1).map((y, k) => y - ys[k]));
  const wanted = Math.min(row / least, row * (ys.length - 1)) + high + 4;
  return Math.min(TALL, Math.max(LOW, wanted));
}

/** `wanted` is how wide a box would like to be; no box covers another of its row. */
export function spaceOf(nodes: { x: number; y: number }[], width: number, wanted: number, high: number): Space {
  const ys = different(nodes.map((node) => node.y));
  const flat = ys.length < 2;
  const height = heightOf(ys, width, high);
  const gap = width < 400 ? 4 : GAP;
  const tall = height - high - 4;
  const sameRow = (a: { y: number }, b: { y: number }): boolean => Math.abs(a.y - b.y) * tall < high + 4;
  let nearest = 1;
  for (const [i, a] of nodes.entries()) {
    for (const b of nodes.slice(0, i)) if (sameRow(a, b)) nearest = Math.min(nearest, Math.abs(a.x - b.x));
  }
  // Neighbours are nearest · (width − wide) apart, which must be wide and a gap.
  const fits = (nearest * (width - 4) - gap) / (1 + nearest);
  const wide = Math.max(NARROWEST, Math.min(160, wanted, fits));
  const at = nodes.map((node) => ({
    x: wide / 2 + 2 + node.x * (width - wide - 4),
    y: flat ? height / 2 : high / 2 + 2 + node.y * tall,
  }));
  const order = Array.from(nodes.keys()).sort((a, b) => at[a].y - at[b].y || at[a].x - at[b].x);
  return { width, height, wide, high, at, order };
}

/** A smooth way between two points, by two points that it bends towards. */
function bent(...numbers: number[]): string {
  const [x1, y1, ...rest] = numbers.map((v) => Number(v.toFixed(1)));
  return `M${x1},${y1}C${rest.join(" ")}`;
}

/** The way of an edge: from the side of one box to the side of the other. */
export function edgePath({ at, wide, high }: Space, from: number, to: number): string {
  const [a, b] = [at[from], at[to]];
  const half = high / 2;
  if (Math.abs(b.y - a.y) > high) {
    const side = Math.sign(b.y - a.y) * half;
    const middle = (a.y + b.y) / 2;
    return bent(a.x, a.y + side, a.x, middle, b.x, middle, b.x, b.y - side);
  }
  if (from !== to && Math.abs(b.x - a.x) < 1.6 * wide + GAP) {
    const side = (Math.sign(b.x - a.x || 1) * wide) / 2;
    const middle = (a.x + b.x) / 2;
    return bent(a.x + side, a.y, middle, a.y, middle, b.y, b.x - side, b.y);
  }
  // Along a row, past the boxes that stand between: over them, in the top row under them; a loop at its own box.
  const side = Math.min(a.y, b.y) - half < ARC ? 1 : -1;
  const past = (side < 0 ? Math.min(a.y, b.y) : Math.max(a.y, b.y)) + side * (half + ARC);
  const [x1, x2] = from === to ? [a.x - 9, a.x + 9] : [a.x, b.x];
  const out = from === to ? 16 : 0;
  return bent(x1, a.y + side * half, x1 - out, past, x2 + out, past, x2, b.y + side * half);
}

/** The next box: along the order of reading, or the nearest one of the next row. */
export function nextNode({ at, order, high }: Space, k: number, down: number, across: number): number {
  if (across) return order[Math.min(order.length - 1, Math.max(0, order.indexOf(k) + across))];
  const beyond = order.filter((i) => down * (at[i].y - at[k].y) > high / 2);
  if (!beyond.length) return k;
  const row = Math.min(...beyond.map((i) => Math.abs(at[i].y - at[k].y))) + high / 2;
  const near = beyond.filter((i) => Math.abs(at[i].y - at[k].y) <= row);
  return near.reduce((best, i) => (Math.abs(at[i].x - at[k].x) < Math.abs(at[best].x - at[k].x) ? i : best), near[0]);
}
