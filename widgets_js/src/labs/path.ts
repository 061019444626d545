// The path lab: α moves the picture, the slope, what was added so far, and the completeness meter, all at once.

import { chart } from "../chart";
import { greyOf, paintMap, paintPicture, type Scale } from "../colour";
import { choice, h, math, number, signed, slider } from "../dom";
import { meter } from "../meter";
import type { Traits } from "../model";
import { oracle } from "../oracle";
import { legend, panel } from "../panel";
import { headline, stage } from "../stage";
import { floats, Frames, pixelAt, runningSums, type Wire } from "../wire";

interface Run {
  baseline: string;
  rule: string;
  n_steps: number;
  frames: number[];
  alphas: Wire;
  weights: Wire;
  scores: Wire;
  probabilities: Wire | null;
  magnitudes: Wire;
  sums: Wire;
  start_score: number;
  end_score: number;
  gradients: Wire;
  added: Wire;
  limit: number;
  images?: Wire;
}

interface State {
  title: string;
  question: string;
  target: string;
  unit: string;
  terms: { id: string; formula: string; caption: string }[];
  input: Wire;
  runs: Run[];
  starts: Record<string, Wire>;
  baselines: string[];
  rules: string[];
}

/** A run with its arrays unpacked and its running sums computed, once. */
export function unpack(run: Run) {
  const gradients = new Frames(run.gradients);
  const added = new Frames(run.added);
  return {
    ...run,
    alphas: floats(run.alphas),
    weights: floats(run.weights),
    scores: floats(run.scores),
    probabilities: run.probabilities && floats(run.probabilities),
    magnitudes: floats(run.magnitudes),
    sums: floats(run.sums),
    gradients,
    added,
    sofar: runningSums(added),
    images: run.images && new Frames(run.images),
  };
}

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
  let pending: Pick<Run, "baseline" | "rule" | "n_steps"> | undefined; // what the kernel was asked for
  let own = false; // whether every moment has its own colour scale

  const move = (frame: number): void => {
    const run = current();
    const k = Math.min(run.frames.length - 1, Math.max(0, frame));
    traits.put({ frame: k, alpha: Number(run.alphas[run.frames[k]].toFixed(6)) });
    paint();
  };
  const point = (place: number[]): void => {
    traits.put({ pixel: place });
    view.repaint();
  };
  const want = (change: Partial<Run>): void => {
    const { baseline, rule, n_steps } = pending ?? current();
    const wish = { baseline, rule, n_steps, ...change };
    const found = answers.known(wish) ?? (traits.get<boolean>("live") ? undefined : answers.known(change));
    if (found) {
      const near = current().alphas[current().frames[traits.get<number>("frame")]];
      traits.put({ run: state().runs.indexOf(found) });
      moveTo(near);
      return;
    }
    pending = wish;
    answers.ask(wish);
    paint();
  };
  const moveTo = (alpha: number): void => {
    const run = current();
    let best = 0;
    run.frames.forEach((f, k) => {
      if (Math.abs(run.alphas[f] - alpha) < Math.abs(run.alphas[run.frames[best]] - alpha)) best = k;
    });
    move(best);
  };

  const terms = new Map(
    state().terms.map((t) => [t.id, h("span", { class: "xk-term" }, math(t.formula) as Node | null, h("small", {}, t.caption))]),
  );
  const light = (id: string): void => terms.forEach((element, name) => element.classList.toggle("xk-on", name === id));
  const panels = {
    point: panel("Point on the path", "the picture between baseline and input", point),
    slope: panel("Slope there", "gradient of the score, blue where a brighter pixel raises it", point),
    sum: panel("Added up so far", "attribution up to this point of the path", point),
    distance: panel("Over the picture", "the same, over the input", point),
  };
  for (const [id, p] of Object.entries(panels)) {
    p.element.addEventListener("pointerenter", () => light(id));
    p.element.addEventListener("focusin", () => light(id));
  }
  const track = slider("α, the place on the path", (k) => {
    light("point");
    move(k);
  });
  const colours = legend(["against", "for"]);
  const baseline = choice("Compared with", state().baselines, (v) => want({ baseline: v }));
  const rule = choice("Rule", state().rules.map(pretty), (v) => want({ rule: v.replace("–", "_").toLowerCase() }));
  const steps = choice("Steps", stepChoices(state(), traits.get("live")), (v) => want({ n_steps: Number(v) }));
  const scale = choice("Colours", ["final scale", "own scale"], (v) => {
    own = v === "own scale";
    paint();
  });
  const measures = choice("Shown", ["score", "probability"], (v) => {
    measure = v as typeof measure;
    paint();
  });
  const curve = chart("the score along the path", moveTo);
  const complete = meter("Completeness: the parts must sum to the change", ["Σφ so far", "F(x) − F(x⁰), the change"]);
  const busy = h("span", { class: "xk-busy", role: "status", hidden: "" }, "the notebook is computing");
  const straight = state().baselines.length > 0;

  const board = h(
    "div",
    {},
    h("div", { class: "xk-panels" }, ...Object.values(panels).map((p) => p.element)),
    track.element,
    h("div", { class: "xk-row" }, scale.element, busy, colours.element),
    straight ? h("div", { class: "xk-row" }, baseline.element, steps.element) : null,
    straight ? h("div", { class: "xk-row" }, rule.element) : null,
    h("div", { class: "xk-low" }, h("div", { class: "xk-card" }, measures.element, curve.element), h("div", { class: "xk-card" }, complete.element)),
  );
  view.root.append(
    ...headline(state()),
    h("div", { class: "xk-formula" }, math("<math><mi>φ</mi><mo>=</mo></math>") as Node | null, ...terms.values()),
    board,
  );
  if (traits.get<boolean>("ask") && traits.get<number>("guess") < 0) board.before(question());

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
      h("p", {}, `The picture fades in from nothing (α = 0) to itself (α = 1). Where does the network make up its mind about ${state().target}?`),
      small,
      h("div", { class: "xk-row" }, range, shown, h("button", { type: "button", class: "xk-main", onclick: reveal }, "This is my guess")),
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
    const answered = pending && Object.entries(pending).every(([name, value]) => run[name as keyof Run] === value);
    if (answered || traits.get("error")) pending = undefined;
    busy.hidden = !pending;
    const k = Math.min(run.frames.length - 1, traits.get<number>("frame"));
    const at = run.frames[k];
    const alpha = run.alphas[at];
    const sofar = run.sofar[k];
    const limit = own ? quantile(sofar) : run.limit;
    const signedScale: Scale = { limit, signed: true, scheme };
    const gradient = run.gradients.values(k);

    if (run.images) paintPicture(panels.point.canvas, run.images.values(k), run.images.width, run.images.channels);
    else paintPicture(panels.point.canvas, mixed(start(run.baseline), picture, alpha), input.width, input.channels);
    paintMap(panels.slope.canvas, gradient, run.gradients.width, { limit: own ? quantile(gradient) : run.gradients.limit, signed: true, scheme });
    paintMap(panels.sum.canvas, sofar, run.added.width, signedScale);
    const grey = greyOf(picture, input.channels, [input.height, input.width], [run.added.height, run.added.width], scheme);
    paintMap(panels.distance.canvas, sofar, run.added.width, signedScale, grey);
    colours.show(signedScale);

    const place = traits.get<number[]>("pixel");
    const has = place.length === 2;
    const value = has ? sofar[pixelAt(place, run.added.height, run.added.width)] : 0;
    const where = has ? `row ${Math.floor(place[0] * input.height)}, column ${Math.floor(place[1] * input.width)}` : "point at a pixel";
    panels.point.label(`α = ${alpha.toFixed(2)}`, where);
    panels.slope.label("Σ over colours", has ? signed(gradient[pixelAt(place, run.gradients.height, run.gradients.width)]) : "");
    panels.sum.label(`${k + 1} of ${run.frames.length}`, has ? signed(value) : "");
    panels.distance.label("φ", has ? (value === 0 ? "nothing yet" : value > 0 ? "speaks for" : "speaks against") : "");
    for (const p of Object.values(panels)) p.point(place);

    track.show(k, run.frames.length - 1, `α = ${alpha.toFixed(2)}`);
    baseline.show(run.baseline, (v) => answers.possible({ baseline: v }));
    rule.show(pretty(run.rule), (v) => answers.possible({ rule: v.replace("–", "_").toLowerCase() }));
    steps.show(String(run.n_steps), (v) => answers.possible({ n_steps: Number(v) }));
    scale.show(own ? "own scale" : "final scale", () => true);
    measures.element.hidden = !run.probabilities;
    measures.show(measure, () => true);
    drawCurve(run, alpha);
    const [sum, change] = [run.sums[k], run.end_score - run.start_score];
    const missing = change - sum;
    const within = Math.abs(missing) <= 0.05 * Math.abs(change);
    const words = k < run.frames.length - 1 ? `still missing ${number(missing, 3)}` : `gap after ${run.n_steps} steps: ${number(missing, 2)}, ${within ? "within 5 %" : "more than 5 %: take more steps"}`;
    complete.show(sum, change, within, words);
    view.say(`alpha ${alpha.toFixed(2)}, score ${number(run.scores[at])}, added up ${number(sum)} of ${number(change)}`);
  }

  function drawCurve(run: ReturnType<typeof unpack>, alpha: number): void {
    const probability = measure === "probability" && run.probabilities;
    const values = probability || run.scores;
    const [low, high] = [Math.min(...values), Math.max(...values)];
    const steepest = Math.max(...run.magnitudes) || 1;
    const slopes = run.magnitudes.map((m) => low + (m / steepest) * (high - low));
    const [from, to] = aha(run.probabilities ?? run.scores);
    const guess = traits.get<number>("guess");
    const name = probability ? "probability F(xₖ)" : `${state().unit} F(xₖ)`;
    const lines = [
      { x: run.alphas, y: values, colour: "var(--accent)", name },
      { x: run.alphas, y: slopes, colour: "var(--warm)", name: "mean |∇F|, scaled to fit", dashed: true },
    ];
    const total = run.frames.map((_, k) => run.start_score + run.sums[k]);
    let walked = 0; // each sum reaches as far as its weights do, to the end of its interval
    const reached = Array.from(run.weights, (w) => (walked += w));
    const dots = { x: run.frames.map((f) => reached[f]), y: total, colour: "var(--good)", name: "F(x⁰) + Σφ so far", dots: true };
    curve.show({
      lines: probability ? lines : [...lines, dots],
      xName: "α",
      yName: "",
      at: alpha,
      xRange: [0, 1],
      band: { from: run.alphas[from], to: run.alphas[to], name: "aha" },
      mark: guess >= 0 ? { at: guess, name: "your guess" } : undefined,
    });
  }

  for (const name of ["state", "frame", "pixel", "run", "guess"]) traits.on(name, view.repaint);
  view.onEnd(track.stop);
  light("point");
  paint();
  return view.end;
}

const pretty = (rule: string): string => (rule === "gauss_legendre" ? "Gauss–Legendre" : rule);

const stepChoices = (state: State, live: boolean): string[] =>
  [...new Set([...(live ? [5, 10, 25, 50, 100] : []), ...state.runs.map((r) => r.n_steps)])].sort((a, b) => a - b).map(String);

/** x0 + α (x - x0). */
export function mixed(start: Float32Array, end: Float32Array, alpha: number): Float32Array {
  return start.map((v, i) => v + alpha * (end[i] - v));
}

/** The 99.5th percentile of the magnitude. */
export function quantile(values: Float32Array): number {
  const sorted = values.map(Math.abs).sort();
  return sorted[Math.floor(0.995 * (sorted.length - 1))] || sorted[sorted.length - 1] || 1;
}
