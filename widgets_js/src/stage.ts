// What every widget stands on: the root element, light or dark, errors, and a clean end.

import type { Scheme } from "./colour";
import type { Slider } from "./controls";
import { announcer, h } from "./dom";
import type { Traits } from "./model";
import { css } from "./style";
import type { Lab } from "./widget";

export interface Stage {
  root: HTMLElement;
  traits: Traits;
  scheme(): Scheme;
  say(text: string): void;
  /** Call `paint` once before the next frame, however often it is asked for. */
  repaint(): void;
  onEnd(end: () => void): void;
  /** Set traits and show what they mean. */
  put(values: Record<string, unknown>): void;
  /** Move the pointer, in all panels at once. */
  point(place: number[]): void;
  /** Listen to these traits, paint for the first time, and give back what ends the widget and stops its sliders. */
  begin(traits: string[], sliders?: Slider[]): () => void;
}

/** The signs that a theme or a size has changed; they end when what is given back is called. */
function surroundings(root: HTMLElement, changed: () => void): () => void {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  dark.addEventListener("change", changed);
  const themes = new MutationObserver(changed);
  for (const host of [document.documentElement, document.body]) themes.observe(host, { attributes: true });
  const sizes = new ResizeObserver(changed);
  sizes.observe(root);
  return () => {
    dark.removeEventListener("change", changed);
    themes.disconnect();
    sizes.disconnect();
  };
}

/** What went wrong in the kernel, where it can be read. */
function errorBox(traits: Traits, changed: () => void): HTMLElement {
  const box = h("div", { class: "xk-error", role: "alert", hidden: "" });
  const show = (): void => {
    box.textContent = traits.get<string>("error") ?? "";
    box.hidden = !box.textContent;
  };
  traits.on("error", () => {
    show();
    changed();
  });
  show();
  return box;
}

/** What every widget is sent for its head. */
export interface Headed {
  title: string;
  question: string;
  target?: string; // what is explained
  probability?: number | null; // that the model gives it
}

/** A root under `el`; `paint` is what the widget does when anything changed. */
export function stage(traits: Traits, el: HTMLElement, paint: () => void): Stage {
  let waiting = 0;
  const repaint = (): void => {
    waiting ||= requestAnimationFrame(() => {
      waiting = 0;
      paint();
    });
  };
  const spoken = announcer();
  const root = h("div", { class: "xk", role: "group" });
  el.append(root);
  root.append(h("style", {}, css), errorBox(traits, repaint), spoken.element);
  // JupyterLab acts on keys that reach it: `d d` on a slider deletes the cell.
  root.addEventListener("keydown", (event) => event.stopPropagation());
  const ends = [surroundings(root, repaint)];
  const end = (): void => {
    cancelAnimationFrame(waiting);
    for (const one of ends) one();
    traits.close();
    root.remove();
  };
  return {
    root,
    traits,
    scheme: () => (getComputedStyle(root).getPropertyValue("--scheme").trim() === "dark" ? "dark" : "light"),
    say: spoken.say,
    repaint,
    onEnd: (one) => ends.push(one),
    put(values) {
      traits.put(values);
      paint();
    },
    point(place) {
      traits.put({ pixel: place });
      repaint();
    },
    begin(names, sliders = []) {
      for (const name of names) traits.on(name, repaint);
      for (const slider of sliders) ends.push(slider.stop);
      paint();
      return end;
    },
  };
}

/** A lab that is built anew, in the same place, when the kernel has sent a new state. */
export const renewed =
  (lab: Lab): Lab =>
  (traits, el) => {
    let end = lab(traits, el);
    const renew = (): void => {
      end();
      end = lab(traits, el);
      traits.on("state", renew);
    };
    traits.on("state", renew);
    return () => end();
  };

/** Title, question and what is explained. */
export function headline(state: Headed): HTMLElement[] {
  const sure = typeof state.probability === "number" ? `, probability ${state.probability.toFixed(2)}` : "";
  const about = state.target && !state.question.includes(state.target) ? ` Explained: ${state.target}${sure}.` : "";
  return [h("h2", {}, state.title), h("p", {}, state.question + about)];
}
