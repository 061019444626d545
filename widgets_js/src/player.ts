// The player: any walk, step by step. It knows kinds of values, never methods.

import { card, h, row } from "./dom";
import { legend } from "./legend";
import { math } from "./mathematics";
import { type Check, meter, verdict } from "./meter";
import type { Traits } from "./model";
import { short } from "./names";
import { screen } from "./player/frames";
import { transport } from "./player/transport";
import { type Headed, headline, renewed, type Stage, stage } from "./stage";
import { viewOf } from "./views";
import type { Axis } from "./views/curve";
import type { Step, View } from "./views/step";
import { css } from "./views/style";
import { widget } from "./widget";
import { Frames, floats, type Wire } from "./wire";

interface State extends Headed {
  formula: string;
  target: string;
  steps: Step[];
  checks: Check[];
  cost: Record<string, number>;
  x_axis: { name: string; values: Wire | null };
  input?: Wire;
}

/** A walk that goes on sends a longer state: the timeline is built anew then, in the same place. */
export function player(traits: Traits, el: HTMLElement): () => void {
  const going = { on: false }; // whether it plays: that outlives the timeline
  return renewed((one, place) => timeline(one, place, going))(traits, el);
}

const words = (name: string): string => name.replaceAll("_", " ");

function furnish(view: Stage, state: State, going: { on: boolean }) {
  const { traits, put } = view;
  const last = state.steps.length - 1;
  const go = (k: number): void => {
    if (k > last && traits.get<boolean>("live")) traits.put({ request: { next: state.steps.length } });
    else put({ step: Math.max(0, Math.min(last, k)), frame: 0 });
  };
  const { name, values } = state.x_axis;
  const axis: Axis = { name, values: values && floats(values) };
  return {
    axis,
    buttons: state.steps.map((step, k) =>
      h("button", { type: "button", onclick: () => go(k) }, h("small", {}, String(k + 1)), words(step.name)),
    ),
    head: h("div", { class: "xk-head" }),
    body: h("div", {}),
    screen: screen(view, state.input, axis, last < 0),
    colours: legend(["against", "for"]),
    transport: transport(traits, last, going, go),
  };
}

type Parts = ReturnType<typeof furnish>;

/** The checks of the method as meters, and what the walk cost. */
function checksOf({ checks, cost }: State, live: boolean): HTMLElement {
  const meters = checks.map((check) => {
    const sides: [string, string] = check.bounded ? ["measured", "at most"] : ["left side", "right side"];
    const one = meter(check.name, sides, check.formula);
    one.show(check.left ?? NaN, check.right ?? NaN, check.holds, verdict(check));
    return one.element;
  });
  const none = live
    ? "The walk is not at its end: its checks come last."
    : "This method makes no promise that could be checked.";
  const spent = Object.entries(cost).filter(([, n]) => n);
  const price = spent.map(([kind, n]) => `${n} ${kind}`).join(", ");
  const sums = h("p", { class: "xk-verdict" }, price ? `Cost: ${price} samples.` : "");
  return card(...(meters.length ? meters : [h("span", { class: "xk-soft" }, none)]), sums);
}

function arranged(state: State, parts: Parts, lane: HTMLElement, live: boolean): HTMLElement[] {
  const { head, body, screen, transport, buttons } = parts;
  const steps = buttons.map((button) => h("li", {}, button));
  const step = card(head, body, screen.pictures, screen.track.element, lane, transport.element);
  return [
    ...headline(state),
    h("ol", { class: "xk-steps", "aria-label": "steps of the method" }, ...steps),
    h("div", { class: "xk-stage" }, step, checksOf(state, live)),
  ];
}

function timeline(traits: Traits, el: HTMLElement, going: { on: boolean }): () => void {
  const view = stage(traits, el, paint);
  const state = traits.get<State>("state");
  const last = state.steps.length - 1;
  const parts = furnish(view, state, going);
  const lane = row(parts.colours.element);
  const show = shower(view, parts, lane);
  view.root.append(h("style", {}, css), ...arranged(state, parts, lane, traits.get<boolean>("live")));

  function paint(): void {
    const k = Math.min(last, traits.get<number>("step"));
    parts.transport.show(k);
    if (k < 0) return; // a walk that has not begun
    const step = state.steps[k];
    for (const [j, button] of parts.buttons.entries()) {
      if (j === k) button.setAttribute("aria-current", "step");
      else button.removeAttribute("aria-current");
    }
    if (show(step)) {
      const title = h("span", { class: "xk-strong" }, `${k + 1}. ${words(step.name)}`);
      const note = h("span", { class: "xk-soft" }, step.note);
      parts.head.replaceChildren(h("div", {}, title, " ", note), math(step.formula) ?? "");
      view.say(`step ${k + 1} of ${last + 1}: ${words(step.name)}. ${step.note}`);
    }
  }

  view.onEnd(parts.transport.end);
  const end = view.begin(["step", "frame", "pixel"], [parts.screen.track]);
  parts.transport.resume();
  return end;
}

/** Shows a step, or the layer of it that the slider is at; true when it is another one than before. */
function shower(view: Stage, { body, screen, colours, axis }: Parts, lane: HTMLElement): (step: Step) => boolean {
  let before: unknown;
  let drawn: View = { nodes: [] };
  return (step) => {
    const layers = step.layers ?? [];
    const at = Math.min(layers.length - 1, view.traits.get<number>("frame"));
    const layer = layers[at];
    const one: Step = layer ? { ...step, ...layer, view: layer.map ? "map" : "bars", frames: undefined } : step;
    const wire = one.map ?? one.picture;
    const another = before !== (layer ?? step);
    if (another) {
      before = layer ?? step;
      drawn = wire ? { nodes: [] } : viewOf(one, axis, view.say);
      body.replaceChildren(...drawn.nodes);
    }
    screen.pictures.hidden = !wire;
    screen.track.element.hidden = !(step.frames && step.frames.length > 1);
    const scale = wire ? screen.paint(one, new Frames(wire)) : drawn.scale?.(view.scheme());
    lane.hidden = !(scale && !one.picture);
    if (scale) colours.show(scale, [step.ends[1], step.ends[0]]);
    drawn.paint?.(view.scheme());
    if (layer) screen.track.show(at, layers.length - 1, short(layer.name));
    return another;
  };
}

export default /* @__PURE__ */ widget(player);
