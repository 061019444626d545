// The noise lab: one trembling picture, its gradient, the mean of all so far, and the error that shrinks.

import { chart } from "../chart";
import { paintMap, paintPicture } from "../colour";
import { choice, formulaBox, h, number, signed, slider } from "../dom";
import { meter } from "../meter";
import type { Traits } from "../model";
import { oracle } from "../oracle";
import { legend, panel } from "../panel";
import { headline, renewed, stage } from "../stage";
import { widget } from "../widget";
import { Frames, floats, pixelAt, runningSums, type Wire } from "../wire";

interface Run {
  noise_std: number;
  frames: number[];
  gradients: Wire;
  limit: number;
  errors: Wire;
}

interface State {
  title: string;
  question: string;
  formula: string;
  input: Wire;
  noise: Wire;
  summand: string;
  mean: string;
  runs: Run[];
}

const GOAL = 0.1;

/** A new σ brings a new state. */
export const noiseLab = renewed(lab);

function lab(traits: Traits, el: HTMLElement): () => void {
  const view = stage(traits, el, paint);
  const state = (): State => traits.get<State>("state");
  const answers = oracle<Run>(traits, () => state().runs);
  const [input, noise] = [new Frames(state().input), new Frames(state().noise)];
  const picture = input.values(0);
  const cache = new WeakMap<Run, { one: Frames; sums: Float32Array[]; errors: Float32Array }>();
  const run = (): Run => state().runs[Math.min(traits.get<number>("run"), state().runs.length - 1)];
  const unpacked = (r: Run) => {
    if (!cache.has(r)) {
      const one = new Frames(r.gradients);
      cache.set(r, { one, sums: runningSums(one), errors: floats(r.errors) });
    }
    return cache.get(r) as { one: Frames; sums: Float32Array[]; errors: Float32Array };
  };

  const move = (k: number): void => {
    put({ frame: Math.max(0, Math.min(run().frames.length - 1, k)) });
  };
  const { point, put } = view;
  const panels = [
    panel("Trembling input", "the picture with noise", point),
    panel("Its gradient", "one noisy gradient", point),
    panel("Mean so far", "the mean of all gradients up to this one", point),
  ];
  const track = slider("n, the number of samples", move);
  const colours = legend(["down", "up"]);
  const sigmas = choice(
    "Noise σ",
    state().runs.map((r) => String(r.noise_std)),
    (v) => {
      const found = answers.known({ noise_std: Number(v) });
      if (found) {
        put({ run: state().runs.indexOf(found) });
      } else answers.ask({ noise_std: Number(v) });
    },
  );
  const busy = h("span", { class: "xk-busy", role: "status", hidden: "" }, "the notebook is computing");
  const shown = h("output", { class: "xk-num" }, String(run().noise_std));
  const range = h("input", {
    type: "range",
    min: "0.01",
    max: "0.5",
    step: "0.01",
    value: String(run().noise_std),
    "aria-label": "noise σ",
  });
  range.addEventListener("input", () => (shown.textContent = range.value));
  range.addEventListener("change", () => {
    const known = answers.known({ noise_std: Number(range.value) });
    if (known) {
      put({ run: state().runs.indexOf(known) });
    } else {
      busy.hidden = false;
      answers.ask({ noise_std: Number(range.value) });
    }
  });
  const own = traits.get<boolean>("live")
    ? h("div", { class: "xk-row" }, h("span", { class: "xk-soft" }, "or any other σ"), range, shown, busy)
    : null;
  const curve = chart("the standard error against the number of samples", (x) => move(Math.round(x) - 1));
  const error = meter("Sampling error beside the result", ["‖SE‖ / ‖φ‖ now", "is where it would be good"]);

  const parts = [
    ...headline(state()),
    formulaBox(state().formula),
    h("div", { class: "xk-panels xk-three" }, ...panels.map((p) => p.element)),
    track.element,
    h("div", { class: "xk-row" }, sigmas.element, colours.element),
    own,
    h(
      "div",
      { class: "xk-low" },
      h("div", { class: "xk-card" }, curve.element),
      h("div", { class: "xk-card" }, error.element),
    ),
  ];
  view.root.append(...parts.filter((part) => part !== null));

  function paint(): void {
    const r = run();
    const { one, sums, errors } = unpacked(r);
    const k = Math.min(r.frames.length - 1, traits.get<number>("frame"));
    const scheme = view.scheme();
    const sample = noise.values(Math.min(k, noise.n - 1));
    const mean = sums[k].map((v) => v / (k + 1));
    const gradient = one.values(k);
    paintPicture(
      panels[0].canvas,
      picture.map((v, i) => Math.min(1, Math.max(0, v + r.noise_std * sample[i]))),
      input.width,
      input.channels,
    );
    paintMap(panels[1].canvas, gradient, one.width, { limit: one.limit, signed: one.signed, scheme });
    const scale = { limit: r.limit, signed: one.signed, scheme };
    paintMap(panels[2].canvas, mean, one.width, scale);
    colours.show(scale);

    const place = traits.get<number[]>("pixel");
    const i = place.length === 2 ? pixelAt(place, one.height, one.width) : -1;
    panels[0].label(
      `sample ${k + 1}`,
      i < 0
        ? "point at a pixel"
        : `row ${Math.floor(place[0] * input.height)}, column ${Math.floor(place[1] * input.width)}`,
    );
    panels[1].label(`sample ${k + 1}`, i < 0 ? "" : signed(gradient[i]));
    panels[2].label(`${k + 1} of ${r.frames.length}`, i < 0 ? "" : signed(mean[i]));
    for (const p of panels) p.point(place);
    track.show(k, r.frames.length - 1, `n = ${k + 1}`);
    if (traits.get("error")) busy.hidden = true;
    sigmas.show(String(r.noise_std), (v) => answers.possible({ noise_std: Number(v) }));

    const counts = errors.map((_, j) => j + 2); // one sample alone says nothing of its error
    const last = errors.length - 1;
    curve.show({
      lines: [
        { x: counts, y: errors, colour: "var(--accent)", name: "standard error beside the result" },
        {
          x: counts,
          y: counts.map((n) => errors[last] * Math.sqrt(counts[last] / n)),
          colour: "var(--warm)",
          name: "falls as 1/√n",
          dashed: true,
        },
      ],
      xName: "n, samples averaged",
      yName: "",
      at: Math.max(2, k + 1),
      fromZero: true,
    });
    const now = errors[Math.max(0, k - 1)] ?? 1;
    const needed = Math.ceil((k + 1) * (now / GOAL) ** 2);
    const words =
      k === 0
        ? "one sample says nothing of its error"
        : now <= GOAL
          ? "small enough"
          : `about ${number(needed, 2)} samples would do`;
    error.show(now, GOAL, now <= GOAL, words);
    view.say(`${k + 1} samples, relative error ${number(now)}`);
  }

  for (const name of ["frame", "pixel", "run"]) traits.on(name, view.repaint);
  view.onEnd(track.stop);
  paint();
  return view.end;
}

export default /* @__PURE__ */ widget(noiseLab);
