// A line chart: one axis left, one marker that can be dragged, bands and lines.

import { h, s } from "./dom";
import { number } from "./numbers";

export interface Line {
  x: ArrayLike<number>;
  y: ArrayLike<number>;
  colour: string;
  name: string;
  dashed?: boolean;
  dots?: boolean;
}

export interface Drawing {
  lines: Line[];
  xName: string;
  yName: string;
  at?: number; // where the marker stands, in x
  band?: { from: number; to: number; name: string };
  mark?: { at: number; name: string }; // a thin line, such as the learner's guess
  xRange?: [number, number];
  fromZero?: boolean;
}

const [HEIGHT, LEFT, RIGHT, TOP, BOTTOM] = [220, 46, 14, 24, 40];

/** About five round numbers that span the values. */
export function ticks(low: number, high: number, about = 4): number[] {
  const span = high - low || Math.abs(high) || 1;
  const rough = span / about;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((m) => m * power >= rough * 0.999) ?? 10);
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, k) => Number(((first + k) * step).toPrecision(12)));
}

/** A tick as short as it can be: without the zeros at its end. */
export const tickText = (v: number): string =>
  number(v, 3)
    .replace(/(\.\d*?)0+(?=$|e)/, "$1")
    .replace(/\.(?=$|e)/, "");

/** A chart; `pick` is called with x while the learner points into it. */
export function chart(
  label: string,
  pick: (x: number) => void,
): { element: HTMLElement; show(drawing: Drawing): void } {
  const svg = s("svg", { role: "img", "aria-label": label, class: "xk-chart" });
  const key = h("div", { class: "xk-key" });
  let range: [number, number] = [0, 1];
  let width = 600; // the drawing is as wide as its place, so that its text keeps its size
  let dragging = false;
  const follow = (event: PointerEvent): void => {
    const box = svg.getBoundingClientRect();
    const t = (((event.clientX - box.left) / box.width) * width - LEFT) / (width - LEFT - RIGHT);
    pick(range[0] + Math.min(1, Math.max(0, t)) * (range[1] - range[0]));
  };
  svg.addEventListener("pointerdown", (event) => {
    dragging = true;
    svg.setPointerCapture(event.pointerId);
    follow(event);
  });
  svg.addEventListener("pointermove", (event) => dragging && follow(event));
  svg.addEventListener("pointerup", () => (dragging = false));
  svg.addEventListener("pointercancel", () => (dragging = false));

  return {
    element: h("div", {}, key, svg),
    show(drawing) {
      range = drawing.xRange ?? extent(drawing.lines.map((l) => l.x));
      width = Math.min(700, Math.max(260, svg.getBoundingClientRect().width || 600));
      svg.setAttribute("viewBox", `0 0 ${width} ${HEIGHT}`);
      svg.replaceChildren(...plot(drawing, range, width));
      key.replaceChildren(
        ...drawing.lines
          .filter((l) => l.name)
          .map((l) =>
            h(
              "span",
              {},
              h("i", { class: l.dots ? "xk-dot" : l.dashed ? "xk-dash" : "xk-line", style: `color:${l.colour}` }),
              l.name,
            ),
          ),
      );
    },
  };
}

export function extent(rows: ArrayLike<number>[]): [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (const row of rows)
    for (let i = 0; i < row.length; i++) [low, high] = [Math.min(low, row[i]), Math.max(high, row[i])];
  if (!Number.isFinite(low)) return [0, 1];
  return low === high ? [low - 0.5, high + 0.5] : [low, high];
}

function plot(drawing: Drawing, [x0, x1]: [number, number], width: number): SVGElement[] {
  let [low, high] = extent(drawing.lines.map((l) => l.y));
  if (drawing.fromZero) [low, high] = [Math.min(0, low), Math.max(0, high)];
  const pad = 0.06 * (high - low);
  [low, high] = [drawing.fromZero && low === 0 ? 0 : low - pad, high + pad];
  const X = (v: number): number => LEFT + ((v - x0) / (x1 - x0)) * (width - LEFT - RIGHT);
  const Y = (v: number): number => HEIGHT - BOTTOM - ((v - low) / (high - low)) * (HEIGHT - TOP - BOTTOM);
  const shapes: SVGElement[] = [];
  for (const v of ticks(low, high)) {
    shapes.push(s("line", { x1: LEFT, x2: width - RIGHT, y1: Y(v), y2: Y(v), class: v === 0 ? "xk-zero" : "xk-grid" }));
    shapes.push(s("text", { x: LEFT - 7, y: Y(v) + 4, "text-anchor": "end" }, tickText(v)));
  }
  for (const v of ticks(x0, x1, 5))
    shapes.push(s("text", { x: X(v), y: HEIGHT - BOTTOM + 18, "text-anchor": "middle" }, String(v).replace("-", "−")));
  shapes.push(s("text", { x: (LEFT + width - RIGHT) / 2, y: HEIGHT - 4, "text-anchor": "middle" }, drawing.xName));
  shapes.push(s("text", { x: LEFT - 38, y: 12 }, drawing.yName));
  if (drawing.band) {
    const { from, to, name } = drawing.band;
    shapes.push(
      s("rect", {
        x: X(from),
        width: Math.max(3, X(to) - X(from)),
        y: TOP,
        height: HEIGHT - TOP - BOTTOM,
        class: "xk-band",
      }),
    );
    shapes.push(s("text", { x: X((from + to) / 2), y: TOP - 6, "text-anchor": "middle", class: "xk-strong" }, name));
  }
  if (drawing.mark) {
    const { at, name } = drawing.mark;
    shapes.push(s("line", { x1: X(at), x2: X(at), y1: TOP, y2: HEIGHT - BOTTOM, class: "xk-mark" }));
    shapes.push(
      s(
        "text",
        {
          x: X(at),
          y: HEIGHT - BOTTOM - 6,
          "text-anchor": at > (x0 + x1) / 2 ? "end" : "start",
          dx: at > (x0 + x1) / 2 ? -5 : 5,
        },
        name,
      ),
    );
  }
  for (const line of drawing.lines) {
    if (line.dots) {
      for (let i = 0; i < line.x.length; i++)
        shapes.push(s("circle", { cx: X(line.x[i]), cy: Y(line.y[i]), r: 2.6, style: `fill:${line.colour}` }));
    } else {
      const d = Array.from(line.x, (x, i) => `${i ? "L" : "M"}${X(x).toFixed(1)},${Y(line.y[i]).toFixed(1)}`).join("");
      shapes.push(
        s("path", {
          d,
          class: "xk-path",
          style: `stroke:${line.colour}`,
          "stroke-dasharray": line.dashed ? "5 4" : null,
        }),
      );
    }
  }
  if (drawing.at !== undefined) shapes.push(...marker(drawing, X, Y));
  return shapes;
}

/** A vertical line at the current place, and a point on the first line there. */
function marker(drawing: Drawing, X: (v: number) => number, Y: (v: number) => number): SVGElement[] {
  const at = drawing.at as number;
  const first = drawing.lines[0];
  let nearest = 0;
  for (let i = 0; i < first.x.length; i++) if (Math.abs(first.x[i] - at) < Math.abs(first.x[nearest] - at)) nearest = i;
  return [
    s("line", { x1: X(at), x2: X(at), y1: TOP, y2: HEIGHT - BOTTOM, class: "xk-now" }),
    s("circle", { cx: X(at), cy: Y(first.y[nearest]), r: 5, style: `fill:${first.colour}`, class: "xk-point" }),
  ];
}
