// The path lab: α moves the picture, the slope, what was added so far, and the completeness meter, all at once.

import { chart } from "../chart";
import { greyOf, paintMap, paintPicture, type Scale } from "../colour";
import { choice, h, math, number, signed, slider } from "../dom";
import { meter } from "../meter";
import type { Traits } from "../model";
import { oracle } from "../oracle";
import { legend, panel } from "../panel";
import { headline, stage } from "../stage";
import { widget } from "../widget";
import { Frames, floats, pixelAt, runningSums, type Wire } from "../wire";

interface Run {
  frames: number[];
  places: Wire; // where each point stands on the axis of the chart
  reading: Wire; // what the slider says of it
  weights: Wire;
  scores: Wire | null; // null where the points come in no order
  probabilities: Wire | null;
  magnitudes: Wire;
  sums: Wire;
  errors?: Wire; // of the mean of the first draws
  start_score: number;
  end_score: number;
  gradients: Wire;
  added: Wire;
  limit: number;
  images?: Wire;
  aside?: Wire; // what else may be seen in the first panel
  [option: string]: unknown; // what the controls switch
}

type Value = string | number;

interface Control {
  key: string;
  label: string;
  values: Value[];
  words: string[];
  count: boolean; // a number that a kernel can change freely
}

interface State {
  title: string;
  question: string;
  target: string;
  unit: string;
  terms: { id: string; formula: string; caption: string }[];
  panels: [string, string][];
  axis: { x: string; reading: string; slider: string; digits: string; unit: string };
  views: string[];
  aside: string; // what the colours of the second view say
  mean: boolean; // whether the attribution is the mean of what the points add, not their sum
  change: string;
  advice: string;
  input: Wire;
  runs: Run[];
  starts: Record<string, Wire>;
  controls: Control[];
}

/** A run with its arrays unpacked and its running sums computed, once. */
export function unpack(run: Run) {
  const gradients = new Frames(run.gradients);
  const added = new Frames(run.added);
  return {
    ...run,
    own: run as Record<string, unknown>, // the options that it was made with
    places: floats(run.places),
    reading: floats(run.reading),
    weights: floats(run.weights),
    scores: run.scores && floats(run.scores),
    probabilities: run.probabilities && floats(run.probabilities),
    magnitudes: floats(run.magnitudes),
    sums: floats(run.sums),
    errors: run.errors && floats(run.errors),
    gradients,
    added,
    sofar: runningSums(added),
    images: run.images && new Frames(run.images),
    aside: run.aside && new Frames(run.aside),
    asideIsMap: run.aside?.limit !== undefined,
  };
}

type Unpacked = ReturnType<typeof unpack>;

/** Where the score climbs fastest: the step between two points of the path, by their indices. */
export function aha(values: ArrayLike<number>): [number, number] {
  let best = 1;
  for (let k = 2; k < values.length; k++) if (values[k] - values[k - 1] > values[best] - values[best - 1]) best = k;
  return values.length > 1 ? [best - 1, best] : [0, 0];
}

export function pathLab(traits: Traits, el: HTMLElement): () => void {
  const view = stage(traits, el, paint);
  const state = (): State => traits.get<State>("state");
  const answers = oracle<Run>(traits, () => state().runs);
  const cache = new WeakMap<Run, ReturnType<typeof unpack>>();
  const current = (): ReturnType<typeof unpack> => {
    const run = state().runs[Math.min(traits.get<number>("run"), state().runs.length - 1)];
    if (!cache.has(run)) cache.set(run, unpack(run));
    return cache.get(run) as ReturnType<typeof unpack>;
  };
  const input = new Frames(state().input);
  const picture = input.values(0);
  const starts = new Map<string, Float32Array>();
  const start = (baseline: string): Float32Array => {
    if (!starts.has(baseline)) starts.set(baseline, new Frames(state().starts[baseline]).values(0));
    return starts.get(baseline) as Float32Array;
  };
  let measure: "score" | "probability" = "score";
  let pending: Record<string, Value> | undefined; // what the kernel was asked for
  let aside = false; // whether the first panel shows what else there is
  let own = false; // whether every moment has its own colour scale

  const move = (frame: number): void => {
    const run = current();
    const k = Math.min(run.frames.length - 1, Math.max(0, frame));
    put({ frame: k, alpha: Number(run.reading[run.frames[k]].toFixed(6)) });
  };
  const { point, put } = view;
  const options = (run: Record<string, unknown>): Record<string, Value> =>
    Object.fromEntries(state().controls.map((c) => [c.key, run[c.key] as Value]));
  const want = (change: Record<string, Value>): void => {
    const wish = { ...(pending ?? options(current().own)), ...change };
    const found = answers.known(wish) ?? (traits.get<boolean>("live") ? undefined : answers.known(change));
    if (found) {
      const near = current().places[current().frames[traits.get<number>("frame")]];
      traits.put({ run: state().runs.indexOf(found) });
      moveTo(near);
      return;
    }
    pending = wish;
    answers.ask(wish);
    paint();
  };
  const moveTo = (place: number): void => {
    const run = current();
    let best = 0;
    run.frames.forEach((f, k) => {
      if (Math.abs(run.places[f] - place) < Math.abs(run.places[run.frames[best]] - place)) best = k;
    });
    move(best);
  };
  const { axis, mean } = state();
  const read = (value: number): string => `${axis.reading} = ${value.toFixed(Number(axis.digits))}${axis.unit}`;

  const terms = new Map(
    state().terms.map((t) => [
      t.id,
      h("span", { class: "xk-term" }, math(t.formula) as Node | null, h("small", {}, t.caption)),
    ]),
  );
  const light = (id: string): void => terms.forEach((element, name) => element.classList.toggle("xk-on", name === id));
  const [pointWords, slopeWords, sumWords, overWords] = state().panels;
  const panels = {
    point: panel(...pointWords, point),
    slope: panel(...slopeWords, point),
    sum: panel(...sumWords, point),
    distance: panel(...overWords, point),
  };
  for (const [id, p] of Object.entries(panels)) {
    p.element.addEventListener("pointerenter", () => light(id));
    p.element.addEventListener("focusin", () => light(id));
  }
  const track = slider(axis.slider, (k) => {
    light("point");
    move(k);
  });
  const colours = legend(["against", "for"]);
  const switches = state().controls.map((control) => {
    const values = offered(control, traits.get("live"));
    const words = values.map((v) => control.words[control.values.indexOf(v)] ?? String(v));
    const element = choice(control.label, words, (word) => want({ [control.key]: values[words.indexOf(word)] }));
    return { key: control.key, values, words, element };
  });
  const look = choice("First panel", state().views, (v) => {
    aside = v === state().views[1];
    paint();
  });
  const scale = choice("Colours", ["final scale", "own scale"], (v) => {
    own = v === "own scale";
    paint();
  });
  const measures = choice("Shown", ["score", "probability"], (v) => {
    measure = v as typeof measure;
    paint();
  });
  const curve = chart(mean ? "the sum of the mean, draw by draw" : "the score along the path", moveTo);
  const complete = meter("Completeness: the parts must sum to the change", ["Σφ so far", state().change]);
  const busy = h("span", { class: "xk-busy", role: "status", hidden: "" }, "the notebook is computing");
  const rows = switches.flatMap((_, k) =>
    k % 2 ? [] : [h("div", { class: "xk-row" }, ...switches.slice(k, k + 2).map((s) => s.element.element))],
  );

  const board = h(
    "div",
    {},
    h("div", { class: "xk-panels" }, ...Object.values(panels).map((p) => p.element)),
    track.element,
    h("div", { class: "xk-row" }, scale.element, state().views.length ? look.element : null, busy, colours.element),
    ...rows,
    h(
      "div",
      { class: "xk-low" },
      h("div", { class: "xk-card" }, measures.element, curve.element),
      h("div", { class: "xk-card" }, complete.element),
    ),
  );
  view.root.append(
    ...headline(state()),
    h("div", { class: "xk-formula" }, math("<math><mi>φ</mi><mo>=</mo></math>") as Node | null, ...terms.values()),
    board,
  );
  if (traits.get<boolean>("ask") && traits.get<number>("guess") < 0 && !mean) board.before(question());

  /** Predict, then reveal. */
  function question(): HTMLElement {
    board.hidden = true;
    const small = h("canvas", { role: "img", "aria-label": "the input" });
    paintPicture(small, picture, input.width, input.channels);
    const range = h("input", { type: "range", min: "0", max: "100", value: "50", "aria-label": "your guess for α" });
    const shown = h("output", { class: "xk-num" }, "α = 0.50");
    range.addEventListener("input", () => (shown.textContent = `α = ${(Number(range.value) / 100).toFixed(2)}`));
    const card = h(
      "div",
      { class: "xk-ask" },
      h("h3", {}, "Before you look"),
      h(
        "p",
        {},
        `The picture fades in from nothing (α = 0) to itself (α = 1). Where does the network make up its mind about ${state().target}?`,
      ),
      small,
      h(
        "div",
        { class: "xk-row" },
        range,
        shown,
        h("button", { type: "button", class: "xk-main", onclick: reveal }, "This is my guess"),
      ),
    );
    function reveal(): void {
      traits.put({ guess: Number(range.value) / 100 });
      card.remove();
      board.hidden = false;
      paint();
    }
    return card;
  }

  function paint(): void {
    const run = current();
    const scheme = view.scheme();
    const answered = pending && Object.entries(pending).every(([name, value]) => run.own[name] === value);
    if (answered || traits.get("error")) pending = undefined;
    busy.hidden = !pending;
    const k = Math.min(run.frames.length - 1, traits.get<number>("frame"));
    const at = run.frames[k];
    const sofar = mean ? run.sofar[k].map((v) => v / (at + 1)) : run.sofar[k];
    const limit = own ? quantile(sofar) : run.limit;
    const signedScale: Scale = { limit, signed: true, scheme };
    const gradient = run.gradients.values(k);

    paintPoint(run, k);
    paintMap(panels.slope.canvas, gradient, run.gradients.width, {
      limit: own ? quantile(gradient) : run.gradients.limit,
      signed: true,
      scheme,
    });
    paintMap(panels.sum.canvas, sofar, run.added.width, signedScale);
    const grey = greyOf(
      picture,
      input.channels,
      [input.height, input.width],
      [run.added.height, run.added.width],
      scheme,
    );
    paintMap(panels.distance.canvas, sofar, run.added.width, signedScale, grey);
    colours.show(signedScale);

    const place = traits.get<number[]>("pixel");
    const has = place.length === 2;
    const value = has ? sofar[pixelAt(place, run.added.height, run.added.width)] : 0;
    const where = has
      ? `row ${Math.floor(place[0] * input.height)}, column ${Math.floor(place[1] * input.width)}`
      : "point at a pixel";
    const onMap = has && run.aside && aside && run.asideIsMap;
    panels.point.label(
      aside && run.asideIsMap ? state().aside : read(run.reading[at]),
      onMap
        ? signed(
            (run.aside as Frames).values(k)[pixelAt(place, (run.aside as Frames).height, (run.aside as Frames).width)],
          )
        : where,
    );
    panels.slope.label(
      "Σ over colours",
      has ? signed(gradient[pixelAt(place, run.gradients.height, run.gradients.width)]) : "",
    );
    panels.sum.label(`${at + 1} of ${run.places.length}`, has ? signed(value) : "");
    panels.distance.label("φ", has ? (value === 0 ? "nothing yet" : value > 0 ? "speaks for" : "speaks against") : "");
    for (const p of Object.values(panels)) p.point(place);

    track.show(k, run.frames.length - 1, read(run.reading[at]));
    for (const s of switches) {
      const word = s.words[s.values.indexOf(run.own[s.key] as Value)] ?? String(run.own[s.key]);
      s.element.show(word, (w) => answers.possible({ [s.key]: s.values[s.words.indexOf(w)] }));
    }
    look.show(state().views[Number(aside)], () => true);
    scale.show(own ? "own scale" : "final scale", () => true);
    measures.element.hidden = !run.probabilities;
    measures.show(measure, () => true);
    const change = run.end_score - run.start_score;
    if (run.errors) drawMean(run, run.errors, at, change);
    else drawCurve(run, at);
    const sum = mean ? run.sums[at] / (at + 1) : run.sums[at];
    const missing = change - sum;
    const error = run.errors?.[at];
    if (error !== undefined)
      complete.show(sum, change, at > 0 && Math.abs(missing) <= 3 * error, drawn(at, missing, error));
    else {
      const within = Math.abs(missing) <= 0.05 * Math.abs(change);
      const gap = `gap after ${run.places.length} steps: ${number(missing, 2)}, ${within ? "within 5 %" : `more than 5 %: ${state().advice}`}`;
      complete.show(sum, change, within, k < run.frames.length - 1 ? `still missing ${number(missing, 3)}` : gap);
    }
    view.say(`${read(run.reading[at])}, added up ${number(sum)} of ${number(change)}`);
  }

  /** The first panel: the point on the path, or what else there is to see of it. */
  function paintPoint(run: Unpacked, k: number): void {
    const canvas = panels.point.canvas;
    if (run.aside && aside) {
      const limit = run.aside.limit;
      if (run.asideIsMap)
        paintMap(canvas, run.aside.values(k), run.aside.width, { limit, signed: true, scheme: view.scheme() });
      else paintPicture(canvas, run.aside.values(k), run.aside.width, run.aside.channels);
    } else if (run.images) paintPicture(canvas, run.images.values(k), run.images.width, run.images.channels);
    else
      paintPicture(
        canvas,
        mixed(start(String(run.own.baseline)), picture, run.places[run.frames[k]]),
        input.width,
        input.channels,
      );
  }

  /** Draws: the mean of their sums, and how far it may be off. */
  function drawMean(run: Unpacked, errors: Float32Array, at: number, change: number): void {
    const n = run.places.subarray(1); // of the first draw alone nothing is known
    const means = n.map((count, k) => run.sums[k + 1] / count);
    const line = { x: n, colour: "var(--warm)", dashed: true };
    curve.show({
      lines: [
        { x: n, y: means, colour: "var(--accent)", name: "Σφ of the mean so far" },
        { ...line, y: means.map((m, k) => m - errors[k + 1]), name: "± its standard error" },
        { ...line, y: means.map((m, k) => m + errors[k + 1]), name: "" },
        { x: n, y: means.map(() => change), colour: "var(--good)", name: state().change },
      ],
      xName: axis.x,
      yName: "",
      at: run.places[Math.max(1, at)],
    });
  }

  function drawCurve(run: Unpacked, at: number): void {
    const probability = measure === "probability" && run.probabilities;
    const values = probability || run.scores || run.sums;
    const [low, high] = [Math.min(...values), Math.max(...values)];
    const steepest = Math.max(...run.magnitudes) || 1;
    const slopes = run.magnitudes.map((m) => low + (m / steepest) * (high - low));
    const [from, to] = aha(run.probabilities ?? values);
    const guess = traits.get<number>("guess");
    const name = probability ? "probability F(xₖ)" : `${state().unit} F(xₖ)`;
    const lines = [
      { x: run.places, y: values, colour: "var(--accent)", name },
      { x: run.places, y: slopes, colour: "var(--warm)", name: "mean |∇F|, scaled to fit", dashed: true },
    ];
    const total = run.frames.map((f) => run.start_score + run.sums[f]);
    let walked = 0; // each sum reaches as far as its weights do, to the end of its interval
    const reached = Array.from(run.weights, (w) => (walked += w));
    const dots = {
      x: run.frames.map((f) => reached[f]),
      y: total,
      colour: "var(--good)",
      name: "F(x⁰) + Σφ so far",
      dots: true,
    };
    curve.show({
      lines: probability ? lines : [...lines, dots],
      xName: axis.x,
      yName: "",
      at: run.places[at],
      xRange: [0, 1],
      band: { from: run.places[from], to: run.places[to], name: "aha" },
      mark: guess >= 0 ? { at: guess, name: "your guess" } : undefined,
    });
  }

  for (const name of ["state", "frame", "pixel", "run", "guess"]) traits.on(name, view.repaint);
  view.onEnd(track.stop);
  light("point");
  paint();
  return view.end;
}

/** The values of a control; a kernel can take any number of steps, so a few round ones are offered. */
const offered = (control: Control, live: boolean): Value[] =>
  control.count
    ? [...new Set([...(live ? [5, 10, 25, 50, 100] : []), ...(control.values as number[])])].sort((a, b) => a - b)
    : control.values;

/** How far the mean of the draws is off, in words. */
export function drawn(at: number, missing: number, error: number): string {
  if (at === 0) return "one draw says nothing of its error";
  const times = Math.abs(missing) / (error || Infinity);
  return `off by ${number(missing, 2)}: ${number(times, 2)} standard errors, ${times <= 3 ? "as chance allows" : "more than chance allows"}`;
}

/** x0 + α (x - x0). */
export function mixed(start: Float32Array, end: Float32Array, alpha: number): Float32Array {
  return start.map((v, i) => v + alpha * (end[i] - v));
}

/** The 99.5th percentile of the magnitude. */
export function quantile(values: Float32Array): number {
  const sorted = values.map(Math.abs).sort();
  return sorted[Math.floor(0.995 * (sorted.length - 1))] || sorted[sorted.length - 1] || 1;
}

export default /* @__PURE__ */ widget(pathLab);
