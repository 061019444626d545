// Controls: one of several, a choice of the page alone, a choice for a boolean trait, and a slider that plays.

import { h } from "./dom";
import type { Stage } from "./stage";

export interface Choice {
  element: HTMLElement;
  /** Light the value; `possible` says which others can be had. */
  show(value: string, possible?: (value: string) => boolean): void;
}

/** One of several: a row of buttons that behaves as radio buttons do. */
export function choice(label: string, values: string[], pick: (value: string) => void): Choice {
  const buttons = values.map((value) =>
    h(
      "button",
      { type: "button", role: "radio", "aria-checked": "false", tabindex: "-1", onclick: () => choose(value) },
      value,
    ),
  );
  const choose = (value: string): void => {
    if (buttons[values.indexOf(value)].getAttribute("aria-disabled") !== "true") pick(value);
  };
  const group = h("span", { class: "xk-seg", role: "radiogroup", "aria-label": label }, ...buttons);
  group.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const open = buttons.filter((b) => b.getAttribute("aria-disabled") !== "true");
    const here = open.indexOf(event.target as HTMLButtonElement);
    const next = open[(here + step + open.length) % open.length];
    next?.focus();
    next?.click();
  });
  return {
    element: h("div", { class: "xk-choice" }, h("span", { class: "xk-soft" }, label), group),
    show(value, possible = () => true) {
      for (const [k, button] of buttons.entries()) {
        const on = values[k] === value;
        const can = on || possible(values[k]);
        button.setAttribute("aria-checked", String(on));
        button.tabIndex = on ? 0 : -1;
        if (can) button.removeAttribute("aria-disabled");
        else button.setAttribute("aria-disabled", "true");
        button.title = can ? "" : "needs a running notebook";
      }
      if (!values.includes(value) && buttons[0]) buttons[0].tabIndex = 0;
    },
  };
}

export interface Slider {
  element: HTMLElement;
  show(k: number, most: number, text: string): void;
  stop(): void;
}

/** Play and a slider from 0 to `most`; `move` is called with every new place. */
export function slider(label: string, move: (k: number) => void, wrap = "xk-row"): Slider {
  const range = h("input", {
    type: "range",
    min: "0",
    step: "1",
    "aria-label": label,
    oninput: () => move(Number(range.value)),
  });
  const value = h("output", { class: "xk-num xk-at" });
  const play = h(
    "button",
    { type: "button", class: "xk-play", "aria-label": `play ${label}`, onclick: () => (timer ? stop() : start()) },
    "▶ Play",
  );
  let timer: ReturnType<typeof setInterval> | undefined;
  const stop = (): void => {
    clearInterval(timer);
    timer = undefined;
    play.textContent = "▶ Play";
    play.setAttribute("aria-label", `play ${label}`);
  };
  const start = (): void => {
    if (range.value === range.max) move(0);
    play.textContent = "❚❚ Pause";
    play.setAttribute("aria-label", `pause ${label}`);
    timer = setInterval(() => {
      if (range.value === range.max || !range.isConnected) stop();
      else move(Number(range.value) + 1);
    }, 120);
  };
  return {
    element: h("div", { class: wrap }, play, range, value),
    show(k, most, text) {
      range.max = String(most);
      range.value = String(k);
      range.setAttribute("aria-valuetext", text);
      value.textContent = text;
    },
    stop,
  };
}

export interface Toggle<V extends string> {
  element: HTMLElement;
  value: V;
  show(): void;
}

/** A choice of what is shown: it lives on the page alone, the kernel never hears of it. */
export function toggle<V extends string>(
  label: string,
  values: readonly V[],
  first: V,
  changed: () => void,
): Toggle<V> {
  const one = choice(label, [...values], (value) => {
    all.value = value as V;
    changed();
  });
  const all: Toggle<V> = { element: one.element, value: first, show: () => one.show(all.value) };
  return all;
}

/** A choice between two words that stands for a boolean trait. */
export function flag(view: Stage, label: string, [yes, no]: [string, string], trait: string): Toggle<string> {
  const one = choice(label, [yes, no], (value) => view.put({ [trait]: value === yes }));
  return {
    element: one.element,
    get value() {
      return view.traits.get<boolean>(trait) ? yes : no;
    },
    show() {
      one.show(this.value);
    },
  };
}
