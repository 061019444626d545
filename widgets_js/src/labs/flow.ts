// The relevance lab: rules for layers, the relevance that flows down through them, and whether its sum is kept.

import { chart } from "../chart";
import { paintMap } from "../colour";
import { choice, slider } from "../controls";
import { card, low, row } from "../dom";
import { legend } from "../legend";
import { formulaBox } from "../mathematics";
import { meter } from "../meter";
import type { Traits } from "../model";
import { short } from "../names";
import { number, signed, within } from "../numbers";
import { linked, panelRow, pointAll } from "../panel";
import { Picture } from "../picture";
import { Runs } from "../runs";
import { type Headed, headline, renewed, type Stage, stage } from "../stage";
import { widget } from "../widget";
import { Frames, floats, pixelAt, type Wire } from "../wire";
import { busySign, type Wishes, wishes } from "../wishes";

interface Run {
  [option: string]: unknown;
  maps: Wire[]; // from the output down
  attribution: Wire;
  sums: Wire; // of each layer, the input last
  right: number; // what the sum at the input should be
  holds: boolean;
}

interface State extends Headed {
  formula: string;
  target: string;
  input: Wire;
  controls: { name: string; heading: string; values: string[] }[];
  layers: string[];
  check: string;
  formula_of_check: string;
  runs: Run[];
}

/** The run as it is shown at layer `k`: the map there, the map at the input, the sums. */
function unpack(run: Run) {
  const attribution = new Frames(run.attribution);
  return { run, attribution, flows: attribution.values(0), sums: floats(run.sums) };
}

type Unpacked = ReturnType<typeof unpack>;

function furnish(view: Stage, state: State, answers: Wishes<Run>, runs: Runs<Run, Unpacked>) {
  const last = state.layers.length - 1;
  const move = (frame: number): void => view.put({ frame: within(frame, last) });
  /** The rules as they are, but for one. */
  const wanted = (name: string, value: string): Record<string, unknown> =>
    Object.fromEntries(state.controls.map((c) => [c.name, c.name === name ? value : runs.chosen()[c.name]]));
  return {
    panels: linked(
      {
        input: ["Input", "the picture that is explained"],
        layer: ["At this layer", "what flows through the layer, summed over channels"],
        over: ["At the input", "what arrives at the pixels, over the picture"],
      },
      view.point,
    ),
    track: slider("layer, from the output down", move),
    controls: state.controls.map(({ name, heading, values }) => {
      const rules = choice(heading, values, (value) => answers.want(wanted(name, value)));
      const show = (run: Run): void => rules.show(String(run[name]), (v) => answers.possible(wanted(name, v)));
      return { element: rules.element, show };
    }),
    colours: legend(["against", "for"]),
    curve: chart("the sum at each layer", move),
    kept: meter(state.check, ["at the input", "the score to be explained"], state.formula_of_check),
  };
}

type Parts = ReturnType<typeof furnish>;

const arranged = (state: State, parts: Parts, busy: HTMLElement): HTMLElement[] => [
  ...headline(state),
  formulaBox(state.formula),
  panelRow(parts.panels),
  parts.track.element,
  ...parts.controls.map((c) => row(c.element)),
  row(busy, parts.colours.element),
  low([card(parts.curve.element), card(parts.kept.element)]),
];

export const flowLab = renewed((traits: Traits, el: HTMLElement) => {
  const view = stage(traits, el, paint);
  const state = traits.get<State>("state");
  const picture = new Picture(state.input);
  const runs = new Runs(traits, () => state.runs, unpack);
  const answers = wishes<Run>(traits, runs.all, (run) => view.put({ run }), busySign("computing"));
  const parts = furnish(view, state, answers, runs);
  view.root.append(...arranged(state, parts, answers.busy));

  function paint(): void {
    const now = runs.now();
    const k = Math.min(state.layers.length - 1, traits.get<number>("frame"));
    paintPanels(view, parts, state, now, k, picture);
    parts.track.show(k, state.layers.length - 1, short(state.layers[k]));
    for (const c of parts.controls) c.show(now.run);
    answers.settle();
    drawSums(parts, now, k);
    view.say(`${short(state.layers[k])}: sum ${number(now.sums[k])}`);
  }

  return view.begin(["frame", "pixel", "run"], [parts.track]);
});

function paintPanels(view: Stage, parts: Parts, state: State, now: Unpacked, k: number, picture: Picture): void {
  const { panels, colours } = parts;
  const { attribution, flows, run, sums } = now;
  const scheme = view.scheme();
  const last = state.layers.length - 1;
  const frames = new Frames(k === last ? run.attribution : run.maps[k]);
  const values = frames.values(0);
  const scale = { limit: attribution.limit, signed: true, scheme };
  picture.paint(panels.input.canvas);
  paintMap(panels.layer.canvas, values, frames.width, { limit: frames.limit, signed: true, scheme });
  paintMap(panels.over.canvas, flows, attribution.width, scale, picture.grey(attribution, scheme));
  colours.show(scale);

  const place = view.traits.get<number[]>("pixel");
  const at = (f: Frames, v: Float32Array): string =>
    place.length ? `R = ${signed(v[pixelAt(place, f.height, f.width)])}` : "";
  panels.input.label(state.target, place.length ? "" : "point at a pixel");
  panels.layer.label(short(state.layers[k]), at(frames, values));
  panels.over.label(`Σ = ${number(sums[last])}`, at(attribution, flows));
  pointAll(panels, place);
}

/** The sum at each layer, and whether the one at the input is the score. */
function drawSums({ curve, kept }: Parts, { run, sums }: Unpacked, k: number): void {
  const last = sums.length - 1;
  const x = Float32Array.from(sums, (_, j) => j);
  const ends = { x: [0, last], y: [run.right, run.right] };
  curve.show({
    lines: [
      { x, y: sums, colour: "var(--accent)", name: "sum at the layer" },
      { ...ends, colour: "var(--warm)", name: "to be explained", dashed: true },
    ],
    xName: "layers, from the output down to the input",
    yName: "",
    at: k,
    fromZero: true,
  });
  const lost = run.right - sums[last];
  const where = lost * run.right > 0 ? "lost on the way: biases and ε keep it" : "more than there was";
  const words = run.holds ? "kept: nothing of the score is lost on the way" : `${number(Math.abs(lost))} ${where}`;
  kept.show(sums[last], run.right, run.holds, words);
}

export default /* @__PURE__ */ widget(flowLab);
