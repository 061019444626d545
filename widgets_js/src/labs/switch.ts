// The superpixels lab and the text lab: switch pieces off and read the score; see the line that stands for the model.

import { chart } from "../chart";
import { channels, greyOf, paintMap, paintPicture, paintPixels, tokens as palette } from "../colour";
import { choice, formulaBox, h, number, signed, slider } from "../dom";
import { type Line, ridge, type Samples, says, summing } from "../fit";
import { meter } from "../meter";
import type { Traits } from "../model";
import { legend, panel } from "../panel";
import { bars } from "../player";
import { headline, stage } from "../stage";
import { tokenRow } from "../tokens";
import { widget } from "../widget";
import { Frames, floats, Labels, pixelAt, type Wire } from "../wire";
import { rim } from "./regions";

interface State {
  title: string;
  question: string;
  formula: string;
  target: string;
  unit: string;
  view: "picture" | "text" | "row";
  names: string[];
  tokens?: string[];
  input?: Wire;
  instead?: Wire; // what is seen of a hidden piece
  regions?: Wire;
  samples: Wire; // zeros and ones
  scores: Wire;
  weights: Wire;
  ends: [number, number]; // the score of nothing and of everything
  penalty: number;
  sums: boolean; // whether the slopes must add up
  of: number;
}

const FEW = 8;

/** The picture and its superpixels, or the pieces of a text: what is switched, and what a sample shows. */
interface Board {
  elements: HTMLElement[];
  show(on: Uint8Array, line: Line, limit: number, sample: Uint8Array, name: string): void;
}

export function switchLab(traits: Traits, el: HTMLElement): () => void {
  const view = stage(traits, el, paint);
  const { put } = view;
  const state = traits.get<State>("state");
  const n = state.names.length;
  const bits = new Labels(state.samples);
  const z = new Uint8Array(bits.n * n);
  for (let k = 0; k < bits.n; k++) z.set(Uint8Array.from(bits.values(k)), k * n);
  const samples: Samples = { n, z, y: floats(state.scores), w: floats(state.weights) };
  const most = bits.n;
  const least = Math.min(most, Math.max(4, Math.ceil(n / 4)));
  const lines = new Map<number, Line>();
  const lineOf = (count: number): Line => {
    if (!lines.has(count))
      lines.set(
        count,
        state.sums
          ? summing(samples, count, state.ends[0], state.ends[1] - state.ends[0])
          : ridge(samples, count, state.penalty),
      );
    return lines.get(count) as Line;
  };
  const sets = new Map<string, number>(); // the samples by their zeros and ones: the mean where there are several
  const seen = new Map<string, number>();
  for (let k = 0; k < most; k++) {
    const key = z.subarray(k * n, (k + 1) * n).join("");
    seen.set(key, (seen.get(key) ?? 0) + 1);
    sets.set(key, (sets.get(key) ?? 0) + (samples.y[k] - (sets.get(key) ?? 0)) / (seen.get(key) as number));
  }
  const on = (): Uint8Array => {
    const there = new Uint8Array(n).fill(1);
    for (const k of traits.get<number[]>("off")) if (k < n) there[k] = 0;
    return there;
  };
  const known = (key: string): number | undefined =>
    traits.get<Record<string, number>>("answers")[key] ?? sets.get(key);
  const set = (there: ArrayLike<number>): void => {
    const off = Array.from({ length: n }, (_, k) => k).filter((k) => !there[k]);
    traits.put({ off });
    const key = Array.from({ length: n }, (_, k) => (there[k] ? 1 : 0)).join("");
    if (known(key) === undefined && traits.get<boolean>("live") && state.view !== "row")
      traits.put({ request: { set: key, number: Date.now() } });
    paint();
  };
  const toggle = (k: number): void => {
    const there = on();
    there[k] = 1 - there[k];
    set(there);
  };
  let pointed = -1;
  const point = (k: number): void => {
    pointed = k;
    view.repaint();
  };
  const board: Board = state.view === "picture" ? pictureBoard() : wordBoard();

  const colours = legend(["against", "for"]);
  const [big, line, words] = [
    h("div", { class: "xk-big" }),
    h("div", { class: "xk-big" }),
    h("div", { class: "xk-soft" }),
  ];
  const strongest = (count: number): number[] =>
    Array.from(lineOf(count).slopes.keys()).sort((a, b) => lineOf(count).slopes[b] - lineOf(count).slopes[a]);
  const count = (): number => Math.max(least, Math.min(most, traits.get<number>("frame")));
  const best = (keep: boolean): void => {
    const top = new Set(strongest(count()).slice(0, Math.min(3, n - 1)));
    set(Uint8Array.from({ length: n }, (_, k) => Number(top.has(k) === keep)));
  };
  const buttons = [
    h("button", { type: "button", onclick: () => set(new Uint8Array(n).fill(1)) }, "All on"),
    h("button", { type: "button", onclick: () => set(new Uint8Array(n)) }, "All off"),
    h("button", { type: "button", onclick: () => best(true) }, "Only the best three"),
    h("button", { type: "button", onclick: () => best(false) }, "All but the best three"),
    h(
      "button",
      {
        type: "button",
        onclick: () => set(z.subarray(traits.get<number>("sample") * n, (traits.get<number>("sample") + 1) * n)),
      },
      "This sample",
    ),
  ];
  const track = slider("samples that the line is fitted to", (k) =>
    put({ frame: Math.max(least, k), sample: Math.min(most - 1, Math.max(least, k) - 1) }),
  );
  const charts = choice("Samples by", ["the line", "weight"], (v) => {
    shown = v;
    paint();
  });
  let shown = "the line";
  const scatter = chart("the samples", () => undefined);
  const fidelity = meter("How much of the scores does the line explain?", ["R² now", "is where it would be perfect"]);
  const slopes = h("div", {});
  const table = h("div", { class: "xk-scroll xk-short", tabindex: "0", role: "region", "aria-label": "the samples" });

  view.root.append(
    ...headline(state),
    formulaBox(state.formula),
    ...board.elements,
    h("div", { class: "xk-row" }, ...buttons, colours.element),
    h(
      "div",
      { class: "xk-low xk-half" },
      h("div", { class: "xk-card" }, h("div", { class: "xk-strong" }, "What the model says"), big, words),
      h(
        "div",
        { class: "xk-card" },
        h("div", { class: "xk-strong" }, "What the line says"),
        line,
        h("div", { class: "xk-soft" }, "intercept plus the slopes of what is on"),
      ),
    ),
    track.element,
    h(
      "div",
      { class: "xk-low xk-half" },
      h("div", { class: "xk-card" }, h("div", { class: "xk-strong" }, "The steepest slopes"), slopes, table),
      h("div", { class: "xk-card" }, charts.element, scatter.element, fidelity.element),
    ),
  );

  function paint(): void {
    const [there, m] = [on(), count()];
    const now = lineOf(m);
    const final = lineOf(most);
    const limit = Math.max(...Array.from(final.slopes, Math.abs)) || 1;
    const k = Math.min(most - 1, traits.get<number>("sample"));
    board.show(there, now, limit, z.subarray(k * n, (k + 1) * n), `sample ${k + 1}`);
    colours.show({ limit, signed: true, scheme: view.scheme() });
    const score = known(there.join(""));
    const gone = there.reduce((sum, v) => sum + 1 - v, 0);
    big.textContent =
      score === undefined
        ? traits.get<boolean>("live") && !traits.get("error") && state.view !== "row"
          ? "…"
          : "–"
        : number(score, 3);
    words.textContent =
      score === undefined && !traits.get<boolean>("live")
        ? "nobody asked for this set: that needs a running notebook"
        : `${state.unit} of ${state.target} with ${gone ? `${gone} of ${n} off` : `all ${n} on`}`;
    line.textContent = number(says(now, there), 3);
    track.show(m, most, `${m} samples`);
    const top = Array.from(now.slopes.keys())
      .sort((a, b) => Math.abs(now.slopes[b]) - Math.abs(now.slopes[a]))
      .slice(0, FEW);
    slopes.replaceChildren(
      bars(
        Float32Array.from(top, (i) => now.slopes[i]),
        undefined,
        top.map((i) => state.names[i]),
        430,
      ),
    );
    fidelity.show(
      now.r2,
      1,
      now.r2 >= 0.5,
      now.r2 >= 0.5 ? "more than half: it follows the model" : "less than half: do not trust its slopes",
    );
    drawSamples(now, m);
    charts.show(shown, () => true);
    const name = pointed >= 0 ? `${state.names[pointed]}: slope ${signed(now.slopes[pointed])}. ` : "";
    view.say(`${name}${gone} off, ${score === undefined ? "score unknown" : number(score)}`);
  }

  function drawSamples(now: Line, m: number): void {
    const some = Array.from({ length: m }, (_, k) => k).slice(-400);
    const x = some.map((k) => (shown === "weight" ? samples.w[k] : says(now, z, k * n)));
    const y = some.map((k) => samples.y[k]);
    const [low, high] = [Math.min(...x, ...y), Math.max(...x, ...y)];
    const diagonal = { x: [low, high], y: [low, high], colour: "var(--warm)", name: "they agree", dashed: true };
    scatter.show({
      lines: [
        { x, y, colour: "var(--accent)", name: "what the model says", dots: true },
        ...(shown === "weight" ? [] : [diagonal]),
      ],
      xName: shown === "weight" ? "how much the sample counts" : "what the line says",
      yName: "",
    });
    const near = Array.from({ length: m }, (_, k) => k)
      .sort((a, b) => samples.w[b] - samples.w[a])
      .slice(0, 12);
    const cells = (k: number): string[] => [
      String(k + 1),
      `${z.subarray(k * n, (k + 1) * n).reduce((s, v) => s + v, 0)} of ${n}`,
      number(samples.w[k], 2),
      number(samples.y[k], 3),
      number(says(now, z, k * n), 3),
    ];
    const row = (k: number): HTMLElement =>
      h(
        "tr",
        { class: k === traits.get<number>("sample") ? "xk-lit" : null, onclick: () => put({ sample: k }) },
        ...cells(k).map((c) => h("td", {}, c)),
      );
    table.replaceChildren(
      h(
        "table",
        {},
        h("tr", {}, ...["sample", "on", "weight", "model", "line"].map((c) => h("th", {}, c))),
        ...near.map(row),
      ),
    );
  }

  function pictureBoard(): Board {
    const [input, instead] = [new Frames(state.input as Wire), new Frames(state.instead as Wire)];
    const labels = new Labels(state.regions as Wire);
    const [picture, hidden, region] = [input.values(0), instead.values(0), labels.values(0)];
    const [height, width] = [labels.height, labels.width];
    const down = height / input.height;
    const at = (i: number): number =>
      region[Math.floor(Math.floor(i / input.width) * down) * width + Math.floor((i % input.width) * down)];
    const move = (place: number[]): void => {
      traits.put({ pixel: place });
      point(region[pixelAt(place, height, width)]);
    };
    const press = (): void => {
      const place = traits.get<number[]>("pixel");
      if (place.length) toggle(region[pixelAt(place, height, width)]);
    };
    const seen = panel("What the model sees", "a click or Enter switches a superpixel", move);
    const map = panel("Slopes of the line", "one a superpixel", move);
    const one = panel("One of the samples", "some superpixels off", move);
    seen.canvas.addEventListener("click", press);
    seen.canvas.addEventListener("keydown", (event) => event.key === "Enter" && press());
    const c = input.channels;
    const masked = (there: Uint8Array): Float32Array =>
      picture.map((v, i) => (there[at(Math.floor(i / c))] ? v : hidden[i]));
    return {
      elements: [h("div", { class: "xk-panels xk-three" }, seen.element, map.element, one.element)],
      show(there, now, limit, sample, name) {
        const scheme = view.scheme();
        paintPicture(seen.canvas, masked(there), input.width, c);
        const accent = channels(palette[scheme].warm);
        if (pointed >= 0 && down === 1) {
          const edge = rim(region, width, (label) => label === pointed);
          paintPixels(seen.canvas, width, height, (i) => (edge[i] ? accent : null));
        }
        const values = Float32Array.from(region, (r) => now.slopes[r]);
        paintMap(
          map.canvas,
          values,
          width,
          { limit, signed: true, scheme },
          greyOf(picture, c, [input.height, input.width], [height, width], scheme),
        );
        paintPicture(one.canvas, masked(sample), input.width, c);
        const place = traits.get<number[]>("pixel");
        const there_ = there.reduce((s, v) => s + v, 0);
        seen.label(
          `${there_} of ${n} on`,
          pointed < 0 ? "click to switch one" : `${state.names[pointed]} ${there[pointed] ? "on" : "off"}`,
        );
        map.label("", pointed < 0 ? "" : `slope ${signed(now.slopes[pointed])}`);
        one.label(name, `${sample.reduce((s, v) => s + v, 0)} of ${n} on`);
        for (const p of [seen, map, one]) p.point(place);
      },
    };
  }

  function wordBoard(): Board {
    const row = tokenRow(state.tokens ?? state.names, point, toggle);
    const read = h("div", { class: "xk-value" });
    const other = h("div", { class: "xk-soft" });
    return {
      elements: [
        h(
          "div",
          { class: "xk-card xk-gap" },
          h(
            "div",
            { class: "xk-soft" },
            state.view === "text"
              ? "Press a word to take it out of the text"
              : "Press a condition: struck out, it need not hold",
          ),
          row.element,
          read,
          other,
        ),
      ],
      show(there, now, limit, sample, name) {
        row.show(now.slopes, limit, view.scheme(), there);
        read.textContent =
          pointed < 0 ? "point at a piece" : `${state.names[pointed]}: slope ${signed(now.slopes[pointed])}`;
        const words = state.tokens ?? state.names;
        other.textContent =
          state.view === "text"
            ? `${name}: ${
                words
                  .filter((_, k) => sample[k])
                  .join("")
                  .trim() || "(nothing is left)"
              }`
            : "";
      },
    };
  }

  for (const name of ["frame", "pixel", "off", "sample", "answers"]) traits.on(name, view.repaint);
  view.onEnd(track.stop);
  paint();
  return view.end;
}

export default /* @__PURE__ */ widget(switchLab);
