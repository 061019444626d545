// The regions lab: regions enter one by one, by gain; the picture, the map and the pieces follow.

import { chart, type Line } from "../chart";
import { channels, paintMap, paintPixels, tokens, WHEEL } from "../colour";
import { choice, slider, toggle } from "../controls";
import { card, low, row } from "../dom";
import { legend } from "../legend";
import { formulaBox } from "../mathematics";
import { meter } from "../meter";
import type { Traits } from "../model";
import { number, signed, within } from "../numbers";
import { rim } from "../outline";
import { linked, panelRow, pointAll } from "../panel";
import { Picture } from "../picture";
import { signedAt } from "../pointer";
import { Runs } from "../runs";
import { type Headed, headline, type Stage, stage } from "../stage";
import { widget } from "../widget";
import { Frames, floats, Labels, pixelAt, type Wire } from "../wire";

interface Run {
  name: string;
  order: Wire; // when each pixel entered, from 1
  gains: Wire; // of each region, when it entered
  areas: Wire; // the share of the picture after it
  sums: Wire; // the relevance handed out after it
  limit: number;
  seen: { k: Wire; probability: Wire } | null;
}

interface State extends Headed {
  formula: string;
  target: string;
  input: Wire;
  base: Wire;
  pieces: Wire; // region numbers from 1, for each scale
  names: string[];
  heading: string;
  runs: Run[];
  total: number;
}

const AREAS = [0.05, 0.1, 0.2, 0.5, 1];
const JUMPS = AREAS.map((a) => (a === 1 ? "all" : `${100 * a} %`));

/** The first place at which so large a share is shown. */
export function reaching(areas: ArrayLike<number>, share: number): number {
  for (let k = 0; k < areas.length; k++) if (areas[k] >= share - 1e-6) return k;
  return areas.length - 1;
}

/** A run with its arrays unpacked, once. */
function unpack(run: Run) {
  const labels = new Labels(run.order);
  const gains = floats(run.gains);
  return {
    name: run.name,
    limit: run.limit,
    order: labels.values(0),
    height: labels.height,
    width: labels.width,
    gains,
    areas: floats(run.areas),
    sums: floats(run.sums),
    signed: gains.some((g) => g < 0),
  };
}

type Unpacked = ReturnType<typeof unpack>;

const calledRun = (name: string): string => (name === "all" ? "all scales" : name);

/** What was sent, unpacked once. */
interface Data {
  state: State;
  picture: Picture;
  base: Frames;
  relevance: Float32Array;
  pieces: Labels;
  runs: Runs<Run, Unpacked>;
}

function open(traits: Traits): Data {
  const state = traits.get<State>("state");
  const base = new Frames(state.base);
  const runs = new Runs(traits, () => state.runs, unpack);
  const [picture, pieces] = [new Picture(state.input), new Labels(state.pieces)];
  return { state, picture, base, relevance: base.values(0), pieces, runs };
}

/** The frame that the slider shows. */
const frameOf = (view: Stage, run: Unpacked): number =>
  Math.min(run.areas.length - 1, view.traits.get<number>("frame"));

function furnish(view: Stage, { state, runs }: Data, paint: () => void) {
  const move = (frame: number): void => {
    const { areas } = runs.now();
    const k = within(frame, areas.length - 1);
    view.put({ frame: k, area: Number(areas[k].toFixed(6)) });
  };
  const moveTo = (share: number): void => move(reaching(runs.now().areas, share));
  const scales = toggle(
    `${state.heading} of the pieces`,
    state.names,
    state.names[Math.min(3, state.names.length - 1)],
    paint,
  );
  const merged = state.runs.map((r) => calledRun(r.name));
  const modes = ["gain", "relevance covered", ...(state.runs[0].seen ? ["what the model says"] : [])];
  return {
    panels: linked(
      {
        seen: ["Shown so far", "the picture in the regions that have entered, the newest outlined"],
        map: ["The map so far", "each region in the colour of its gain"],
        pieces: ["The pieces", "one over-segmentation, each region in a colour"],
        base: ["Relevance", "the base attribution, before regions were asked"],
      },
      view.point,
    ),
    track: slider("regions shown", move),
    jumps: choice("Show the top", JUMPS, (v) => moveTo(AREAS[JUMPS.indexOf(v)])),
    merge: choice("Merge from", merged, (v) => {
      const before = runs.now();
      const share = before.areas[frameOf(view, before)];
      view.traits.put({ run: merged.indexOf(v) });
      if (v !== "all scales") scales.value = v;
      moveTo(share);
    }),
    scales,
    shown: toggle("Shown", modes, modes[0], paint),
    colours: legend(["against", "for"]),
    curve: chart("what each region adds, against the area", moveTo),
    handed: meter("Conservation: regions hand out the relevance of their pixels", ["Σφ so far", "ΣA, all of it"]),
  };
}

type Parts = ReturnType<typeof furnish>;

const arranged = ({ state }: Data, parts: Parts): HTMLElement[] => [
  ...headline(state),
  formulaBox(state.formula),
  panelRow(parts.panels),
  parts.track.element,
  row(parts.jumps.element, parts.colours.element),
  ...(state.runs.length > 1 ? [row(parts.merge.element)] : []),
  ...(state.names.length > 1 ? [row(parts.scales.element)] : []),
  low([card(parts.shown.element, parts.curve.element), card(parts.handed.element)]),
];

export function regionsLab(traits: Traits, el: HTMLElement): () => void {
  const view = stage(traits, el, paint);
  const data = open(traits);
  const parts = furnish(view, data, paint);
  view.root.append(...arranged(data, parts));

  function paint(): void {
    const run = data.runs.now();
    const last = run.areas.length - 1;
    const k = frameOf(view, run);
    paintEntered(view, parts, data, run, k + 1);
    paintPieces(view, parts, data);
    labelPanels(parts, data, run, k, traits.get<number[]>("pixel"));
    const share = number(100 * run.areas[k], 2);
    parts.track.show(k, last, `${share} %`);
    parts.jumps.show(JUMPS.find((_, j) => reaching(run.areas, AREAS[j]) === k) ?? "");
    parts.merge.show(calledRun(run.name));
    parts.scales.show();
    parts.shown.show();
    drawCurve(parts, data, run, k);
    const words = k < last ? `in ${share} % of the picture` : "every pixel has its share";
    parts.handed.show(run.sums[k], data.state.total, k === last, words);
    view.say(`${k + 1} regions, ${share} percent of the picture, gain ${number(run.gains[k])}`);
  }

  return view.begin(["frame", "pixel", "run"], [parts.track]);
}

/** The picture and the map in the regions that have entered, and the base attribution beside them. */
function paintEntered(view: Stage, { panels, colours }: Parts, data: Data, run: Unpacked, newest: number): void {
  const { picture, base, relevance } = data;
  const scheme = view.scheme();
  const [quiet, accent] = [channels(tokens[scheme].panel), channels(tokens[scheme].warm)];
  const outline = rim(run.order, run.width, (label) => label === newest);
  const n = picture.channels;
  paintPixels(panels.seen.canvas, run.width, run.height, (i) => {
    if (outline[i]) return accent;
    const rgb = [0, 1, 2].map((c) => 255 * picture.values[n * i + (n < 3 ? 0 : c)]);
    return run.order[i] <= newest ? rgb : rgb.map((v, c) => 0.12 * v + 0.88 * quiet[c]);
  });
  const scale = { limit: run.limit, signed: run.signed, scheme };
  const values = Float32Array.from(run.order, (label) => run.gains[label - 1]);
  paintMap(panels.map.canvas, values, run.width, scale);
  const hidden = (i: number): number[] | null => (run.order[i] <= newest ? null : quiet);
  paintPixels(panels.map.canvas, run.width, run.height, (i) => (outline[i] ? accent : hidden(i)));
  paintMap(panels.base.canvas, relevance, base.width, { limit: base.limit, signed: base.signed, scheme });
  colours.show(scale);
}

const labelsOf = ({ pieces, state }: Data, { scales }: Parts): Uint16Array =>
  pieces.values(state.names.indexOf(scales.value));

/** The chosen segmentation, its regions in colours and lines between them. */
function paintPieces(view: Stage, parts: Parts, data: Data): void {
  const { pieces } = data;
  const { width, height } = pieces;
  const labels = labelsOf(data, parts);
  const { bg, panel } = tokens[view.scheme()];
  const [line, quiet] = [channels(bg), channels(panel)];
  paintPixels(parts.panels.pieces.canvas, width, height, (i) => {
    if (labels[i] === 0) return quiet;
    const right = i % width < width - 1 && labels[i] !== labels[i + 1];
    const below = i + width < labels.length && labels[i] !== labels[i + width];
    return right || below ? line : WHEEL[labels[i] % WHEEL.length];
  });
}

function labelPanels(parts: Parts, data: Data, run: Unpacked, k: number, place: number[]): void {
  const { panels, scales } = parts;
  const { state, picture, base, relevance, pieces } = data;
  const has = place.length === 2;
  const entered = run.order[has ? pixelAt(place, run.height, run.width) : 0];
  const gain = entered <= k + 1 ? signed(run.gains[entered - 1]) : "not shown yet";
  const where = picture.where(place);
  panels.seen.label(`region ${k + 1} of ${run.areas.length}`, has ? `${where}: entered as ${entered}` : where);
  panels.map.label(`gain ${number(run.gains[k])}`, has ? gain : "");
  const labels = labelsOf(data, parts);
  const piece = labels[has ? pixelAt(place, pieces.height, pieces.width) : 0];
  const size = labels.reduce((n, l) => n + Number(l === piece), 0);
  const words = has && piece > 0 ? `a piece of ${size} pixels` : `${new Set(labels).size} pieces`;
  panels.pieces.label(`${state.heading.toLowerCase()} ${scales.value}`, words);
  panels.base.label("A", signedAt(place, relevance, base));
  pointAll(panels, place);
}

/** The lines of the chart, by what is asked to be shown. */
function linesOf(mode: string, { state, runs }: Data, run: Unpacked): Line[] {
  const line = { x: run.areas, colour: "var(--accent)" };
  if (mode === "gain") return [{ ...line, y: run.gains, name: "gain of the region, relevance a pixel" }];
  if (mode === "relevance covered") {
    const whole = run.sums[run.sums.length - 1] || 1;
    const even = { x: [0, 1], y: [0, 1], colour: "var(--warm)", name: "an even map", dashed: true };
    return [{ ...line, y: run.sums.map((v) => v / whole), name: "share of the relevance" }, even];
  }
  const { seen } = state.runs[0];
  if (!seen) return [];
  const { areas } = runs.of(state.runs[0]);
  const x = floats(seen.k).map((n) => (n ? areas[n - 1] : 0));
  const name = `probability of ${state.target}, the rest of the picture blurred (all scales)`;
  return [{ ...line, x, y: floats(seen.probability), name }];
}

function drawCurve({ curve, shown }: Parts, data: Data, run: Unpacked, k: number): void {
  curve.show({
    lines: linesOf(shown.value, data, run),
    xName: "share of the picture that is shown",
    yName: "",
    at: run.areas[k],
    xRange: [0, 1],
    fromZero: shown.value !== "gain",
  });
}

export default /* @__PURE__ */ widget(regionsLab);
