// The player: any walk, step by step. It knows kinds of values, never methods.

import { chart } from "./chart";
import { paintMap, paintPicture, type Scheme } from "./colour";
import { h, math, number, s, signed, slider } from "./dom";
import { type Check, meter, verdict } from "./meter";
import type { Traits } from "./model";
import { legend, type Panel, panel } from "./panel";
import { headline, stage } from "./stage";
import { tokenRow } from "./tokens";
import { widget } from "./widget";
import { Frames, floats, pixelAt, type Wire } from "./wire";

interface Step {
  name: string;
  formula: string;
  note: string;
  kind: string;
  shape: string;
  ends: [string, string]; // what the two ends of a signed scale say, the upper first
  view: "map" | "picture" | "curve" | "bars" | "scalar" | "table" | "text" | "layers" | "tokens";
  tokens?: string[];
  labels?: string[]; // of the bars, the largest first
  layers?: { name: string; shape: string; map?: Wire; bars?: Wire }[];
  names?: string[];
  map?: Wire;
  picture?: Wire;
  curve?: Wire;
  bars?: Wire;
  value?: number;
  columns?: string[];
  rows?: string[][];
  text?: string;
  frames?: number[];
  of?: number;
}

interface State {
  title: string;
  question: string;
  formula: string;
  target: string;
  probability: number | null;
  steps: Step[];
  checks: Check[];
  cost: Record<string, number>;
  x_axis: { name: string; values: Wire | null };
  input?: Wire;
}

/** A walk that goes on sends a longer state: the timeline is built anew then, in the same place. */
export function player(traits: Traits, el: HTMLElement): () => void {
  const going = { on: false }; // whether it plays: that outlives the timeline
  let end = timeline(traits, el, going);
  const renew = (): void => {
    end();
    end = timeline(traits, el, going);
    traits.on("state", renew);
  };
  traits.on("state", renew);
  return () => end();
}

function timeline(traits: Traits, el: HTMLElement, going: { on: boolean }): () => void {
  const view = stage(traits, el, paint);
  const state = traits.get<State>("state");
  const axis = state.x_axis.values && floats(state.x_axis.values);
  const last = state.steps.length - 1;
  const more = (): boolean => traits.get<boolean>("live") && traits.get<number>("step") >= last;
  const go = (k: number): void => {
    if (k > last && traits.get<boolean>("live")) traits.put({ request: { next: state.steps.length } });
    else put({ step: Math.max(0, Math.min(last, k)), frame: 0 });
  };
  const move = (frame: number): void => {
    put({ frame });
  };
  const { point, put } = view;

  const buttons = state.steps.map((step, k) =>
    h(
      "button",
      { type: "button", onclick: () => go(k) },
      h("small", {}, String(k + 1)),
      step.name.replaceAll("_", " "),
    ),
  );
  const back = h("button", { type: "button", onclick: () => go(traits.get<number>("step") - 1) }, "‹ Back");
  const next = h("button", { type: "button", onclick: () => go(traits.get<number>("step") + 1) }, "Next step ›");
  let playing: ReturnType<typeof setInterval> | undefined;
  const play = h(
    "button",
    { type: "button", class: "xk-play", onclick: () => (going.on ? stop() : start()) },
    "▶ Play steps",
  );
  const stop = (): void => {
    clearInterval(playing);
    going.on = false;
    play.textContent = "▶ Play steps";
  };
  const start = (): void => {
    if (traits.get<number>("step") >= last && !traits.get<boolean>("live")) go(0);
    play.textContent = "❚❚ Pause";
    going.on = true;
    playing = setInterval(() => {
      if (!play.isConnected) clearInterval(playing);
      else if (traits.get<number>("step") >= last && !traits.get<boolean>("live")) stop();
      else go(traits.get<number>("step") + 1);
    }, 1200);
  };
  const head = h("div", { class: "xk-head" });
  const body = h("div", {});
  const track = slider("frame of this step", move);
  const input = panel("Input", "the example that is explained", point);
  const shown = panel("This step", "the value of the step", point);
  const colours = legend(["against", "for"]);
  const pictures = h("div", { class: "xk-pair", hidden: last < 0 ? "" : null }, input.element, shown.element);
  const lane = h("div", { class: "xk-row" }, colours.element);
  const checks = state.checks.map((check) => {
    const m = meter(check.name, check.bounded ? ["measured", "at most"] : ["left side", "right side"], check.formula);
    m.show(check.left ?? NaN, check.right ?? NaN, check.holds, verdict(check));
    return m.element;
  });
  const cost = Object.entries(state.cost)
    .filter(([, n]) => n)
    .map(([kind, n]) => `${n} ${kind}`)
    .join(", ");
  const axisAt = (step: Step, k: number): string => {
    const at = step.frames ? step.frames[k] : k;
    return axis && at < axis.length
      ? `${state.x_axis.name} = ${axis[at].toFixed(2)}`
      : `${state.x_axis.name} = ${at + 1}`;
  };

  view.root.append(
    ...headline(state),
    h("ol", { class: "xk-steps", "aria-label": "steps of the method" }, ...buttons.map((b) => h("li", {}, b))),
    h(
      "div",
      { class: "xk-stage" },
      h(
        "div",
        { class: "xk-card" },
        head,
        body,
        pictures,
        track.element,
        lane,
        h("div", { class: "xk-row" }, play, back, next),
      ),
      h(
        "div",
        { class: "xk-card" },
        ...(checks.length
          ? checks
          : [
              h(
                "span",
                { class: "xk-soft" },
                traits.get<boolean>("live")
                  ? "The walk is not at its end: its checks come last."
                  : "This method makes no promise that could be checked.",
              ),
            ]),
        h("p", { class: "xk-verdict" }, cost ? `Cost: ${cost} samples.` : ""),
      ),
    ),
  );

  function paint(): void {
    const k = Math.min(last, traits.get<number>("step"));
    next.disabled = k >= last && !more();
    back.disabled = k <= 0;
    if (k < 0) return; // a walk that has not begun
    const step = state.steps[k];
    const scheme = view.scheme();
    buttons.forEach((b, j) => (j === k ? b.setAttribute("aria-current", "step") : b.removeAttribute("aria-current")));
    head.replaceChildren(
      h(
        "div",
        {},
        h("span", { class: "xk-strong" }, `${k + 1}. ${step.name.replaceAll("_", " ")}`),
        " ",
        h("span", { class: "xk-soft" }, step.note),
      ),
      math(step.formula) ?? "",
    );
    const layer = step.layers?.[Math.min(step.layers.length - 1, traits.get<number>("frame"))];
    const one: Step = layer ? { ...step, ...layer, view: layer.map ? "map" : "bars", frames: undefined } : step;
    const wire = one.map ?? one.picture;
    pictures.hidden = !wire;
    track.element.hidden = !(step.frames && step.frames.length > 1);
    lane.hidden = !one.map;
    body.replaceChildren(...(wire ? [] : plain(one)));
    if (wire) paintFrames(one, new Frames(wire), scheme);
    if (layer) track.show(step.layers?.indexOf(layer) ?? 0, (step.layers?.length ?? 1) - 1, short(layer.name));
    view.say(`step ${k + 1} of ${last + 1}: ${step.name.replaceAll("_", " ")}. ${step.note}`);
  }

  function paintFrames(step: Step, frames: Frames, scheme: Scheme): void {
    const k = Math.min(frames.n - 1, traits.get<number>("frame"));
    const values = frames.values(k);
    const scale = { limit: frames.limit, signed: frames.signed, scheme };
    if (step.map) paintMap(shown.canvas, values, frames.width, scale);
    else paintPicture(shown.canvas, values, frames.width, frames.channels);
    shown.canvas.style.aspectRatio = step.rows ? "2" : "" /* the cells of a matrix may have any shape */;
    colours.show(scale, [step.ends[1], step.ends[0]]);
    const place = traits.get<number[]>("pixel");
    const i = place.length === 2 ? pixelAt(place, frames.height, frames.width) : -1;
    const read =
      i < 0
        ? ""
        : step.map
          ? signed(values[i])
          : Array.from({ length: frames.channels }, (_, c) => number(values[i * frames.channels + c], 2)).join(" ");
    shown.label(step.frames ? axisAt(step, k) : step.shape, read);
    shown.point(place);
    if (step.frames) track.show(k, step.frames.length - 1, axisAt(step, k));
    paintInput(input, place);
  }

  function paintInput(into: Panel, place: number[]): void {
    pictures.classList.toggle("xk-alone", !state.input);
    into.element.hidden = !state.input;
    if (!state.input) return;
    const frames = new Frames(state.input);
    paintPicture(into.canvas, frames.values(0), frames.width, frames.channels);
    into.label(
      `${frames.height}×${frames.width}`,
      place.length
        ? `row ${Math.floor(place[0] * frames.height)}, column ${Math.floor(place[1] * frames.width)}`
        : "point at a pixel",
    );
    into.point(place);
  }

  function plain(step: Step): Node[] {
    if (step.view === "scalar") return [h("div", { class: "xk-big" }, number(step.value as number, 4))];
    if (step.view === "curve") return [curveOf(step)];
    if (step.view === "bars") return [bars(floats(step.bars as Wire), step.names, step.labels)];
    if (step.view === "tokens") return pieces(step);
    if (step.view === "table") {
      const cells = (tag: "th" | "td", row: string[]): HTMLElement => h("tr", {}, ...row.map((c) => h(tag, {}, c)));
      return [
        h(
          "div",
          { class: "xk-scroll", tabindex: "0", role: "region", "aria-label": step.name },
          h("table", {}, cells("th", step.columns ?? []), ...(step.rows ?? []).map((r) => cells("td", r))),
        ),
      ];
    }
    return [h("pre", {}, step.text ?? "")];
  }

  function pieces(step: Step): Node[] {
    const values = step.bars ? floats(step.bars) : null;
    const tokens = step.tokens ?? [];
    const read = h("div", { class: "xk-value" }, "point at a word");
    const row = tokenRow(
      tokens,
      (k) =>
        (read.textContent = `${k + 1} of ${tokens.length}: ${tokens[k].trim()}${values ? `  ${signed(values[k])}` : ""}`),
    );
    row.show(values, Math.max(...Array.from(values ?? [1], Math.abs)) || 1, view.scheme());
    return [row.element, read];
  }

  function curveOf(step: Step): HTMLElement {
    const y = floats(step.curve as Wire);
    const over =
      axis && axis.length === y.length && step.name !== "alphas" ? axis : Float32Array.from(y, (_, k) => k + 1);
    const name = over === axis ? state.x_axis.name : "k";
    const c = chart(`${step.name} against ${name}`, (x) => {
      const k = over.reduce((best, v, i) => (Math.abs(v - x) < Math.abs(over[best] - x) ? i : best), 0);
      c.show({ ...drawing, at: over[k] });
      view.say(`${name} ${number(over[k])}: ${number(y[k], 4)}`);
    });
    const drawing = {
      lines: [
        {
          x: over,
          y,
          colour: "var(--accent)",
          name: step.name.replaceAll("_", " "),
          dots: over !== axis && y.length > 150,
        },
      ],
      xName: name,
      yName: "",
    };
    c.show(drawing);
    return c.element;
  }

  for (const name of ["step", "frame", "pixel"]) traits.on(name, view.repaint);
  view.onEnd(track.stop);
  view.onEnd(() => clearInterval(playing));
  paint();
  if (going.on) start();
  return view.end;
}

/** The name of a layer as it is read: without the wrapper around the network. */
export const short = (name: string): string => name.replace(/^model\./, "");

const clipped = (name: string): string => (name.length > 22 ? `${name.slice(0, 21)}…` : name);

/** The largest values of a row of features as bars, left of zero against, right of it for; named ones all, in their order. */
export function bars(values: Float32Array, names?: string[], labels?: string[], span = 600): HTMLElement {
  const order = Array.from(values.keys());
  if (names) order.reverse();
  else order.sort((a, b) => Math.abs(values[b]) - Math.abs(values[a]));
  const kept = order.slice(0, names ? 400 : 20);
  const limit = Math.max(...kept.map((i) => Math.abs(values[i]))) || 1;
  const rows = kept.map((i, row) => {
    const width = (0.25 * span * Math.abs(values[i])) / limit;
    const y = 22 * row;
    return s(
      "g",
      {},
      s("text", { x: 0, y: y + 15 }, names ? short(names[i]) : clipped(labels?.[i] ?? `input ${i}`)),
      s("rect", {
        x: values[i] < 0 ? span / 2 - width : span / 2,
        y: y + 3,
        width,
        height: 15,
        rx: 3,
        style: `fill:var(--${values[i] < 0 ? "warm" : "accent"})`,
      }),
      s("text", { x: span, y: y + 15, "text-anchor": "end" }, signed(values[i])),
    );
  });
  const height = 22 * kept.length;
  const axis = s("line", { x1: span / 2, x2: span / 2, y1: 0, y2: height, class: "xk-zero" });
  const more =
    order.length > kept.length
      ? h("div", { class: "xk-soft" }, `and ${order.length - kept.length} more, all of them smaller`)
      : null;
  return h(
    "div",
    {},
    s(
      "svg",
      {
        viewBox: `0 0 ${span} ${height}`,
        class: "xk-bars",
        style: `max-width:${span}px`,
        role: "img",
        "aria-label": "values by input",
      },
      ...rows,
      axis,
    ),
    more,
  );
}

export default /* @__PURE__ */ widget(player);
