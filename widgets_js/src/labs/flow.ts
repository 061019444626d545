// The relevance lab: rules for layers, the relevance that flows down through them, and whether its sum is kept.

import { chart } from "../chart";
import { greyOf, paintMap, paintPicture } from "../colour";
import { choice, formulaBox, h, number, signed, slider } from "../dom";
import { meter } from "../meter";
import type { Traits } from "../model";
import { oracle } from "../oracle";
import { legend, panel } from "../panel";
import { short } from "../player";
import { headline, renewed, stage } from "../stage";
import { widget } from "../widget";
import { Frames, floats, pixelAt, type Wire } from "../wire";

interface Run {
  [option: string]: unknown;
  maps: Wire[]; // from the output down
  attribution: Wire;
  sums: Wire; // of each layer, the input last
  right: number; // what the sum at the input should be
  holds: boolean;
}

interface State {
  title: string;
  question: string;
  formula: string;
  target: string;
  probability: number | null;
  input: Wire;
  controls: { name: string; heading: string; values: string[] }[];
  layers: string[];
  check: string;
  formula_of_check: string;
  runs: Run[];
}

export const flowLab = renewed((traits: Traits, el: HTMLElement) => {
  const view = stage(traits, el, paint);
  const state = traits.get<State>("state");
  const answers = oracle<Run>(traits, () => state.runs);
  const input = new Frames(state.input);
  const picture = input.values(0);
  const last = state.layers.length - 1;
  const current = (): Run => state.runs[Math.min(traits.get<number>("run"), state.runs.length - 1)];
  const busy = h("span", { class: "xk-busy", hidden: "" }, "computing");
  const { point, put } = view;
  const move = (frame: number): void => {
    put({ frame: Math.max(0, Math.min(last, Math.round(frame))) });
  };
  const wanted = (name: string, value: string): Record<string, unknown> =>
    Object.fromEntries(state.controls.map((c) => [c.name, c.name === name ? value : current()[c.name]]));
  const pick = (name: string, value: string): void => {
    const question = wanted(name, value);
    const known = answers.known(question);
    if (known) {
      traits.put({ run: state.runs.indexOf(known) });
      paint();
      return;
    }
    busy.hidden = false;
    answers.ask(question);
  };
  const panels = {
    input: panel("Input", "the picture that is explained", point),
    layer: panel("At this layer", "what flows through the layer, summed over channels", point),
    over: panel("At the input", "what arrives at the pixels, over the picture", point),
  };
  const track = slider("layer, from the output down", move);
  const controls = state.controls.map((c) => ({ ...c, choice: choice(c.heading, c.values, (v) => pick(c.name, v)) }));
  const colours = legend(["against", "for"]);
  const curve = chart("the sum at each layer", move);
  const kept = meter(state.check, ["at the input", "the score to be explained"], state.formula_of_check);

  view.root.append(
    ...headline(state),
    formulaBox(state.formula),
    h("div", { class: "xk-panels xk-three" }, ...Object.values(panels).map((p) => p.element)),
    track.element,
    ...controls.map((c) => h("div", { class: "xk-row" }, c.choice.element)),
    h("div", { class: "xk-row" }, busy, colours.element),
    h(
      "div",
      { class: "xk-low" },
      h("div", { class: "xk-card" }, curve.element),
      h("div", { class: "xk-card" }, kept.element),
    ),
  );

  function paint(): void {
    const run = current();
    const k = Math.min(last, traits.get<number>("frame"));
    const scheme = view.scheme();
    const frames = new Frames(k === last ? run.attribution : run.maps[k]);
    const [values, attribution] = [frames.values(0), new Frames(run.attribution)];
    const flows = attribution.values(0);
    const scale = { limit: attribution.limit, signed: true, scheme };
    paintPicture(panels.input.canvas, picture, input.width, input.channels);
    paintMap(panels.layer.canvas, values, frames.width, { limit: frames.limit, signed: true, scheme });
    const [from, to] = [
      [input.height, input.width],
      [attribution.height, attribution.width],
    ];
    paintMap(panels.over.canvas, flows, attribution.width, scale, greyOf(picture, input.channels, from, to, scheme));
    const place = traits.get<number[]>("pixel");
    const at = (f: Frames, v: Float32Array): string =>
      place.length ? `R = ${signed(v[pixelAt(place, f.height, f.width)])}` : "";
    const sums = floats(run.sums);
    panels.input.label(state.target, place.length ? "" : "point at a pixel");
    panels.layer.label(short(state.layers[k]), at(frames, values));
    panels.over.label(`Σ = ${number(sums[last])}`, at(attribution, flows));
    for (const p of Object.values(panels)) p.point(place);
    track.show(k, last, short(state.layers[k]));
    for (const c of controls) c.choice.show(String(run[c.name]), (v) => answers.possible(wanted(c.name, v)));
    colours.show(scale);
    const x = Float32Array.from(sums, (_, j) => j);
    const score = {
      x: [0, last],
      y: [run.right, run.right],
      colour: "var(--warm)",
      name: "to be explained",
      dashed: true,
    };
    curve.show({
      lines: [{ x, y: sums, colour: "var(--accent)", name: "sum at the layer" }, score],
      xName: "layers, from the output down to the input",
      yName: "",
      at: k,
      fromZero: true,
    });
    const lost = run.right - sums[last];
    kept.show(
      sums[last],
      run.right,
      run.holds,
      run.holds
        ? "kept: nothing of the score is lost on the way"
        : `${number(Math.abs(lost))} ${lost * run.right > 0 ? "lost on the way: biases and ε keep it" : "more than there was"}`,
    );
    view.say(`${short(state.layers[k])}: sum ${number(sums[k])}`);
  }

  for (const name of ["frame", "pixel", "run"]) traits.on(name, view.repaint);
  view.onEnd(track.stop);
  paint();
  return view.end;
});

export default /* @__PURE__ */ widget(flowLab);
