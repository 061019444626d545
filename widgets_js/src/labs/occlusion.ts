// The occlusion lab: a window moves over the picture, the score answers, the map fills in.

import { chart } from "../chart";
import { paintMap } from "../colour";
import { choice, flag, slider } from "../controls";
import { card, h, low, row, strong } from "../dom";
import { legend } from "../legend";
import { limitOf } from "../limits";
import { formulaBox } from "../mathematics";
import type { Traits } from "../model";
import { number, signed, within } from "../numbers";
import { linked, panelRow, pointAll } from "../panel";
import { Picture } from "../picture";
import { signedAt } from "../pointer";
import { Runs } from "../runs";
import { type Headed, headline, renewed, type Stage, stage } from "../stage";
import { widget } from "../widget";
import { floats, type Wire } from "../wire";
import { type Wishes, wishes } from "../wishes";

interface Run {
  side: number;
  wide: number;
  rows: Wire; // where each window begins, from the top
  columns: Wire; // and from the left
  scores: Wire; // what the model says behind each, row by row
  best: number;
}

interface State extends Headed {
  formula: string;
  target: string;
  unit: string;
  input: Wire;
  instead: Wire; // what is seen in the window
  size: [number, number];
  full: number; // the score of the whole picture
  runs: Run[];
}

function unpack(run: Run) {
  const [rows, columns, scores] = [floats(run.rows), floats(run.columns), floats(run.scores)];
  const corner = (k: number): [number, number] => [rows[Math.floor(k / columns.length)], columns[k % columns.length]];
  return { side: run.side, wide: run.wide, rows, columns, scores, corner };
}

type Unpacked = ReturnType<typeof unpack>;

/** The mean over the first `count` windows that hide a pixel of what they took; NaN where none did. */
function average(run: Unpacked, count: number, size: [number, number], full: number): Float32Array {
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

/** The window whose middle is nearest to a place. */
function nearest(starts: Float32Array, place: number, side: number): number {
  const far = (k: number): number => Math.abs(starts[k] + side / 2 - place);
  return starts.reduce((best, _, k) => (far(k) < far(best) ? k : best), 0);
}

/** The frame of the window that stands over a place in [0, 1). */
function windowAt(run: Unpacked, place: number[], [height, width]: [number, number]): number {
  const r = nearest(run.rows, place[0] * height, run.side);
  return r * run.columns.length + nearest(run.columns, place[1] * width, run.wide);
}

/** Any side of the window, where a kernel can compute it. */
function anySide(size: [number, number], answers: Wishes<Run>) {
  const side = h("input", {
    type: "range",
    min: "2",
    max: String(Math.floor(Math.min(...size) / 2)),
    step: "1",
    "aria-label": "side of the window in pixels",
  });
  const pixels = h("output", { class: "xk-num" }, "");
  const write = (): void => {
    pixels.textContent = `${side.value} px`;
  };
  side.addEventListener("input", write);
  side.addEventListener("change", () => answers.want({ side: Number(side.value) }));
  return {
    element: row(h("span", { class: "xk-soft" }, "or any other side"), side, pixels, answers.busy),
    show(value: number): void {
      side.value = String(value);
      write();
    },
  };
}

function furnish(view: Stage, state: State, runs: Runs<Run, Unpacked>, answers: Wishes<Run>) {
  const { put, point, traits } = view;
  const move = (k: number): void => put({ frame: within(k, runs.now().scores.length - 1) });
  const hide = (place: number[]): void => put({ pixel: place, frame: windowAt(runs.now(), place, state.size) });
  const { seen } = linked({ seen: ["What the model sees", "the window follows the pointer"] }, hide);
  return {
    panels: {
      seen,
      ...linked(
        {
          map: ["What the windows took", "the mean of the windows over each pixel"],
          over: ["Over the picture", "the same map over the picture"],
        },
        point,
      ),
    },
    track: slider("the window", move),
    sides: choice(
      "Window",
      state.runs.map((r) => `${r.side} px`),
      (v) => answers.want({ side: Number.parseInt(v, 10) }),
    ),
    maps: flag(view, "Map", ["all windows", "up to this one"], "whole"),
    any: traits.get<boolean>("live") ? anySide(state.size, answers) : null,
    colours: legend(["against", "for"]),
    curve: chart("the score behind each window", (x) => move(x - 1)),
    big: h("div", { class: "xk-big" }),
    words: h("p", {}),
  };
}

type Parts = ReturnType<typeof furnish>;

const arranged = (state: State, parts: Parts): HTMLElement[] => [
  ...headline(state),
  formulaBox(state.formula),
  panelRow(parts.panels),
  parts.track.element,
  row(parts.sides.element, parts.maps.element, parts.colours.element),
  ...(parts.any ? [parts.any.element] : []),
  low([card(parts.curve.element), card(strong("The window takes"), parts.big, parts.words)]),
];

const occlusionLab = renewed((traits: Traits, el: HTMLElement) => {
  const view = stage(traits, el, paint);
  const state = traits.get<State>("state");
  const [picture, instead] = [new Picture(state.input), new Picture(state.instead)];
  const runs = new Runs(traits, () => state.runs, unpack);
  const answers = wishes<Run>(traits, runs.all, found);
  const parts = furnish(view, state, runs, answers);
  view.root.append(...arranged(state, parts));

  /** Another size of window stays where the last one was. */
  function found(run: number): void {
    const [height, width] = state.size;
    const before = runs.now();
    const [top, left] = before.corner(traits.get<number>("frame"));
    const middle = [(top + before.side / 2) / height, (left + before.wide / 2) / width];
    view.put({ run, frame: 0 });
    view.put({ pixel: middle, frame: windowAt(runs.now(), middle, state.size) });
  }

  function paint(): void {
    const run = runs.now();
    const last = run.scores.length - 1;
    const k = Math.min(last, traits.get<number>("frame"));
    paintWindow(parts, state, run, k, picture, instead);
    paintMaps(view, parts, state, run, k, picture);
    parts.track.show(k, last, `${k + 1} of ${last + 1}`);
    parts.sides.show(`${run.side} px`);
    parts.maps.show();
    parts.any?.show(run.side);
    answers.settle();
    drawScores(parts, state, run, k);
    view.say(`window ${k + 1}: the ${state.unit} falls by ${number(state.full - run.scores[k])}`);
  }

  return view.begin(["frame", "pixel", "run", "whole"], [parts.track]);
});

/** The picture with the window on it. */
function paintWindow(parts: Parts, state: State, run: Unpacked, k: number, picture: Picture, instead: Picture): void {
  const [top, left] = run.corner(k);
  const [down, across] = [state.size[0] / picture.height, state.size[1] / picture.width];
  const inside = (i: number): boolean => {
    const [r, c] = [Math.floor(i / picture.width) * down, (i % picture.width) * across];
    return r >= top && r < top + run.side && c >= left && c < left + run.wide;
  };
  const n = picture.channels;
  const other = (i: number): number => instead.values[instead.width === picture.width ? i : i % n];
  const seen = picture.values.map((v, i) => (inside(Math.floor(i / n)) ? other(i) : v));
  picture.paint(parts.panels.seen.canvas, seen);
}

function paintMaps(view: Stage, parts: Parts, state: State, run: Unpacked, k: number, picture: Picture): void {
  const { panels, colours } = parts;
  const [height, width] = state.size;
  const scheme = view.scheme();
  const whole = view.traits.get<boolean>("whole");
  const mean = (count: number): Float32Array => average(run, count, state.size, state.full).map((v) => v || 0);
  const full = mean(run.scores.length);
  const map = whole ? full : mean(k + 1);
  const scale = { limit: limitOf(full), signed: true, scheme };
  paintMap(panels.map.canvas, map, width, scale);
  paintMap(panels.over.canvas, map, width, scale, picture.grey({ height, width }, scheme));
  colours.show(scale);

  const place = view.traits.get<number[]>("pixel");
  const at = signedAt(place, map, { height, width });
  const all = run.scores.length;
  panels.seen.label(`${run.side}×${run.wide} px`, "point or use the arrow keys: the window follows");
  panels.map.label(whole ? `all ${all} windows` : `${k + 1} of ${all} windows`, at);
  panels.over.label(`${height}×${width}`, at);
  pointAll(panels, place);
}

/** The score behind each window, and what this one takes. */
function drawScores({ curve, big, words }: Parts, state: State, run: Unpacked, k: number): void {
  const x = Float32Array.from(run.scores, (_, j) => j + 1);
  const ends = { x: [1, run.scores.length], y: [state.full, state.full] };
  curve.show({
    lines: [
      { x, y: run.scores, colour: "var(--accent)", name: `${state.unit} behind window k` },
      { ...ends, colour: "var(--warm)", name: "of the whole picture", dashed: true },
    ],
    xName: "k, row by row from the top left",
    yName: "",
    at: k + 1,
  });
  const [top, left] = run.corner(k);
  big.textContent = signed(state.full - run.scores[k]);
  words.textContent = `${state.unit} of ${state.target}: ${number(state.full)} for the whole picture, ${number(run.scores[k])} with the window at row ${top}, column ${left}.`;
}

export default /* @__PURE__ */ widget(occlusionLab);
