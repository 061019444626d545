// The superpixels lab and the text lab: switch pieces off and read the score; see the line that stands for the model.

import { chart } from "../chart";
import { slider, toggle } from "../controls";
import { card, h, low, row, scrolled, soft, strong } from "../dom";
import { says } from "../fit";
import { legend } from "../legend";
import { limitOf } from "../limits";
import { formulaBox } from "../mathematics";
import { meter } from "../meter";
import type { Traits } from "../model";
import { number, signed } from "../numbers";
import { headline, type Stage, stage } from "../stage";
import { widget } from "../widget";
import { type Board, pictureBoard, wordBoard } from "./switch/boards";
import { drawSamples, ranked, sampleTable, steepest } from "./switch/fit";
import { type Pieces, pieces } from "./switch/pieces";
import { countOn, type Data, open, type State } from "./switch/samples";

const BEST = 3;

/** How many samples the line is fitted to. */
const countOf = ({ traits }: Stage, { least, most }: Data): number =>
  Math.max(least, Math.min(most, traits.get<number>("frame")));

const sampleOf = ({ traits }: Stage, { most }: Data): number => Math.min(most - 1, traits.get<number>("sample"));

/** Sets that can be had with one press. */
function setButtons(view: Stage, data: Data, { set }: Pieces): HTMLElement[] {
  const { n } = data;
  const best = (keep: boolean): void => {
    const { slopes } = data.line(countOf(view, data));
    const top = new Set(ranked(slopes, (v) => v).slice(0, Math.min(BEST, n - 1)));
    set(Uint8Array.from({ length: n }, (_, k) => Number(top.has(k) === keep)));
  };
  const sets: [string, () => void][] = [
    ["All on", () => set(new Uint8Array(n).fill(1))],
    ["All off", () => set(new Uint8Array(n))],
    ["Only the best three", () => best(true)],
    ["All but the best three", () => best(false)],
    ["This sample", () => set(data.sample(view.traits.get<number>("sample")))],
  ];
  return sets.map(([text, onclick]) => h("button", { type: "button", onclick }, text));
}

function furnish(view: Stage, data: Data, paint: () => void) {
  const { least, most } = data;
  const move = (k: number): void => {
    const count = Math.max(least, k);
    view.put({ frame: count, sample: Math.min(most - 1, count - 1) });
  };
  return {
    colours: legend(["against", "for"]),
    model: h("div", { class: "xk-big" }),
    words: soft(),
    line: h("div", { class: "xk-big" }),
    track: slider("samples that the line is fitted to", move),
    by: toggle("Samples by", ["the line", "weight"], "the line", paint),
    scatter: chart("the samples", () => undefined),
    fidelity: meter("How much of the scores does the line explain?", ["R² now", "is where it would be perfect"]),
    slopes: h("div", {}),
    table: scrolled("the samples", "xk-short"),
  };
}

type Parts = ReturnType<typeof furnish>;

function arranged(state: State, board: Board, buttons: HTMLElement[], parts: Parts): HTMLElement[] {
  const model = card(strong("What the model says"), parts.model, parts.words);
  const line = card(strong("What the line says"), parts.line, soft("intercept plus the slopes of what is on"));
  const slopes = card(strong("The steepest slopes"), parts.slopes, parts.table);
  const samples = card(parts.by.element, parts.scatter.element, parts.fidelity.element);
  return [
    ...headline(state),
    formulaBox(state.formula),
    board.element,
    row(...buttons, parts.colours.element),
    low([model, line], "xk-half"),
    parts.track.element,
    low([slopes, samples], "xk-half"),
  ];
}

export function switchLab(traits: Traits, el: HTMLElement): () => void {
  const view = stage(traits, el, paint);
  const state = traits.get<State>("state");
  const data = open(state);
  const all = pieces(view, state, data, paint);
  const board = (state.view === "picture" ? pictureBoard : wordBoard)(view, state, all);
  const parts = furnish(view, data, paint);
  view.root.append(...arranged(state, board, setButtons(view, data, all), parts));

  function paint(): void {
    const [there, m] = [all.on(), countOf(view, data)];
    const line = data.line(m);
    const limit = limitOf(data.line(data.most).slopes);
    const k = sampleOf(view, data);
    board.show({ there, line, limit, sample: data.sample(k), name: `sample ${k + 1}` });
    parts.colours.show({ limit, signed: true, scheme: view.scheme() });
    const score = all.score(there);
    showScore(view, parts, state, there, score);
    parts.line.textContent = number(says(line, there), 3);
    showFit(view, parts, state, data, m);
    const name = all.pointed >= 0 ? `${state.names[all.pointed]}: slope ${signed(line.slopes[all.pointed])}. ` : "";
    const off = data.n - countOn(there);
    view.say(`${name}${off} off, ${score === undefined ? "score unknown" : number(score)}`);
  }

  return view.begin(["frame", "pixel", "off", "sample", "answers"], [parts.track]);
}

/** What the model says of this set: a number, or why there is none. */
function showScore(view: Stage, parts: Parts, state: State, there: Uint8Array, score: number | undefined): void {
  const { traits } = view;
  const live = traits.get<boolean>("live");
  const coming = live && !traits.get("error") && state.view !== "row";
  const off = there.length - countOn(there);
  const set = off ? `${off} of ${there.length} off` : `all ${there.length} on`;
  parts.model.textContent = score === undefined ? (coming ? "…" : "–") : number(score, 3);
  parts.words.textContent =
    score === undefined && !live
      ? "nobody asked for this set: that needs a running notebook"
      : `${state.unit} of ${state.target} with ${set}`;
}

/** The line through the first `m` samples: its slopes, its samples, and how much it explains. */
function showFit(view: Stage, parts: Parts, state: State, data: Data, m: number): void {
  const line = data.line(m);
  const good = line.r2 >= 0.5;
  const words = good ? "more than half: it follows the model" : "less than half: do not trust its slopes";
  const pick = (sample: number): void => view.put({ sample });
  parts.track.show(m, data.most, `${m} samples`);
  parts.slopes.replaceChildren(steepest(line, state));
  parts.fidelity.show(line.r2, 1, good, words);
  drawSamples(parts.scatter, data, line, m, parts.by.value === "weight");
  parts.table.replaceChildren(sampleTable(data, line, m, view.traits.get<number>("sample"), pick));
  parts.by.show();
}

export default /* @__PURE__ */ widget(switchLab);
