// The path lab: α moves the picture, the slope, what was added so far, and the completeness meter, all at once.

import { chart } from "../chart";
import { slider, toggle } from "../controls";
import { card, h, low, row } from "../dom";
import { legend } from "../legend";
import { formulaFrame, math } from "../mathematics";
import { meter } from "../meter";
import type { Traits } from "../model";
import { number } from "../numbers";
import { linked, panelRow } from "../panel";
import { Picture } from "../picture";
import { Runs } from "../runs";
import { headline, type Stage, stage } from "../stage";
import { widget } from "../widget";
import { Frames } from "../wire";
import { completeness, meanDrawing, pathDrawing } from "./path/curves";
import { switches, wish } from "./path/options";
import { labelPanels, type Panels, paintPanels, scaleOf } from "./path/panels";
import { question } from "./path/question";
import { type Data, type Moment, moment, nearestFrame, reading, type State, type Unpacked, unpack } from "./path/state";

function open(traits: Traits): Data {
  const state = (): State => traits.get<State>("state");
  const starts = new Map<string, Float32Array>();
  return {
    state,
    runs: new Runs(traits, () => state().runs, unpack),
    picture: new Picture(state().input),
    start(baseline) {
      if (!starts.has(baseline)) starts.set(baseline, new Frames(state().starts[baseline]).values(0));
      return starts.get(baseline) as Float32Array;
    },
  };
}

/** The terms of the formula; `light` marks the one that the learner looks at. */
function formula(state: State): { element: HTMLElement; light(id: string): void } {
  const terms = new Map(
    state.terms.map((t) => [t.id, h("span", { class: "xk-term" }, math(t.formula), h("small", {}, t.caption))]),
  );
  const start = math("<math><mi>φ</mi><mo>=</mo></math>");
  return {
    element: formulaFrame(start, ...terms.values()),
    light(id) {
      for (const [name, element] of terms) element.classList.toggle("xk-on", name === id);
    },
  };
}

function fourPanels(view: Stage, state: State, light: (id: string) => void): Panels {
  const [point, slope, sum, distance] = state.panels;
  const panels = linked({ point, slope, sum, distance }, view.point);
  for (const [id, p] of Object.entries(panels)) {
    p.element.addEventListener("pointerenter", () => light(id));
    p.element.addEventListener("focusin", () => light(id));
  }
  return panels;
}

function furnish(view: Stage, data: Data, paint: () => void) {
  const state = data.state();
  const move = (frame: number): void => {
    const run = data.runs.now();
    const k = Math.min(run.frames.length - 1, Math.max(0, frame));
    view.put({ frame: k, alpha: Number(run.reading[run.frames[k]].toFixed(6)) });
  };
  const wishes = wish(view.traits, data, move, paint);
  const terms = formula(state);
  return {
    terms,
    wishes,
    panels: fourPanels(view, state, terms.light),
    track: slider(state.axis.slider, (k) => {
      terms.light("point");
      move(k);
    }),
    switches: switches(state, view.traits.get("live"), wishes),
    look: toggle("First panel", state.views, state.views[0], paint),
    scale: toggle("Colours", ["final scale", "own scale"], "final scale", paint),
    measures: toggle("Shown", ["score", "probability"], "score", paint),
    colours: legend(["against", "for"]),
    curve: chart(state.mean ? "the sum of the mean, draw by draw" : "the score along the path", (place) =>
      move(nearestFrame(data.runs.now(), place)),
    ),
    complete: meter("Completeness: the parts must sum to the change", ["Σφ so far", state.change]),
  };
}

type Parts = ReturnType<typeof furnish>;

/** All that is hidden while the lab asks for a guess. */
function boardOf(state: State, parts: Parts): HTMLElement {
  const options = parts.switches.map((one) => one.element);
  const pairs = options.flatMap((_, k) => (k % 2 ? [] : [row(...options.slice(k, k + 2))]));
  const look = state.views.length ? parts.look.element : null;
  return h(
    "div",
    {},
    panelRow(parts.panels),
    parts.track.element,
    row(parts.scale.element, look, parts.wishes.busy, parts.colours.element),
    ...pairs,
    low([card(parts.measures.element, parts.curve.element), card(parts.complete.element)]),
  );
}

export function pathLab(traits: Traits, el: HTMLElement): () => void {
  const view = stage(traits, el, paint);
  const data = open(traits);
  const { state, runs } = data;
  const parts = furnish(view, data, paint);
  const board = boardOf(state(), parts);
  view.root.append(...headline(state()), parts.terms.element, board);
  if (traits.get<boolean>("ask") && traits.get<number>("guess") < 0 && !state().mean) {
    board.hidden = true;
    const reveal = (guess: number): void => {
      traits.put({ guess });
      board.hidden = false;
      paint();
    };
    board.before(question(data.picture, state().target, reveal));
  }

  function paint(): void {
    const run = runs.now();
    const now = moment(run, traits.get<number>("frame"), state().mean);
    const look = { aside: state().views.indexOf(parts.look.value) === 1, own: parts.scale.value === "own scale" };
    parts.wishes.settle();
    paintPanels(view, parts.panels, data, run, now, look);
    parts.colours.show(scaleOf(view, run, now, look.own));
    labelPanels(parts.panels, data, run, now, look.aside, traits.get<number[]>("pixel"));
    showControls(parts, state(), run, now);
    drawCurve(parts, state(), run, now, traits.get<number>("guess"));
    const { holds, words } = completeness(state(), run, now);
    parts.complete.show(now.sum, now.change, holds, words);
    view.say(`${reading(state(), run.reading[now.at])}, added up ${number(now.sum)} of ${number(now.change)}`);
  }

  parts.terms.light("point");
  return view.begin(["state", "frame", "pixel", "run", "guess"], [parts.track]);
}

function showControls(parts: Parts, state: State, run: Unpacked, now: Moment): void {
  parts.track.show(now.k, run.frames.length - 1, reading(state, run.reading[now.at]));
  for (const one of parts.switches) one.show(run.own);
  for (const one of [parts.look, parts.scale, parts.measures]) one.show();
  parts.measures.element.hidden = !run.probabilities;
}

function drawCurve({ curve, measures }: Parts, state: State, run: Unpacked, now: Moment, guess: number): void {
  if (run.errors) curve.show(meanDrawing(state, run, run.errors, now));
  else curve.show(pathDrawing(state, run, now.at, measures.value === "probability", guess));
}

export default /* @__PURE__ */ widget(pathLab);
