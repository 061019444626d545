// The CAM lab: feature maps times weights, added up channel by channel, through the ReLU, onto the picture.

import { chart } from "../chart";
import { greyOf, paintMap } from "../colour";
import { choice, h, math, number, signed, slider } from "../dom";
import { meter } from "../meter";
import type { Traits } from "../model";
import { legend, panel } from "../panel";
import { limitOf, resize } from "../resize";
import { headline, stage } from "../stage";
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

interface State {
  title: string;
  question: string;
  target: string;
  probability: number | null;
  input: Wire;
  maps: Wire;
  channels: Wire;
  of: number;
  runs: Run[];
}

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

const sum = (values: ArrayLike<number>): number => Array.from(values).reduce((a, b) => a + b, 0);

export function camLab(traits: Traits, el: HTMLElement): () => void {
  const view = stage(traits, el, paint);
  const state = traits.get<State>("state");
  const [input, maps, channels] = [new Frames(state.input), new Frames(state.maps), floats(state.channels)];
  const picture = input.values(0);
  const cache = new Map<Run, ReturnType<typeof unpack>>();
  const current = (): ReturnType<typeof unpack> => {
    const run = state.runs[Math.min(traits.get<number>("run"), state.runs.length - 1)];
    if (!cache.has(run)) cache.set(run, unpack(run));
    return cache.get(run) as ReturnType<typeof unpack>;
  };
  const { point, put } = view;
  const most = channels.length - 1;
  const move = (frame: number): void => put({ frame: Math.max(0, Math.min(most, Math.round(frame))) });
  const panels = {
    map: panel("Feature map", "what the channel sees", point),
    weighted: panel("× weight", "the feature map times its weight", point),
    sum: panel("Sum so far", "all channels added so far", point),
    over: panel("Over the picture", "the sum, enlarged to the picture", point),
  };
  const terms = [
    ["relu", "ReLU"],
    ["sum", "add up"],
    ["weight", "weight"],
    ["map", "feature map"],
  ].map(([name, words]) => ({ name, element: h("span", { class: "xk-term" }, h("small", {}, words)) }));
  const formula = h("div", { class: "xk-formula" }, ...terms.map((t) => t.element));
  const track = slider("channels added", move);
  const names = state.runs.map((r) => r.name);
  const methods = choice("Method", names, (v) => put({ run: names.indexOf(v) }));
  const edges = choice("Enlarged", ["smoothly", "cell by cell"], (v) => put({ smooth: v === "smoothly" }));
  const relu = choice("ReLU", ["on", "off"], (v) => put({ relu: v === "on" }));
  const colours = legend(["against", "for"]);
  const curve = chart("what the map adds up to, by channels", (x) => move(x - 1));
  const adds = meter("Does the map add up to the score?", ["ΣL so far", "F(x) − F(A = 0)"]);
  const silent = h("span", { class: "xk-soft" }, "This method has no unit in which it could add up to the score.");
  const card = h("div", { class: "xk-card" });

  view.root.append(
    ...headline(state),
    formula,
    h("div", { class: "xk-panels" }, ...Object.values(panels).map((p) => p.element)),
    track.element,
    ...(names.length > 1 ? [h("div", { class: "xk-row" }, methods.element)] : []),
    h("div", { class: "xk-row" }, edges.element, relu.element, colours.element),
    h("div", { class: "xk-low" }, h("div", { class: "xk-card" }, curve.element), card),
  );

  function paint(): void {
    const now = current();
    const k = Math.min(most, traits.get<number>("frame"));
    const channel = now.order[k];
    const scheme = view.scheme();
    const open = traits.get<boolean>("relu");
    const [map, weighted] = [maps.values(channel), now.maps.values(channel)];
    const L = open ? now.sums[k].map((v) => Math.max(0, v)) : now.sums[k];
    const [limit, strongest] = [limitOf(now.sums[most]), limitOf(now.maps.values(now.order[0]))];
    const large = resize(L, maps.width, maps.height, input.width, input.height, traits.get<boolean>("smooth"));
    const signedScale = { limit, signed: true, scheme };

    for (const { name, element } of terms) {
      const part = math(now.run.terms[name]);
      element.hidden = !part;
      if (part) element.replaceChildren(part, element.lastChild as Node);
      element.classList.toggle("xk-on", name === "relu" ? open : name === "sum");
    }
    paintMap(panels.map.canvas, map, maps.width, { limit: maps.limit, signed: maps.signed, scheme });
    paintMap(panels.weighted.canvas, weighted, maps.width, { limit: strongest, signed: true, scheme });
    paintMap(panels.sum.canvas, Float32Array.from(L), maps.width, signedScale);
    const size = [input.height, input.width];
    paintMap(panels.over.canvas, large, input.width, signedScale, greyOf(picture, input.channels, size, size, scheme));

    const place = traits.get<number[]>("pixel");
    const cell = place.length ? pixelAt(place, maps.height, maps.width) : -1;
    const at = (values: ArrayLike<number>): string => (cell < 0 ? "" : signed(values[cell]));
    panels.map.label(`channel ${channels[channel]}`, cell < 0 ? "point at a cell" : `A = ${number(map[cell])}`);
    panels.weighted.label(now.weights ? `α = ${signed(now.weights[channel], 2)}` : "a weight a cell", at(weighted));
    panels.sum.label(`${maps.height}×${maps.width} cells`, at(L));
    panels.over.label(
      `${input.height}×${input.width}`,
      place.length ? signed(large[pixelAt(place, input.height, input.width)]) : "",
    );
    for (const p of Object.values(panels)) p.point(place);

    const count = k === most ? `all ${state.of}` : `${k + 1} of ${state.of}`;
    track.show(k, most, count);
    methods.show(now.run.name, () => true);
    edges.show(traits.get<boolean>("smooth") ? "smoothly" : "cell by cell", () => true);
    relu.show(open ? "on" : "off", () => true);
    colours.show(signedScale);
    const x = Float32Array.from(now.order, (_, j) => j + 1);
    const goal = now.run.goal;
    const aim =
      goal === null
        ? []
        : [{ x: [1, most + 1], y: [goal, goal], colour: "var(--warm)", name: "change of the score", dashed: true }];
    curve.show({
      lines: [{ x, y: now.totals, colour: "var(--accent)", name: "ΣL before the ReLU" }, ...aim],
      xName: "channels added, the strongest first",
      yName: "",
      at: k + 1,
      fromZero: true,
    });
    card.replaceChildren(goal === null ? silent : adds.element);
    if (goal !== null) {
      const close = Math.abs(now.totals[k] - goal) <= 0.05 * Math.abs(goal);
      adds.show(
        now.totals[k],
        goal,
        close,
        k === most
          ? close
            ? "it does: the rest of the network is linear here"
            : "it does not: what follows is not linear"
          : `with ${count} channels`,
      );
    }
    view.say(`${count} channels, channel ${channels[channel]}, sum ${number(now.totals[k])}`);
  }

  for (const name of ["frame", "pixel", "run", "smooth", "relu"]) traits.on(name, view.repaint);
  view.onEnd(track.stop);
  paint();
  return view.end;
}

export default /* @__PURE__ */ widget(camLab);
