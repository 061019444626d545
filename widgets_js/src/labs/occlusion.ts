// The occlusion lab: a window moves over the picture, the score answers, the map fills in.

import { chart } from "../chart";
import { greyOf, paintMap, paintPicture } from "../colour";
import { choice, formulaBox, h, number, signed, slider } from "../dom";
import type { Traits } from "../model";
import { oracle } from "../oracle";
import { legend, panel } from "../panel";
import { limitOf } from "../resize";
import { headline, renewed, stage } from "../stage";
import { widget } from "../widget";
import { Frames, floats, pixelAt, type Wire } from "../wire";

interface Run {
  side: number;
  wide: number;
  rows: Wire; // where each window begins, from the top
  columns: Wire; // and from the left
  scores: Wire; // what the model says behind each, row by row
  best: number;
}

interface State {
  title: string;
  question: string;
  formula: string;
  target: string;
  unit: string;
  input: Wire;
  instead: Wire; // what is seen in the window
  size: [number, number];
  full: number; // the score of the whole picture
  runs: Run[];
}

/** The mean over the first `count` windows that hide a pixel of what they took; NaN where none did. */
function average(run: ReturnType<typeof unpack>, count: number, size: [number, number], full: number): Float32Array {
  const [height, width] = size;
  const [sum, times] = [new Float32Array(height * width), new Float32Array(height * width)];
  for (let k = 0; k < count; k++) {
    const drop = full - run.scores[k];
    const [top, left] = run.corner(k);
    for (let r = top; r < Math.min(height, top + run.side); r++) {
      for (let c = left; c < Math.min(width, left + run.wide); c++) {
        sum[r * width + c] += drop;
        times[r * width + c]++;
      }
    }
  }
  return sum.map((v, i) => (times[i] ? v / times[i] : NaN));
}

function unpack(run: Run) {
  const [rows, columns, scores] = [floats(run.rows), floats(run.columns), floats(run.scores)];
  const corner = (k: number): [number, number] => [rows[Math.floor(k / columns.length)], columns[k % columns.length]];
  return { side: run.side, wide: run.wide, rows, columns, scores, corner };
}

const nearest = (starts: Float32Array, place: number, side: number): number =>
  starts.reduce(
    (best, v, k) => (Math.abs(v + side / 2 - place) < Math.abs(starts[best] + side / 2 - place) ? k : best),
    0,
  );

const occlusionLab = renewed((traits: Traits, el: HTMLElement) => {
  const view = stage(traits, el, paint);
  const { put, point } = view;
  const state = traits.get<State>("state");
  const [input, instead] = [new Frames(state.input), new Frames(state.instead)];
  const [picture, hidden] = [input.values(0), instead.values(0)];
  const [height, width] = state.size;
  const cache = new Map<Run, ReturnType<typeof unpack>>();
  const current = () => {
    const run = state.runs[Math.min(traits.get<number>("run"), state.runs.length - 1)];
    if (!cache.has(run)) cache.set(run, unpack(run));
    return cache.get(run) as ReturnType<typeof unpack>;
  };
  const answers = oracle<Run>(traits, () => state.runs);
  const most = (): number => current().scores.length - 1;
  const move = (k: number): void => put({ frame: Math.max(0, Math.min(most(), Math.round(k))) });
  const hide = (place: number[]): void => {
    const run = current();
    const [r, c] = [nearest(run.rows, place[0] * height, run.side), nearest(run.columns, place[1] * width, run.wide)];
    put({ pixel: place, frame: r * run.columns.length + c });
  };
  const panels = {
    seen: panel("What the model sees", "the window follows the pointer", hide),
    map: panel("What the windows took", "the mean of the windows over each pixel", point),
    over: panel("Over the picture", "the same map over the picture", point),
  };
  const track = slider("the window", move);
  const sides = choice(
    "Window",
    state.runs.map((r) => `${r.side} px`),
    (v) => resize(parseInt(v, 10)),
  );
  const maps = choice("Map", ["all windows", "up to this one"], (v) => put({ whole: v === "all windows" }));
  const busy = h("span", { class: "xk-busy", role: "status", hidden: "" }, "the notebook is computing");
  const own = h("input", {
    type: "range",
    min: "2",
    max: String(Math.floor(Math.min(height, width) / 2)),
    step: "1",
    "aria-label": "side of the window in pixels",
    onchange: () => resize(Number(own.value)),
    oninput: () => (pixels.textContent = `${own.value} px`),
  });
  const pixels = h("output", { class: "xk-num" }, "");
  const any = traits.get<boolean>("live")
    ? h("div", { class: "xk-row" }, h("span", { class: "xk-soft" }, "or any other side"), own, pixels, busy)
    : null;
  const colours = legend(["against", "for"]);
  const curve = chart("the score behind each window", (x) => move(x - 1));
  const [big, words] = [h("div", { class: "xk-big" }), h("p", {})];

  function resize(side: number): void {
    const found = answers.known({ side });
    if (!found) {
      busy.hidden = false;
      answers.ask({ side });
      return;
    }
    const [top, left] = current().corner(traits.get<number>("frame"));
    const middle = [(top + current().side / 2) / height, (left + current().wide / 2) / width];
    put({ run: state.runs.indexOf(found), frame: 0 });
    hide(middle);
  }

  const parts = [
    ...headline(state),
    formulaBox(state.formula),
    h("div", { class: "xk-panels xk-three" }, ...Object.values(panels).map((p) => p.element)),
    track.element,
    h("div", { class: "xk-row" }, sides.element, maps.element, colours.element),
    any,
    h(
      "div",
      { class: "xk-low" },
      h("div", { class: "xk-card" }, curve.element),
      h("div", { class: "xk-card" }, h("div", { class: "xk-strong" }, "The window takes"), big, words),
    ),
  ];
  view.root.append(...parts.filter((part) => part !== null));

  function paint(): void {
    const run = current();
    const k = Math.min(most(), traits.get<number>("frame"));
    const whole = traits.get<boolean>("whole");
    const scheme = view.scheme();
    const [top, left] = run.corner(k);
    const [down, across] = [height / input.height, width / input.width];
    const inside = (i: number): boolean => {
      const [r, c] = [Math.floor(i / input.width) * down, (i % input.width) * across];
      return r >= top && r < top + run.side && c >= left && c < left + run.wide;
    };
    const n = input.channels;
    const other = (i: number): number => hidden[instead.width === input.width ? i : i % n];
    paintPicture(
      panels.seen.canvas,
      picture.map((v, i) => (inside(Math.floor(i / n)) ? other(i) : v)),
      input.width,
      n,
    );
    const full = average(run, run.scores.length, state.size, state.full);
    const map = (whole ? full : average(run, k + 1, state.size, state.full)).map((v) => v || 0);
    const scale = { limit: limitOf(full.map((v) => v || 0)), signed: true, scheme };
    paintMap(panels.map.canvas, map, width, scale);
    paintMap(
      panels.over.canvas,
      map,
      width,
      scale,
      greyOf(picture, n, [input.height, input.width], state.size, scheme),
    );

    const place = traits.get<number[]>("pixel");
    const at = place.length ? signed(map[pixelAt(place, height, width)]) : "";
    const drop = state.full - run.scores[k];
    panels.seen.label(`${run.side}×${run.wide} px`, "point or use the arrow keys: the window follows");
    panels.map.label(whole ? `all ${most() + 1} windows` : `${k + 1} of ${most() + 1} windows`, at);
    panels.over.label(`${height}×${width}`, at);
    for (const p of Object.values(panels)) p.point(place);
    track.show(k, most(), `${k + 1} of ${most() + 1}`);
    sides.show(`${run.side} px`, () => true);
    maps.show(whole ? "all windows" : "up to this one", () => true);
    own.value = String(run.side);
    pixels.textContent = `${run.side} px`;
    if (traits.get("error")) busy.hidden = true;
    colours.show(scale);
    const x = Float32Array.from(run.scores, (_, j) => j + 1);
    curve.show({
      lines: [
        { x, y: run.scores, colour: "var(--accent)", name: `${state.unit} behind window k` },
        {
          x: [1, most() + 1],
          y: [state.full, state.full],
          colour: "var(--warm)",
          name: "of the whole picture",
          dashed: true,
        },
      ],
      xName: "k, row by row from the top left",
      yName: "",
      at: k + 1,
    });
    big.textContent = signed(drop);
    words.textContent = `${state.unit} of ${state.target}: ${number(state.full)} for the whole picture, ${number(run.scores[k])} with the window at row ${top}, column ${left}.`;
    view.say(`window ${k + 1}: the ${state.unit} falls by ${number(drop)}`);
  }

  for (const name of ["frame", "pixel", "run", "whole"]) traits.on(name, view.repaint);
  view.onEnd(track.stop);
  paint();
  return view.end;
});

export default /* @__PURE__ */ widget(occlusionLab);
