// The backward lab: what a ReLU is handed and hands on by three rules, and which map notices random weights.

import { chart } from "../chart";
import { greyOf, paintMap } from "../colour";
import { choice, h, math, number, signed, slider } from "../dom";
import type { Traits } from "../model";
import { legend, panel } from "../panel";
import { short } from "../player";
import { headline, stage } from "../stage";
import { widget } from "../widget";
import { Frames, floats, pixelAt, type Wire } from "../wire";

interface Run {
  rule: string;
  formula: string;
  maps: Wire; // at the input, with 0, 1, … groups of layers random
  similarity: Wire; // of each to the first
  relus: { arrived: Wire; handed: Wire; counts: number[] }[]; // cells: arrived, closed, negative, handed on
}

interface State {
  title: string;
  question: string;
  target: string;
  probability: number | null;
  input: Wire;
  relus: { name: string; channel: number; activation: Wire }[];
  groups: string[];
  runs: Run[];
}

export function backwardLab(traits: Traits, el: HTMLElement): () => void {
  const view = stage(traits, el, paint);
  const state = traits.get<State>("state");
  const input = new Frames(state.input);
  const picture = input.values(0);
  const { point, put } = view;
  const random = state.groups.length - 1;
  const move = (frame: number): void => put({ frame: Math.max(0, Math.min(random, Math.round(frame))) });
  const panels = {
    activation: panel("The ReLU gave", "its output, one channel", point),
    arriving: panel("Arriving", "the signal from above", point),
    handed: panel("Handed on", "the signal below, by this rule", point),
    map: panel("At the input", "what is left at the pixels, over the picture", point),
  };
  const formula = h("div", { class: "xk-formula" });
  const names = state.runs.map((r) => r.rule);
  const rules = choice("Rule", names, (v) => put({ run: names.indexOf(v) }));
  const relus = slider("which ReLU, from the input up", (relu) => put({ relu }));
  const cascade = slider("random layers, from the last one down", move);
  const colours = legend(["against", "for"]);
  const curve = chart("similarity to the map of the trained network", move);
  const words = h("p", {});

  view.root.append(
    ...headline(state),
    formula,
    h("div", { class: "xk-panels" }, ...Object.values(panels).map((p) => p.element)),
    h("div", { class: "xk-row" }, rules.element, colours.element),
    h("div", { class: "xk-soft" }, "Which ReLU"),
    relus.element,
    h("div", { class: "xk-soft" }, "Random layers, from the last one down"),
    cascade.element,
    h(
      "div",
      { class: "xk-low" },
      h("div", { class: "xk-card" }, curve.element),
      h("div", { class: "xk-card" }, h("div", { class: "xk-strong" }, "At this ReLU"), words),
    ),
  );

  function paint(): void {
    const run = state.runs[traits.get<number>("run")];
    const j = Math.min(state.relus.length - 1, traits.get<number>("relu"));
    const k = Math.min(random, traits.get<number>("frame"));
    const relu = state.relus[j];
    const [a, before, after, maps] = [
      new Frames(relu.activation),
      new Frames(run.relus[j].arrived),
      new Frames(run.relus[j].handed),
      new Frames(run.maps),
    ];
    const [A, R, out, map] = [a.values(0), before.values(0), after.values(0), maps.values(k)];
    const scheme = view.scheme();
    const limit = Math.max(...map.map(Math.abs)) || 1;
    formula.replaceChildren(math(run.formula) ?? "");
    paintMap(panels.activation.canvas, A, a.width, { limit: a.limit, signed: false, scheme });
    for (const [p, v] of [
      [panels.arriving, R],
      [panels.handed, out],
    ] as const)
      paintMap(p.canvas, v, before.width, { limit: before.limit, signed: true, scheme });
    const [from, to] = [
      [input.height, input.width],
      [maps.height, maps.width],
    ];
    paintMap(
      panels.map.canvas,
      map,
      maps.width,
      { limit: 0.6 * limit, signed: true, scheme },
      greyOf(picture, input.channels, from, to, scheme),
    );

    const place = traits.get<number[]>("pixel");
    const cell = place.length ? pixelAt(place, a.height, a.width) : -1;
    const similarity = floats(run.similarity);
    panels.activation.label(
      `channel ${relu.channel}`,
      cell < 0 ? "point at a cell" : A[cell] > 0 ? `a = ${number(A[cell])}: open` : "a = 0: closed",
    );
    panels.arriving.label(`${a.height}×${a.width}`, cell < 0 ? "" : `R = ${signed(R[cell])}`);
    panels.handed.label(run.rule, cell < 0 ? "" : `R = ${signed(out[cell])}`);
    panels.map.label(
      k ? `${k} of ${random} random` : "trained",
      place.length ? signed(map[pixelAt(place, maps.height, maps.width)]) : "",
    );
    for (const p of Object.values(panels)) p.point(place);
    rules.show(run.rule, () => true);
    relus.show(j, state.relus.length - 1, short(relu.name));
    cascade.show(k, random, k ? `down to ${short(state.groups[k])}` : "none");
    colours.show({ limit: before.limit, signed: true, scheme });

    const colour = ["var(--soft)", "var(--warm)", "var(--accent)"];
    const lines = state.runs.map((r, i) => ({
      x: Float32Array.from(state.groups, (_, g) => g),
      y: floats(r.similarity),
      colour: colour[i],
      name: r.rule,
      dashed: r !== run,
    }));
    lines.sort((p, q) => Number(p.dashed) - Number(q.dashed));
    curve.show({ lines, xName: "groups of layers that are random", yName: "", at: k, fromZero: true });
    const [all, closed, negative, passed] = run.relus[j].counts;
    const share = (n: number): string => `${Math.round((100 * n) / (all || 1))} %`;
    words.textContent = `A signal arrives in ${all} cells of this channel. In ${share(closed)} of them the ReLU was closed, in ${share(negative)} the signal is negative. By this rule ${share(passed)} hand something on.`;
    view.say(`${run.rule}, ${short(relu.name)}; similarity ${number(similarity[k], 2)} with ${k} groups random`);
  }

  for (const name of ["frame", "pixel", "run", "relu"]) traits.on(name, view.repaint);
  view.onEnd(relus.stop);
  view.onEnd(cascade.stop);
  paint();
  return view.end;
}

export default /* @__PURE__ */ widget(backwardLab);
