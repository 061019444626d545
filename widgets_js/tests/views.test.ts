// @vitest-environment happy-dom
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import player from "../src/player";
import { edgePath, nextNode, spaceOf } from "../src/views/layout";
import { FakeModel } from "./model";

type Shown = { el: HTMLElement; model: FakeModel; end: () => void };

const numbers = (values: number[], shape: number[]) => ({
  view: new Uint8Array(Float32Array.from(values).buffer),
  dtype: "float32",
  shape,
  scale: 1,
  offset: 0,
});
const step = (extra: object) => ({
  name: "a_step",
  formula: "",
  note: "look",
  kind: "table",
  shape: "1",
  ends: ["more", "less"],
  ...extra,
});

/** The player on these steps, at the first of them. */
function play(...steps: object[]): Shown {
  const state = {
    title: "T",
    question: "Q?",
    formula: "",
    target: "",
    probability: null,
    steps,
    checks: [],
    cost: {},
    x_axis: { name: "k", values: null },
  };
  const model = new FakeModel({ state, step: 0, frame: 0, pixel: [], live: false, request: {}, error: "" });
  const el = document.createElement("div");
  document.body.append(el);
  return { el, model, end: player.render({ model, el }) };
}

const matrix = step({
  view: "matrix",
  matrix: numbers([1, -2, 0.5, 0, 3, -0.25], [2, 3]),
  rows: ["first layer", "second layer"],
  columns: ["a", "b", "c"],
  limit: 3,
  signed: true,
  of: [8, 3],
});
const points = step({
  view: "points",
  points: numbers([0, 0, 2, 1, 1, 3], [3, 2]),
  names: ["cat", "dog", "cow"],
  groups: [0, 1, 1],
  group_names: ["small", "large"],
  axes: ["first component", "second component"],
});
const graph = step({
  view: "graph",
  nodes: [
    { name: "rain", value: 2, x: 0.5, y: 0 },
    { name: "wet street", value: -1, x: 0, y: 1 },
    { name: "umbrella", x: 1, y: 1 },
  ],
  edges: [
    [0, 1, 0.8],
    [0, 2, -0.4],
  ],
  limit: 2,
  signed: true,
});

let shown: Shown;
const find = <E extends Element = HTMLElement>(selector: string): E => shown.el.querySelector(selector) as E;
const all = (selector: string): Element[] => Array.from(shown.el.querySelectorAll(selector));
const read = (): string => find(".xk-value.xk-wrap").textContent ?? "";
const press = (target: Element, ...keys: string[]) => {
  for (const key of keys) target.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
};
const focus = (target: Element) => target.dispatchEvent(new FocusEvent("focus"));
/** Point at a place of an element that is laid out at its own size. */
function pointAt(target: Element, width: number, height: number, x: number, y: number): void {
  target.getBoundingClientRect = () => ({ left: 0, top: 0, width, height }) as DOMRect;
  target.dispatchEvent(new MouseEvent("pointermove", { clientX: x, clientY: y }));
}

beforeAll(() => {
  HTMLCanvasElement.prototype.getContext = () => null as never; // no pixels here: they are tested in Chromium
});

describe("a matrix", () => {
  beforeEach(() => {
    shown = play(matrix);
  });
  afterEach(() => shown.end());

  it("is described, with its names, its size and what was not sent", () => {
    const canvas = find("canvas[role=img][tabindex='0']:not(.xk-pair *)");
    expect(find(".xk-matrix canvas").getAttribute("aria-label")).toBe(
      "a step: a matrix of 2 rows and 3 columns, values from −2.00 to +3.00. Arrow keys choose a cell.",
    );
    expect(canvas).not.toBeNull();
    expect(all(".xk-left span").map((e) => e.textContent)).toEqual(["first layer", "second layer"]);
    expect(all(".xk-top span").map((e) => e.textContent)).toEqual(["a", "b", "c"]);
    expect(shown.el.textContent).toContain("2 of 8 rows are shown");
    expect(find(".xk-pair").hidden).toBe(true);
  });

  it("reads the cell under the pointer", () => {
    pointAt(find(".xk-matrix canvas"), 300, 200, 150, 150);
    expect(read()).toBe("second layer, b: +3.00");
    expect(find(".xk-cell").style.left).toBe("33.333333333333336%");
    expect(find(".xk-cell").style.top).toBe("50%");
  });

  it("is walked with arrow keys and stays inside", () => {
    const canvas = find(".xk-matrix canvas");
    focus(canvas);
    expect(read()).toBe("first layer, a: +1.00");
    press(canvas, "ArrowRight", "ArrowDown");
    expect(read()).toBe("second layer, b: +3.00");
    press(canvas, "ArrowDown", "ArrowRight", "ArrowRight");
    expect(read()).toBe("second layer, c: −0.250");
  });

  it("keeps the chosen cell when the theme changes, and has a legend", () => {
    const canvas = find(".xk-matrix canvas");
    press(canvas, "ArrowRight");
    const before = read();
    shown.model.set("frame", 0);
    expect(find(".xk-matrix canvas")).toBe(canvas);
    expect(read()).toBe(before);
    expect(find(".xk-legend").closest<HTMLElement>(".xk-row")?.hidden).toBe(false);
    expect(all(".xk-ticks span").map((e) => e.textContent)).toEqual(["−3.0", "0", "+3.0"]);
  });

  it("has numbers without a sign where nothing is signed, and no names where there are none", () => {
    shown.end();
    shown = play(step({ view: "matrix", matrix: numbers([0, 1, 2, 3], [2, 2]), limit: 3, signed: false, of: [2, 2] }));
    focus(find(".xk-matrix canvas"));
    press(find(".xk-matrix canvas"), "ArrowDown");
    expect(read()).toBe("row 1, column 0: 2.00");
    expect(find(".xk-left").hidden).toBe(true);
    expect(shown.el.textContent).not.toContain("are shown");
  });
});

describe("points", () => {
  beforeEach(() => {
    shown = play(points);
  });
  afterEach(() => shown.end());

  it("have a colour and a shape for each group, and a legend", () => {
    const marks = all(".xk-plane .xk-mark-of");
    expect(marks.length).toBe(3);
    const looks = marks.map((m) => [m.getAttribute("d"), m.getAttribute("style")]);
    expect(looks[1]).toEqual(looks[2]);
    expect(looks[0][0]).not.toBe(looks[1][0]);
    expect(looks[0][1]).not.toBe(looks[1][1]);
    expect(all(".xk-key span").map((e) => e.textContent)).toEqual(["small", "large"]);
    expect(find(".xk-plane").getAttribute("aria-label")).toContain(
      "3 points, first component against second component",
    );
    expect(find(".xk-legend").closest<HTMLElement>(".xk-row")?.hidden).toBe(true);
  });

  it("are named with their coordinates when the pointer is near", () => {
    const svg = find<SVGElement>(".xk-plane");
    const [, , width, height] = (svg.getAttribute("viewBox") as string).split(" ").map(Number);
    pointAt(svg, width, height, width - 40, height / 2);
    expect(read()).toBe("dog (large): first component 2.00, second component 1.00");
    expect(find(".xk-plane .xk-strong").textContent).toBe("dog");
    expect(all(".xk-ring").length).toBe(1);
  });

  it("are walked from left to right and from the bottom to the top, and let go", () => {
    const svg = find<SVGElement>(".xk-plane");
    focus(svg);
    expect(read()).toMatch(/^cat/);
    press(svg, "ArrowRight");
    expect(read()).toMatch(/^cow/);
    press(svg, "ArrowRight", "ArrowRight");
    expect(read()).toMatch(/^dog/);
    press(svg, "ArrowUp");
    expect(read()).toMatch(/^cow/);
    press(svg, "Home");
    expect(read()).toMatch(/^cat/);
    press(svg, "End");
    expect(read()).toMatch(/^dog/);
    svg.dispatchEvent(new FocusEvent("blur"));
    expect(read()).toBe("point at a mark");
    expect(all(".xk-ring").length).toBe(0);
  });

  it("need neither names nor groups, and may all be one", () => {
    shown.end();
    shown = play(step({ view: "points", points: numbers([1, 1, 1, 1], [2, 2]) }));
    focus(find(".xk-plane"));
    expect(read()).toBe("point 0: x 1.00, y 1.00");
    expect(all(".xk-key").length).toBe(0);
    expect(find(".xk-plane").innerHTML).not.toContain("NaN");
  });
});

describe("a graph", () => {
  beforeEach(() => {
    shown = play(graph);
  });
  afterEach(() => shown.end());

  it("draws an edge as thick as its weight, in the colour of its sign", () => {
    const styles = all(".xk-link").map((e) => e.getAttribute("style"));
    expect(styles).toEqual(["stroke:var(--accent);stroke-width:5.00", "stroke:var(--warm);stroke-width:2.85"]);
    expect(all(".xk-key span").map((e) => e.textContent)).toEqual([
      "positive weight",
      "negative weight",
      "the thickest: 0.800",
    ]);
    expect(find(".xk-graph").getAttribute("aria-label")).toContain("3 nodes and 2 edges");
  });

  it("says the edges of a node in words, and lights them", () => {
    const svg = find<SVGElement>(".xk-graph");
    focus(svg);
    expect(read()).toBe("rain: +2.00. To wet street +0.800, umbrella −0.400.");
    expect(all(".xk-link.xk-on").length).toBe(2);
    press(svg, "ArrowDown");
    expect(read()).toBe("wet street: −1.00. From rain +0.800.");
    press(svg, "ArrowRight");
    expect(read()).toBe("umbrella. From rain −0.400.");
    expect(all(".xk-link.xk-on").length).toBe(1);
    expect(all(".xk-vertex.xk-on").length).toBe(1);
  });

  it("finds the node under the pointer", () => {
    const svg = find<SVGElement>(".xk-graph");
    const [, , width, height] = (svg.getAttribute("viewBox") as string).split(" ").map(Number);
    pointAt(svg, width, height, width / 2, 12);
    expect(read()).toMatch(/^rain/);
  });

  it("writes at most six edges of a node", () => {
    shown.end();
    const nodes = Array.from({ length: 9 }, (_, k) => ({ name: `n${k}`, x: k / 8, y: k ? 1 : 0 }));
    const edges = nodes.slice(1).map((_, k) => [0, k + 1, 0.1 * (k + 1)]);
    shown = play(step({ view: "graph", nodes, edges, limit: 1, signed: false }));
    focus(find(".xk-graph"));
    expect(read()).toContain("and 2 more");
    expect(read()).toContain("To n8 +0.800, n7");
  });
});

describe("the layout of a graph", () => {
  const row = (n: number, y: number) => Array.from({ length: n }, (_, k) => ({ x: n > 1 ? k / (n - 1) : 0.5, y }));
  const nodes = [...row(1, 0), ...row(5, 0.5), ...row(3, 1)];

  it.each([240, 300, 600])("has no box over another or outside, %i pixels wide", (width) => {
    const { at, wide, high, height } = spaceOf(nodes, width, 150, 40);
    for (const [i, a] of at.entries()) {
      expect(a.x - wide / 2).toBeGreaterThanOrEqual(0);
      expect(a.x + wide / 2).toBeLessThanOrEqual(width);
      expect(a.y - high / 2).toBeGreaterThanOrEqual(0);
      expect(a.y + high / 2).toBeLessThanOrEqual(height);
      for (const b of at.slice(0, i)) expect(Math.abs(a.x - b.x) >= wide || Math.abs(a.y - b.y) >= high).toBe(true);
    }
  });

  it("is walked by rows", () => {
    const space = spaceOf(nodes, 600, 150, 40);
    expect(space.order).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect(nextNode(space, 0, 1, 0)).toBe(3);
    expect(nextNode(space, 3, 1, 0)).toBe(7);
    expect(nextNode(space, 8, 1, 0)).toBe(8);
    expect(nextNode(space, 8, 0, 1)).toBe(8);
    expect(nextNode(space, 6, 0, -1)).toBe(5);
  });

  it("draws every edge within numbers, also along a row and to itself", () => {
    const space = spaceOf(nodes, 600, 150, 40);
    for (const [from, to] of [
      [0, 3],
      [1, 5],
      [1, 2],
      [2, 2],
    ])
      expect(edgePath(space, from, to)).toMatch(/^M[-\d.]+,[-\d.]+C[-\d. ]+$/);
  });
});
