// The noise lab: one trembling picture, its gradient, the mean of all so far, and the error that shrinks.

import { chart } from "../chart";
import { paintMap } from "../colour";
import { choice, slider } from "../controls";
import { card, h, low, row } from "../dom";
import { legend } from "../legend";
import { formulaBox } from "../mathematics";
import { meter } from "../meter";
import type { Traits } from "../model";
import { number, within } from "../numbers";
import { linked, panelRow, pointAll } from "../panel";
import { Picture } from "../picture";
import { signedAt } from "../pointer";
import { Runs } from "../runs";
import { type Headed, headline, renewed, type Stage, stage } from "../stage";
import { widget } from "../widget";
import { Frames, floats, runningSums, type Wire } from "../wire";
import { type Wishes, wishes } from "../wishes";

interface Run {
  noise_std: number;
  frames: number[];
  gradients: Wire;
  limit: number;
  errors: Wire;
}

interface State extends Headed {
  formula: string;
  input: Wire;
  noise: Wire;
  summand: string;
  mean: string;
  runs: Run[];
}

const GOAL = 0.1; // a relative error that is small enough

function unpack(run: Run) {
  const gradients = new Frames(run.gradients);
  return { run, gradients, sums: runningSums(gradients), errors: floats(run.errors) };
}

type Unpacked = ReturnType<typeof unpack>;

/** Any σ, where a kernel can compute it. */
function anySigma(sigma: number, answers: Wishes<Run>): HTMLElement {
  const shown = h("output", { class: "xk-num" }, String(sigma));
  const range = h("input", {
    type: "range",
    min: "0.01",
    max: "0.5",
    step: "0.01",
    value: String(sigma),
    "aria-label": "noise σ",
  });
  range.addEventListener("input", () => {
    shown.textContent = range.value;
  });
  range.addEventListener("change", () => answers.want({ noise_std: Number(range.value) }));
  return row(h("span", { class: "xk-soft" }, "or any other σ"), range, shown, answers.busy);
}

function furnish(view: Stage, runs: Runs<Run, Unpacked>, answers: Wishes<Run>) {
  const move = (k: number): void => view.put({ frame: within(k, runs.chosen().frames.length - 1) });
  const sigmas = runs.all().map((r) => String(r.noise_std));
  return {
    panels: linked(
      {
        input: ["Trembling input", "the picture with noise"],
        gradient: ["Its gradient", "one noisy gradient"],
        mean: ["Mean so far", "the mean of all gradients up to this one"],
      },
      view.point,
    ),
    track: slider("n, the number of samples", move),
    colours: legend(["down", "up"]),
    sigmas: choice("Noise σ", sigmas, (v) => answers.want({ noise_std: Number(v) })),
    own: view.traits.get<boolean>("live") ? [anySigma(runs.chosen().noise_std, answers)] : [],
    curve: chart("the standard error against the number of samples", (x) => move(Math.round(x) - 1)),
    error: meter("Sampling error beside the result", ["‖SE‖ / ‖φ‖ now", "is where it would be good"]),
  };
}

type Parts = ReturnType<typeof furnish>;

const arranged = (state: State, parts: Parts): HTMLElement[] => [
  ...headline(state),
  formulaBox(state.formula),
  panelRow(parts.panels),
  parts.track.element,
  row(parts.sigmas.element, parts.colours.element),
  ...parts.own,
  low([card(parts.curve.element), card(parts.error.element)]),
];

/** A new σ brings a new state. */
export const noiseLab = renewed((traits: Traits, el: HTMLElement) => {
  const view = stage(traits, el, paint);
  const state = traits.get<State>("state");
  const [picture, noise] = [new Picture(state.input), new Frames(state.noise)];
  const runs = new Runs(traits, () => state.runs, unpack);
  const answers = wishes<Run>(traits, runs.all, (run) => view.put({ run }));
  const parts = furnish(view, runs, answers);
  view.root.append(...arranged(state, parts));

  function paint(): void {
    const now = runs.now();
    const last = now.run.frames.length - 1;
    const k = Math.min(last, traits.get<number>("frame"));
    paintPanels(view, parts, now, k, picture, noise);
    parts.track.show(k, last, `n = ${k + 1}`);
    answers.settle();
    parts.sigmas.show(String(now.run.noise_std), (v) => answers.possible({ noise_std: Number(v) }));
    const error = drawError(parts, now.errors, k);
    view.say(`${k + 1} samples, relative error ${number(error)}`);
  }

  return view.begin(["frame", "pixel", "run"], [parts.track]);
});

function paintPanels(view: Stage, parts: Parts, now: Unpacked, k: number, picture: Picture, noise: Frames): void {
  const { panels, colours } = parts;
  const { run, gradients, sums } = now;
  const scheme = view.scheme();
  const sample = noise.values(Math.min(k, noise.n - 1));
  const mean = sums[k].map((v) => v / (k + 1));
  const gradient = gradients.values(k);
  const trembling = picture.values.map((v, i) => Math.min(1, Math.max(0, v + run.noise_std * sample[i])));
  picture.paint(panels.input.canvas, trembling);
  const own = { limit: gradients.limit, signed: gradients.signed, scheme };
  paintMap(panels.gradient.canvas, gradient, gradients.width, own);
  const scale = { limit: run.limit, signed: gradients.signed, scheme };
  paintMap(panels.mean.canvas, mean, gradients.width, scale);
  colours.show(scale);

  const place = view.traits.get<number[]>("pixel");
  panels.input.label(`sample ${k + 1}`, picture.where(place));
  panels.gradient.label(`sample ${k + 1}`, signedAt(place, gradient, gradients));
  panels.mean.label(`${k + 1} of ${run.frames.length}`, signedAt(place, mean, gradients));
  pointAll(panels, place);
}

/** How the error falls, and whether it is small enough; gives back the relative error now. */
function drawError({ curve, error }: Parts, errors: Float32Array, k: number): number {
  const counts = errors.map((_, j) => j + 2); // one sample alone says nothing of its error
  const last = errors.length - 1;
  const law = counts.map((n) => errors[last] * Math.sqrt(counts[last] / n));
  curve.show({
    lines: [
      { x: counts, y: errors, colour: "var(--accent)", name: "standard error beside the result" },
      { x: counts, y: law, colour: "var(--warm)", name: "falls as 1/√n", dashed: true },
    ],
    xName: "n, samples averaged",
    yName: "",
    at: Math.max(2, k + 1),
    fromZero: true,
  });
  const now = errors[Math.max(0, k - 1)] ?? 1;
  const needed = Math.ceil((k + 1) * (now / GOAL) ** 2);
  const enough = now <= GOAL ? "small enough" : `about ${number(needed, 2)} samples would do`;
  error.show(now, GOAL, now <= GOAL, k === 0 ? "one sample says nothing of its error" : enough);
  return now;
}

export default /* @__PURE__ */ widget(noiseLab);
