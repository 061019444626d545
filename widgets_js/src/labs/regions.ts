// The regions lab: regions enter one by one, by gain; the picture, the map and the pieces follow.

import { chart } from "../chart";
import { channels, paintMap, paintPixels, tokens } from "../colour";
import { choice, formulaBox, h, number, signed, slider } from "../dom";
import { meter } from "../meter";
import type { Traits } from "../model";
import { legend, panel } from "../panel";
import { headline, stage } from "../stage";
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

interface State {
  title: string;
  question: string;
  formula: string;
  target: string;
  probability: number | null;
  input: Wire;
  base: Wire;
  pieces: Wire; // region numbers from 1, for each scale
  names: string[];
  heading: string;
  runs: Run[];
  total: number;
}

const AREAS = [0.05, 0.1, 0.2, 0.5, 1];

/** The first place at which so large a share is shown. */
export function reaching(areas: ArrayLike<number>, share: number): number {
  for (let k = 0; k < areas.length; k++) if (areas[k] >= share - 1e-6) return k;
  return areas.length - 1;
}

/** Where a region meets another one: 1 on its rim. */
export function rim(labels: ArrayLike<number>, width: number, of: (label: number) => boolean): Uint8Array {
  const out = new Uint8Array(labels.length);
  for (let i = 0; i < labels.length; i++) {
    if (!of(labels[i])) continue;
    const edge = i % width === 0 || i % width === width - 1 || i < width || i >= labels.length - width;
    out[i] = Number(
      edge || !of(labels[i - 1]) || !of(labels[i + 1]) || !of(labels[i - width]) || !of(labels[i + width]),
    );
  }
  return out;
}

const WHEEL = tokens.categories.slice(0, 7).map(channels);

export function regionsLab(traits: Traits, el: HTMLElement): () => void {
  const view = stage(traits, el, paint);
  const state = traits.get<State>("state");
  const [input, base, pieces] = [new Frames(state.input), new Frames(state.base), new Labels(state.pieces)];
  const [picture, relevance] = [input.values(0), base.values(0)];
  const cache = new Map<Run, ReturnType<typeof unpack>>();
  const current = (): ReturnType<typeof unpack> => {
    const run = state.runs[Math.min(traits.get<number>("run"), state.runs.length - 1)];
    if (!cache.has(run)) cache.set(run, unpack(run));
    return cache.get(run) as ReturnType<typeof unpack>;
  };
  const modes = ["gain", "relevance covered", ...(state.runs[0].seen ? ["what the model says"] : [])];
  let mode = modes[0];
  let scale = Math.min(3, state.names.length - 1);

  const move = (frame: number): void => {
    const { areas } = current();
    const k = Math.min(areas.length - 1, Math.max(0, frame));
    put({ frame: k, area: Number(areas[k].toFixed(6)) });
  };
  const { point, put } = view;
  const panels = {
    seen: panel("Shown so far", "the picture in the regions that have entered, the newest outlined", point),
    map: panel("The map so far", "each region in the colour of its gain", point),
    pieces: panel("The pieces", "one over-segmentation, each region in a colour", point),
    base: panel("Relevance", "the base attribution, before regions were asked", point),
  };
  const track = slider("regions shown", move);
  const jumps = choice(
    "Show the top",
    AREAS.map((a) => (a === 1 ? "all" : `${100 * a} %`)),
    (v) => move(reaching(current().areas, v === "all" ? 1 : parseFloat(v) / 100)),
  );
  const runs = choice(
    "Merge from",
    state.runs.map((r) => (r.name === "all" ? "all scales" : r.name)),
    (v) => {
      const share = current().areas[Math.min(current().areas.length - 1, traits.get<number>("frame"))];
      traits.put({ run: state.runs.findIndex((r) => (r.name === "all" ? "all scales" : r.name) === v) });
      if (v !== "all scales") scale = state.names.indexOf(v);
      move(reaching(current().areas, share));
    },
  );
  const scales = choice(`${state.heading} of the pieces`, state.names, (v) => {
    scale = state.names.indexOf(v);
    paint();
  });
  const charts = choice("Shown", modes, (v) => {
    mode = v;
    paint();
  });
  const colours = legend(["against", "for"]);
  const curve = chart("what each region adds, against the area", (area) => move(reaching(current().areas, area)));
  const handed = meter("Conservation: regions hand out the relevance of their pixels", ["Σφ so far", "ΣA, all of it"]);

  const parts = [
    ...headline(state),
    formulaBox(state.formula),
    h("div", { class: "xk-panels" }, ...Object.values(panels).map((p) => p.element)),
    track.element,
    h("div", { class: "xk-row" }, jumps.element, colours.element),
    state.runs.length > 1 ? h("div", { class: "xk-row" }, runs.element) : null,
    state.names.length > 1 ? h("div", { class: "xk-row" }, scales.element) : null,
    h(
      "div",
      { class: "xk-low" },
      h("div", { class: "xk-card" }, charts.element, curve.element),
      h("div", { class: "xk-card" }, handed.element),
    ),
  ];
  view.root.append(...parts.filter((part) => part !== null));

  function paint(): void {
    const run = current();
    const k = Math.min(run.areas.length - 1, traits.get<number>("frame"));
    const newest = k + 1;
    const scheme = view.scheme();
    const [quiet, accent] = [channels(tokens[scheme].panel), channels(tokens[scheme].warm)];
    const outline = rim(run.order, run.width, (label) => label === newest);
    const mapScale = { limit: run.limit, signed: run.signed, scheme };
    const values = Float32Array.from(run.order, (label) => run.gains[label - 1]);

    paintPixels(panels.seen.canvas, run.width, run.order.length / run.width, (i) => {
      if (outline[i]) return accent;
      const n = input.channels;
      const rgb = [0, 1, 2].map((c) => 255 * picture[n * i + (n < 3 ? 0 : c)]);
      return run.order[i] <= newest ? rgb : rgb.map((v, c) => 0.12 * v + 0.88 * quiet[c]);
    });
    paintMap(panels.map.canvas, values, run.width, mapScale);
    paintPixels(panels.map.canvas, run.width, run.order.length / run.width, (i) =>
      outline[i] ? accent : run.order[i] <= newest ? null : quiet,
    );
    paintPieces(scheme, quiet);
    paintMap(panels.base.canvas, relevance, base.width, { limit: base.limit, signed: base.signed, scheme });
    colours.show(mapScale);

    label(run, k);
    const share = number(100 * run.areas[k], 2);
    track.show(k, run.areas.length - 1, `${share} %`);
    jumps.show(
      AREAS.map((a) => (a === 1 ? "all" : `${100 * a} %`)).find((_, j) => reaching(run.areas, AREAS[j]) === k) ?? "",
      () => true,
    );
    runs.show(run.name === "all" ? "all scales" : run.name, () => true);
    scales.show(state.names[scale], () => true);
    charts.show(mode, () => true);
    drawCurve(run, k);
    const words =
      k < run.areas.length - 1 ? `in ${number(100 * run.areas[k], 2)} % of the picture` : "every pixel has its share";
    handed.show(run.sums[k], state.total, k === run.areas.length - 1, words);
    view.say(`${newest} regions, ${share} percent of the picture, gain ${number(run.gains[k])}`);
  }

  /** The chosen segmentation, its regions in colours and lines between them. */
  function paintPieces(scheme: "light" | "dark", quiet: number[]): void {
    const labels = pieces.values(scale);
    const line = channels(tokens[scheme].bg);
    paintPixels(panels.pieces.canvas, pieces.width, pieces.height, (i) => {
      if (labels[i] === 0) return quiet;
      const meets =
        (i % pieces.width < pieces.width - 1 && labels[i] !== labels[i + 1]) ||
        (i + pieces.width < labels.length && labels[i] !== labels[i + pieces.width]);
      return meets ? line : WHEEL[labels[i] % WHEEL.length];
    });
  }

  function label(run: ReturnType<typeof unpack>, k: number): void {
    const place = traits.get<number[]>("pixel");
    const has = place.length === 2;
    const i = has ? pixelAt(place, run.order.length / run.width, run.width) : 0;
    const entered = run.order[i];
    const labels = pieces.values(scale);
    const piece = labels[has ? pixelAt(place, pieces.height, pieces.width) : 0];
    const size = has ? labels.reduce((n, l) => n + Number(l === piece), 0) : 0;
    panels.seen.label(
      `region ${k + 1} of ${run.areas.length}`,
      has
        ? `row ${Math.floor(place[0] * input.height)}, column ${Math.floor(place[1] * input.width)}: entered as ${entered}`
        : "point at a pixel",
    );
    panels.map.label(
      `gain ${number(run.gains[k])}`,
      has ? (entered <= k + 1 ? signed(run.gains[entered - 1]) : "not shown yet") : "",
    );
    panels.pieces.label(
      `${state.heading.toLowerCase()} ${state.names[scale]}`,
      has && piece > 0 ? `a piece of ${size} pixels` : `${new Set(labels).size} pieces`,
    );
    panels.base.label("A", has ? signed(relevance[pixelAt(place, base.height, base.width)]) : "");
    for (const p of Object.values(panels)) p.point(place);
  }

  function drawCurve(run: ReturnType<typeof unpack>, k: number): void {
    const whole = run.sums[run.sums.length - 1] || 1;
    const covered = run.sums.map((v) => v / whole);
    const even = { x: [0, 1], y: [0, 1], colour: "var(--warm)", name: "an even map", dashed: true };
    const seen = state.runs[0].seen && { k: floats(state.runs[0].seen.k), p: floats(state.runs[0].seen.probability) };
    const first = unpackedFirst();
    const lines = {
      gain: [{ x: run.areas, y: run.gains, colour: "var(--accent)", name: "gain of the region, relevance a pixel" }],
      "relevance covered": [
        { x: run.areas, y: covered, colour: "var(--accent)", name: "share of the relevance" },
        even,
      ],
      "what the model says": seen
        ? [
            {
              x: seen.k.map((n) => (n ? first.areas[n - 1] : 0)),
              y: seen.p,
              colour: "var(--accent)",
              name: `probability of ${state.target}, the rest of the picture blurred (all scales)`,
            },
          ]
        : [],
    }[mode] as Parameters<typeof curve.show>[0]["lines"];
    curve.show({
      lines,
      xName: "share of the picture that is shown",
      yName: "",
      at: run.areas[k],
      xRange: [0, 1],
      fromZero: mode !== "gain",
    });
  }

  function unpackedFirst(): ReturnType<typeof unpack> {
    if (!cache.has(state.runs[0])) cache.set(state.runs[0], unpack(state.runs[0]));
    return cache.get(state.runs[0]) as ReturnType<typeof unpack>;
  }

  for (const name of ["frame", "pixel", "run"]) traits.on(name, view.repaint);
  view.onEnd(track.stop);
  paint();
  return view.end;
}

/** A run with its arrays unpacked, once. */
function unpack(run: Run) {
  const order = new Labels(run.order);
  const gains = floats(run.gains);
  return {
    name: run.name,
    limit: run.limit,
    order: order.values(0),
    width: order.width,
    gains,
    areas: floats(run.areas),
    sums: floats(run.sums),
    signed: gains.some((g) => g < 0),
  };
}

export default /* @__PURE__ */ widget(regionsLab);
