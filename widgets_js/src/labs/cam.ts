// The CAM lab: feature maps times weights, added up channel by channel, through the ReLU, onto the picture.

import { chart } from "../chart";
import { paintMap } from "../colour";
import { choice, flag, slider } from "../controls";
import { card, h, low, row } from "../dom";
import { legend } from "../legend";
import { limitOf } from "../limits";
import { formulaFrame, math } from "../mathematics";
import { meter } from "../meter";
import type { Traits } from "../model";
import { number, signed, within } from "../numbers";
import { linked, panelRow, pointAll } from "../panel";
import { Picture } from "../picture";
import { signedAt } from "../pointer";
import { resize } from "../resize";
import { Runs } from "../runs";
import { type Headed, headline, type Stage, stage } from "../stage";
import { widget } from "../widget";
import { Frames, floats, pixelAt, type Wire } from "../wire";

interface Run {
  name: string;
  terms: Record<string, string>; // the formula, part by part
  weights: Wire | null; // one a channel; null: every cell has its own
  summands: Wire; // what each channel adds
  order: Wire; // the channels, the strongest first
  rest: Wire; // what the channels add that were not sent
  total: Wire; // the sum of all
  goal: number | null; // what the map should add up to
}

interface State extends Headed {
  target: string;
  input: Wire;
  maps: Wire;
  channels: Wire;
  of: number;
  runs: Run[];
}

const TERMS = [
  ["relu", "ReLU"],
  ["sum", "add up"],
  ["weight", "weight"],
  ["map", "feature map"],
];

/** A run with its channels in their order and the sums of the first 1, 2, … of them. */
function unpack(run: Run) {
  const order = floats(run.order);
  const maps = new Frames(run.summands);
  const sums: Float32Array[] = [];
  for (const channel of order) {
    const next = maps.values(channel);
    const last = sums[sums.length - 1];
    if (last) for (let i = 0; i < next.length; i++) next[i] += last[i];
    sums.push(next);
  }
  sums[sums.length - 1] = floats(run.total); // the last one is exact, and has what was not sent
  return { run, order, maps, sums, totals: Float32Array.from(sums, sum), weights: run.weights && floats(run.weights) };
}

type Unpacked = ReturnType<typeof unpack>;

const sum = (values: ArrayLike<number>): number => Array.from(values).reduce((a, b) => a + b, 0);

/** What was sent, unpacked once. */
interface Data {
  state: State;
  picture: Picture;
  maps: Frames;
  channels: Float32Array;
  most: number; // the last place of the slider
}

function furnish(view: Stage, { state, most }: Data) {
  const move = (frame: number): void => view.put({ frame: within(frame, most) });
  const names = state.runs.map((r) => r.name);
  return {
    panels: linked(
      {
        map: ["Feature map", "what the channel sees"],
        weighted: ["× weight", "the feature map times its weight"],
        sum: ["Sum so far", "all channels added so far"],
        over: ["Over the picture", "the sum, enlarged to the picture"],
      },
      view.point,
    ),
    terms: TERMS.map(([name, words]) => ({
      name,
      element: h("span", { class: "xk-term" }, h("small", {}, words)),
    })),
    track: slider("channels added", move),
    methods: choice("Method", names, (v) => view.put({ run: names.indexOf(v) })),
    edges: flag(view, "Enlarged", ["smoothly", "cell by cell"], "smooth"),
    relu: flag(view, "ReLU", ["on", "off"], "relu"),
    colours: legend(["against", "for"]),
    curve: chart("what the map adds up to, by channels", (x) => move(x - 1)),
    adds: meter("Does the map add up to the score?", ["ΣL so far", "F(x) − F(A = 0)"]),
    silent: h("span", { class: "xk-soft" }, "This method has no unit in which it could add up to the score."),
    last: card(),
  };
}

type Parts = ReturnType<typeof furnish>;

const arranged = (state: State, parts: Parts): HTMLElement[] => [
  ...headline(state),
  formulaFrame(...parts.terms.map((t) => t.element)),
  panelRow(parts.panels),
  parts.track.element,
  ...(state.runs.length > 1 ? [row(parts.methods.element)] : []),
  row(parts.edges.element, parts.relu.element, parts.colours.element),
  low([card(parts.curve.element), parts.last]),
];

/** What the traits say now: the channel, its maps, the sum so far and the sum at the picture's size. */
function moment(traits: Traits, run: Unpacked, { maps, most, picture }: Data) {
  const k = Math.min(most, traits.get<number>("frame"));
  const open = traits.get<boolean>("relu");
  const channel = run.order[k];
  const L = open ? run.sums[k].map((v) => Math.max(0, v)) : run.sums[k];
  const large = resize(L, maps.width, maps.height, picture.width, picture.height, traits.get<boolean>("smooth"));
  return { k, open, channel, map: maps.values(channel), weighted: run.maps.values(channel), L, large };
}

type Moment = ReturnType<typeof moment>;

export function camLab(traits: Traits, el: HTMLElement): () => void {
  const view = stage(traits, el, paint);
  const state = traits.get<State>("state");
  const channels = floats(state.channels);
  const [picture, maps] = [new Picture(state.input), new Frames(state.maps)];
  const data: Data = { state, picture, maps, channels, most: channels.length - 1 };
  const runs = new Runs(traits, () => state.runs, unpack);
  const parts = furnish(view, data);
  view.root.append(...arranged(state, parts));

  function paint(): void {
    const run = runs.now();
    const now = moment(traits, run, data);
    const count = now.k === data.most ? `all ${state.of}` : `${now.k + 1} of ${state.of}`;
    showTerms(parts, run.run.terms, now.open);
    paintPanels(view, parts, data, run, now);
    labelPanels(parts, data, run, now, traits.get<number[]>("pixel"));
    parts.track.show(now.k, data.most, count);
    parts.methods.show(run.run.name);
    parts.edges.show();
    parts.relu.show();
    drawSums(parts, data, run, now.k, count);
    view.say(`${count} channels, channel ${channels[now.channel]}, sum ${number(run.totals[now.k])}`);
  }

  return view.begin(["frame", "pixel", "run", "smooth", "relu"], [parts.track]);
}

/** The formula of this method, part by part; what the panels show now is lit. */
function showTerms({ terms }: Parts, formulas: Record<string, string>, open: boolean): void {
  for (const { name, element } of terms) {
    const part = math(formulas[name]);
    element.hidden = !part;
    if (part) element.replaceChildren(part, element.lastChild as Node);
    element.classList.toggle("xk-on", name === "relu" ? open : name === "sum");
  }
}

function paintPanels(view: Stage, { panels, colours }: Parts, data: Data, run: Unpacked, now: Moment): void {
  const { maps, picture, most } = data;
  const scheme = view.scheme();
  const scale = { limit: limitOf(run.sums[most]), signed: true, scheme };
  const strongest = { limit: limitOf(run.maps.values(run.order[0])), signed: true, scheme };
  paintMap(panels.map.canvas, now.map, maps.width, { limit: maps.limit, signed: maps.signed, scheme });
  paintMap(panels.weighted.canvas, now.weighted, maps.width, strongest);
  paintMap(panels.sum.canvas, Float32Array.from(now.L), maps.width, scale);
  paintMap(panels.over.canvas, now.large, picture.width, scale, picture.grey(picture, scheme));
  colours.show(scale);
}

function labelPanels({ panels }: Parts, data: Data, run: Unpacked, now: Moment, place: number[]): void {
  const { maps, channels, picture } = data;
  const cell = place.length ? pixelAt(place, maps.height, maps.width) : -1;
  const weight = run.weights ? `α = ${signed(run.weights[now.channel], 2)}` : "a weight a cell";
  panels.map.label(`channel ${channels[now.channel]}`, cell < 0 ? "point at a cell" : `A = ${number(now.map[cell])}`);
  panels.weighted.label(weight, signedAt(place, now.weighted, maps));
  panels.sum.label(`${maps.height}×${maps.width} cells`, signedAt(place, now.L, maps));
  panels.over.label(`${picture.height}×${picture.width}`, signedAt(place, now.large, picture));
  pointAll(panels, place);
}

/** What the map adds up to, and whether that is the score. */
function drawSums({ curve, last, adds, silent }: Parts, { most }: Data, run: Unpacked, k: number, count: string): void {
  const goal = run.run.goal;
  const aim = { x: [1, most + 1], colour: "var(--warm)", name: "change of the score", dashed: true };
  const x = Float32Array.from(run.order, (_, j) => j + 1);
  curve.show({
    lines: [
      { x, y: run.totals, colour: "var(--accent)", name: "ΣL before the ReLU" },
      ...(goal === null ? [] : [{ ...aim, y: [goal, goal] }]),
    ],
    xName: "channels added, the strongest first",
    yName: "",
    at: k + 1,
    fromZero: true,
  });
  last.replaceChildren(goal === null ? silent : adds.element);
  if (goal === null) return;
  const close = Math.abs(run.totals[k] - goal) <= 0.05 * Math.abs(goal);
  const end = close ? "it does: the rest of the network is linear here" : "it does not: what follows is not linear";
  adds.show(run.totals[k], goal, close, k === most ? end : `with ${count} channels`);
}

export default /* @__PURE__ */ widget(camLab);
