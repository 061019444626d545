// Points in a plane: quiet axes, a colour and a shape for each group, and the point under the pointer by its name.

import { extent, ticks, tickText } from "../chart";
import { tokens } from "../colour";
import { h, s } from "../dom";
import { clipped } from "../names";
import { number } from "../numbers";
import { floats } from "../wire";
import type { PointsStep, Say, View } from "./step";
import { walks, widthOf } from "./walk";

const [LEFT, RIGHT, TOP, BOTTOM] = [46, 14, 24, 40];
const NEAR = 40; // pixels within which the pointer finds a point

/** Outlines around (0, 0) of about the same area: circle, square, triangle, diamond, … */
const SHAPES = [
  "M-1,0a1,1 0 1 0 2,0a1,1 0 1 0-2,0z",
  "M-.9-.9h1.8v1.8h-1.8z",
  "M0-1.2L1.1.8H-1.1z",
  "M0-1.3L1.2,0L0,1.3L-1.2,0z",
  "M0,1.2L1.1-.8H-1.1z",
  "M-.4-1.2h.8v.8h.8v.8h-.8v.8h-.8v-.8h-.8v-.8h.8z",
  "M-1.2-.6L-.6-1.2L0-.6L.6-1.2L1.2-.6L.6,0L1.2,.6L.6,1.2L0,.6L-.6,1.2L-1.2,.6L-.6,0z",
  "M0-1.3L1.24-.4L.76,1.05H-.76L-1.24-.4z",
];

/** The last category is black: in the dark the ink stands for it. */
const colourOf = (group: number): string => {
  const colour = tokens.categories[group % tokens.categories.length];
  return colour === "#000000" ? "var(--ink)" : colour;
};

/** The mark of a group around (x, y): after eight groups the shapes go round by one. */
function mark(group: number, x: number, y: number, radius: number, kind = "xk-mark-of"): SVGElement {
  const shape = (group + Math.floor(group / SHAPES.length)) % SHAPES.length;
  const transform = `translate(${x.toFixed(1)},${y.toFixed(1)}) scale(${radius})`;
  return s("path", { d: SHAPES[shape], transform, class: kind, style: `--of:${colourOf(group)}` });
}

function unpack(step: PointsStep) {
  const xy = floats(step.points);
  const n = xy.length / 2;
  const [x, y] = [0, 1].map((side) => Float32Array.from({ length: n }, (_, k) => xy[2 * k + side]));
  const [across, down] = step.axes ?? ["x", "y"];
  const group = (k: number): number => step.groups?.[k] ?? 0;
  const name = (k: number): string => step.names?.[k] ?? `point ${k}`;
  const of = (k: number): string => (step.groups && step.group_names?.[group(k)]) ?? "";
  const read = (k: number): string => {
    const member = of(k) && ` (${of(k)})`;
    return `${name(k)}${member}: ${across} ${number(x[k])}, ${down} ${number(y[k])}`;
  };
  return { n, x, y, across, down, group, name, read };
}

type Points = ReturnType<typeof unpack>;

/** From numbers to pixels; recomputed when the width changes. */
function spaceOf({ x, y }: Points, width: number) {
  const height = Math.min(400, Math.max(240, Math.round(0.62 * width)));
  const wider = ([low, high]: [number, number]): [number, number] => {
    const room = 0.05 * (high - low);
    return [low - room, high + room];
  };
  const [[x0, x1], [y0, y1]] = [wider(extent([x])), wider(extent([y]))];
  return {
    width,
    height,
    xs: ticks(x0, x1, width < 400 ? 4 : 5),
    ys: ticks(y0, y1),
    X: (v: number): number => LEFT + ((v - x0) / (x1 - x0)) * (width - LEFT - RIGHT),
    Y: (v: number): number => height - BOTTOM - ((v - y0) / (y1 - y0)) * (height - TOP - BOTTOM),
  };
}

type Space = ReturnType<typeof spaceOf>;

function axesOf({ width, height, xs, ys, X, Y }: Space, { across, down }: Points): SVGElement[] {
  const [right, bottom] = [width - RIGHT, height - BOTTOM];
  const kind = (v: number): string => (v === 0 ? "xk-zero" : "xk-grid");
  return [
    ...ys.map((v) => s("line", { x1: LEFT, x2: right, y1: Y(v), y2: Y(v), class: kind(v) })),
    ...xs.map((v) => s("line", { x1: X(v), x2: X(v), y1: TOP, y2: bottom, class: kind(v) })),
    ...ys.map((v) => s("text", { x: LEFT - 7, y: Y(v) + 4, "text-anchor": "end" }, tickText(v))),
    ...xs.map((v) => s("text", { x: X(v), y: bottom + 18, "text-anchor": "middle" }, tickText(v))),
    s("text", { x: (LEFT + right) / 2, y: height - 4, "text-anchor": "middle" }, clipped(across, 40)),
    s("text", { x: LEFT - 38, y: 12 }, clipped(down, 40)),
  ];
}

/** The chosen point, larger, with its name beside it. */
function chosenMark({ X, Y, width }: Space, points: Points, k: number): SVGElement[] {
  const [x, y] = [X(points.x[k]), Y(points.y[k])];
  const left = x > width / 2;
  const place = { x: left ? x - 12 : x + 12, y: y + 4, "text-anchor": left ? "end" : "start" };
  return [
    s("circle", { cx: x, cy: y, r: 11, class: "xk-ring" }),
    mark(points.group(k), x, y, 6.5),
    s("text", { ...place, class: "xk-strong xk-halo" }, clipped(points.name(k), 24)),
  ];
}

function groupKey(names: string[]): HTMLElement {
  const icon = (group: number): SVGElement =>
    s("svg", { viewBox: "-7 -7 14 14", width: 14, height: 14, "aria-hidden": "true" }, mark(group, 0, 0, 5));
  return h("div", { class: "xk-key xk-close" }, ...names.map((name, group) => h("span", {}, icon(group), name)));
}

/** The arrow keys go through the points from left to right, and from the bottom to the top. */
function orderBy(values: Float32Array): { order: number[]; rank: number[] } {
  const order = Array.from(values.keys()).sort((a, b) => values[a] - values[b] || a - b);
  const rank: number[] = [];
  for (const [place, k] of order.entries()) rank[k] = place;
  return { order, rank };
}

export function pointsView(step: PointsStep, say: Say): View {
  const points = unpack(step);
  const { n, x, y } = points;
  const groups = step.group_names ? `, in groups: ${step.group_names.join(", ")}` : "";
  const words = `${step.name.replaceAll("_", " ")}: ${n} points, ${points.across} against ${points.down}${groups}`;
  const label = `${words}. Arrow keys go from point to point.`;
  const svg = s("svg", { class: "xk-chart xk-plane", role: "img", tabindex: "0", "aria-label": label });
  const chosen = s("g");
  const read = h("div", { class: "xk-value xk-wrap" }, "point at a mark");
  const [byX, byY] = [orderBy(x), orderBy(y)];
  let space = spaceOf(points, 600);

  const choose = (k: number): void => {
    chosen.replaceChildren(...(k < 0 ? [] : chosenMark(space, points, k)));
    read.textContent = k < 0 ? "point at a mark" : points.read(k);
    if (k >= 0) say(points.read(k));
  };
  const nearest = (px: number, py: number): number => {
    const far = (k: number): number => Math.hypot(space.X(x[k]) - px, space.Y(y[k]) - py);
    let best = -1;
    for (let k = 0; k < n; k++) if (far(k) < (best < 0 ? NEAR : far(best))) best = k;
    return best;
  };
  const walk = walks(svg, () => space.width, {
    at: nearest,
    next(k, down, across) {
      const { order, rank } = across ? byX : byY;
      return order[Math.min(n - 1, Math.max(0, rank[k] + across - down))];
    },
    first: () => byX.order[0] ?? -1,
    last: () => byX.order[n - 1] ?? -1,
    choose,
  });

  return {
    nodes: [...(step.group_names ? [groupKey(step.group_names)] : []), svg, read],
    paint() {
      space = spaceOf(points, widthOf(svg));
      const radius = n > 400 ? 3 : 4.2;
      const marks = Array.from({ length: n }, (_, k) => mark(points.group(k), space.X(x[k]), space.Y(y[k]), radius));
      svg.setAttribute("viewBox", `0 0 ${space.width} ${space.height}`);
      svg.replaceChildren(...axesOf(space, points), ...marks, chosen);
      choose(walk.chosen());
    },
  };
}
