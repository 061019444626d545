// A matrix as a grid of coloured cells, with the names of its rows and columns and the value under the pointer.

import { colourOf, inkOn, paintMap, type Scale, tokens } from "../colour";
import { h } from "../dom";
import { breadth } from "../names";
import { number, signed } from "../numbers";
import { choosesPlace } from "../pointer";
import { floats, pixelAt } from "../wire";
import type { MatrixStep, Say, View } from "./step";

const CELL = 46; // pixels a side at the most
const TALLEST = 460; // pixels of the whole grid
const NAME = 14; // pixels that a name needs

/** Where every cell stands, and what it says. */
function unpack(step: MatrixStep) {
  const values = floats(step.matrix);
  const [height, width] = step.matrix.shape;
  const row = (r: number): string => step.rows?.[r] ?? `row ${r}`;
  const column = (c: number): string => step.columns?.[c] ?? `column ${c}`;
  const write = (v: number, digits = 3): string => (step.signed ? signed(v, digits) : number(v, digits));
  const read = (i: number): string => `${row(Math.floor(i / width))}, ${column(i % width)}: ${write(values[i])}`;
  return { values, height, width, write, read };
}

type Cells = ReturnType<typeof unpack>;

function described(step: MatrixStep, { values, height, width, write }: Cells): string {
  const range = values.length ? `, values from ${write(Math.min(...values))} to ${write(Math.max(...values))}` : "";
  const size = `a matrix of ${height} rows and ${width} columns${range}`;
  return `${step.name.replaceAll("_", " ")}: ${size}. Arrow keys choose a cell.`;
}

/** Names along one side; where there is no room for all, only each so many-th, over the room of those left out. */
function side(names: string[] | undefined, kind: string, along: "gridRow" | "gridColumn") {
  const spans = (names ?? []).map((name) => h("span", { title: name }, name));
  const element = h("div", { class: `xk-side ${kind}`, hidden: names ? null : "", "aria-hidden": "true" }, ...spans);
  return {
    element,
    /** `room` is what one name has, in pixels. */
    show(room: number): void {
      const each = Math.ceil(NAME / room);
      for (const [k, span] of spans.entries()) {
        span.hidden = k % each > 0;
        span.style[along] = `span ${Math.min(each, spans.length - k)}`;
      }
    },
  };
}

/** The numbers in the cells, where the cells are few and large. */
function written({ values, width, write }: Cells): { element: HTMLElement; show(scale: Scale, room: number): void } {
  const spans = values.length <= 200 ? Array.from(values, (v) => h("span", {}, write(v, 2))) : [];
  const columns = `grid-template-columns:repeat(${width},1fr)`;
  const element = h("div", { class: "xk-numbers", style: columns, "aria-hidden": "true" }, ...spans);
  return {
    element,
    show(scale, room) {
      element.hidden = room < 40 || !spans.length;
      for (const [i, span] of spans.entries()) span.style.color = inkOn(colourOf(values[i], scale));
    },
  };
}

/** The outline of the chosen cell. */
function outline(height: number, width: number): { element: HTMLElement; show(i: number): void } {
  const size = `width:${100 / width}%;height:${100 / height}%`;
  const element = h("i", { class: "xk-cell", style: size, hidden: "" });
  return {
    element,
    show(i) {
      element.hidden = false;
      element.style.top = `${(100 * Math.floor(i / width)) / height}%`;
      element.style.left = `${(100 * (i % width)) / width}%`;
    },
  };
}

/** What was not sent is said. */
function missing({ of }: MatrixStep, { height, width }: Cells): string {
  const rows = of[0] > height ? [`${height} of ${of[0]} rows`] : [];
  const columns = of[1] > width ? [`${width} of ${of[1]} columns`] : [];
  const words = [...rows, ...columns].join(" and ");
  return words && `${words} are shown`;
}

export function matrixView(step: MatrixStep, say: Say): View {
  const cells = unpack(step);
  const { height, width, values } = cells;
  const canvas = h("canvas", { role: "img", tabindex: "0", width, height, "aria-label": described(step, cells) });
  const top = side(step.columns, "xk-top", "gridColumn");
  const left = side(step.rows, "xk-left", "gridRow");
  const longest = Math.max(0, ...(step.columns ?? []).map((name) => breadth(name, tokens.size.tiny)));
  const [numbers, cursor, lines] = [written(cells), outline(height, width), h("i", { class: "xk-lines" })];
  const read = h("div", { class: "xk-value xk-wrap" }, "point at a cell");
  let place: number[] = [];
  const move = (to: number[]): void => {
    const i = pixelAt(to, height, width);
    place = to;
    cursor.show(i);
    read.textContent = cells.read(i);
    say(cells.read(i));
  };
  choosesPlace(canvas, () => place, move);
  canvas.addEventListener("focus", () => place.length || move([0, 0]));
  const frame = h("div", { class: "xk-frame" }, canvas, lines, numbers.element, cursor.element);
  const grid = h("div", { class: "xk-matrix" }, top.element, left.element, frame);
  const scale: View["scale"] = (scheme) => ({ limit: step.limit || 1, signed: step.signed, scheme });
  const less = missing(step, cells);

  return {
    nodes: [grid, read, ...(less ? [h("div", { class: "xk-soft" }, less)] : [])],
    scale,
    paint(scheme) {
      frame.style.maxWidth = top.element.style.maxWidth = `${CELL * width}px`;
      const across = (frame.clientWidth || CELL * width) / width;
      const down = Math.min(Math.max(across, step.rows ? NAME : 4), CELL, Math.max(1, TALLEST / height));
      canvas.style.height = `${Math.round(down * height)}px`;
      top.element.classList.toggle("xk-up", across < longest);
      top.show(across);
      left.show(down);
      lines.hidden = Math.min(across, down) < 7;
      lines.style.backgroundSize = `${100 / width}% ${100 / height}%`;
      numbers.show(scale(scheme), Math.min(across, 2 * down));
      paintMap(canvas, values, width, scale(scheme));
    },
  };
}
