// The backward lab: what a ReLU is handed and hands on by three rules, and which map notices random weights.

import { chart } from "../chart";
import { paintMap } from "../colour";
import { choice, slider } from "../controls";
import { card, h, low, row, soft, strong } from "../dom";
import { legend } from "../legend";
import { limitOf } from "../limits";
import { formulaFrame, math } from "../mathematics";
import type { Traits } from "../model";
import { short } from "../names";
import { number, signed, within } from "../numbers";
import { linked, panelRow, pointAll } from "../panel";
import { Picture } from "../picture";
import { signedAt } from "../pointer";
import { type Headed, headline, type Stage, stage } from "../stage";
import { widget } from "../widget";
import { Frames, floats, pixelAt, type Wire } from "../wire";

interface Run {
  rule: string;
  formula: string;
  maps: Wire; // at the input, with 0, 1, … groups of layers random
  similarity: Wire; // of each to the first
  relus: { arrived: Wire; handed: Wire; counts: number[] }[]; // cells: arrived, closed, negative, handed on
}

interface State extends Headed {
  target: string;
  input: Wire;
  relus: { name: string; channel: number; activation: Wire }[];
  groups: string[];
  runs: Run[];
}

const LINE_COLOURS = ["var(--soft)", "var(--warm)", "var(--accent)"];

/** What the traits say now, unpacked: the rule, the ReLU, the number of random groups, and their maps. */
function moment(traits: Traits, state: State) {
  const run = state.runs[traits.get<number>("run")];
  const j = Math.min(state.relus.length - 1, traits.get<number>("relu"));
  const k = Math.min(state.groups.length - 1, traits.get<number>("frame"));
  const relu = state.relus[j];
  const [activation, arrived, handed] = [relu.activation, run.relus[j].arrived, run.relus[j].handed].map(framed);
  const maps = new Frames(run.maps);
  return { run, j, k, relu, activation, arrived, handed, maps, map: maps.values(k), counts: run.relus[j].counts };
}

type Moment = ReturnType<typeof moment>;

const framed = (wire: Wire): { frames: Frames; values: Float32Array } => {
  const frames = new Frames(wire);
  return { frames, values: frames.values(0) };
};

function furnish(view: Stage, state: State) {
  const random = state.groups.length - 1;
  const move = (frame: number): void => view.put({ frame: within(frame, random) });
  const names = state.runs.map((r) => r.rule);
  return {
    panels: linked(
      {
        activation: ["The ReLU gave", "its output, one channel"],
        arriving: ["Arriving", "the signal from above"],
        handed: ["Handed on", "the signal below, by this rule"],
        map: ["At the input", "what is left at the pixels, over the picture"],
      },
      view.point,
    ),
    formula: formulaFrame(),
    rules: choice("Rule", names, (v) => view.put({ run: names.indexOf(v) })),
    relus: slider("which ReLU, from the input up", (relu) => view.put({ relu })),
    cascade: slider("random layers, from the last one down", move),
    colours: legend(["against", "for"]),
    curve: chart("similarity to the map of the trained network", move),
    words: h("p", {}),
  };
}

type Parts = ReturnType<typeof furnish>;

const arranged = (state: State, parts: Parts): HTMLElement[] => [
  ...headline(state),
  parts.formula,
  panelRow(parts.panels),
  row(parts.rules.element, parts.colours.element),
  soft("Which ReLU"),
  parts.relus.element,
  soft("Random layers, from the last one down"),
  parts.cascade.element,
  low([card(parts.curve.element), card(strong("At this ReLU"), parts.words)]),
];

export function backwardLab(traits: Traits, el: HTMLElement): () => void {
  const view = stage(traits, el, paint);
  const state = traits.get<State>("state");
  const picture = new Picture(state.input);
  const parts = furnish(view, state);
  view.root.append(...arranged(state, parts));

  function paint(): void {
    const now = moment(traits, state);
    const random = state.groups.length - 1;
    parts.formula.replaceChildren(math(now.run.formula) ?? "");
    paintPanels(view, parts, now, picture);
    labelPanels(parts, now, traits.get<number[]>("pixel"), random);
    parts.rules.show(now.run.rule);
    parts.relus.show(now.j, state.relus.length - 1, short(now.relu.name));
    parts.cascade.show(now.k, random, now.k ? `down to ${short(state.groups[now.k])}` : "none");
    drawSimilarity(parts, state, now);
    parts.words.textContent = inWords(now.counts);
    const similarity = number(floats(now.run.similarity)[now.k], 2);
    view.say(`${now.run.rule}, ${short(now.relu.name)}; similarity ${similarity} with ${now.k} groups random`);
  }

  return view.begin(["frame", "pixel", "run", "relu"], [parts.relus, parts.cascade]);
}

function paintPanels(view: Stage, { panels, colours }: Parts, now: Moment, picture: Picture): void {
  const scheme = view.scheme();
  const { activation, arrived, handed, maps, map } = now;
  const scale = { limit: arrived.frames.limit, signed: true, scheme };
  const unsigned = { limit: activation.frames.limit, signed: false, scheme };
  paintMap(panels.activation.canvas, activation.values, activation.frames.width, unsigned);
  paintMap(panels.arriving.canvas, arrived.values, arrived.frames.width, scale);
  paintMap(panels.handed.canvas, handed.values, arrived.frames.width, scale);
  const faint = { limit: 0.6 * limitOf(map), signed: true, scheme };
  paintMap(panels.map.canvas, map, maps.width, faint, picture.grey(maps, scheme));
  colours.show(scale);
}

function labelPanels({ panels }: Parts, now: Moment, place: number[], random: number): void {
  const { frames, values } = now.activation;
  const cell = place.length ? pixelAt(place, frames.height, frames.width) : -1;
  const gate = values[cell] > 0 ? `a = ${number(values[cell])}: open` : "a = 0: closed";
  const relevance = (of: Float32Array): string => (cell < 0 ? "" : `R = ${signed(of[cell])}`);
  panels.activation.label(`channel ${now.relu.channel}`, cell < 0 ? "point at a cell" : gate);
  panels.arriving.label(`${frames.height}×${frames.width}`, relevance(now.arrived.values));
  panels.handed.label(now.run.rule, relevance(now.handed.values));
  panels.map.label(now.k ? `${now.k} of ${random} random` : "trained", signedAt(place, now.map, now.maps));
  pointAll(panels, place);
}

/** How like the map stays while the network is made random; the chosen rule is drawn on top of the others. */
function drawSimilarity({ curve }: Parts, state: State, now: Moment): void {
  const lines = state.runs.map((r, i) => ({
    x: Float32Array.from(state.groups, (_, g) => g),
    y: floats(r.similarity),
    colour: LINE_COLOURS[i],
    name: r.rule,
    dashed: r !== now.run,
  }));
  lines.sort((p, q) => Number(p.dashed) - Number(q.dashed));
  curve.show({ lines, xName: "groups of layers that are random", yName: "", at: now.k, fromZero: true });
}

function inWords([all, closed, negative, passed]: number[]): string {
  const share = (n: number): string => `${Math.round((100 * n) / (all || 1))} %`;
  return `A signal arrives in ${all} cells of this channel. In ${share(closed)} of them the ReLU was closed, in ${share(negative)} the signal is negative. By this rule ${share(passed)} hand something on.`;
}

export default /* @__PURE__ */ widget(backwardLab);
