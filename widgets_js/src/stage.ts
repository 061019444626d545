// What every widget stands on: the root element, light or dark, errors, and a clean end.

import type { Scheme } from "./colour";
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
}

/** A root under `el`; `paint` is what the widget does when anything changed. */
export function stage(traits: Traits, el: HTMLElement, paint: () => void): Stage & { end(): void } {
  const spoken = announcer();
  const error = h("div", { class: "xk-error", role: "alert", hidden: "" });
  const root = h("div", { class: "xk", role: "group" });
  el.append(root);
  root.append(h("style", {}, css), error, spoken.element);
  // JupyterLab acts on keys that reach it: `d d` on a slider deletes the cell.
  root.addEventListener("keydown", (event) => event.stopPropagation());

  let waiting = 0;
  const repaint = (): void => {
    waiting ||= requestAnimationFrame(() => {
      waiting = 0;
      paint();
    });
  };
  const ends: (() => void)[] = [];
  const dark = matchMedia("(prefers-color-scheme: dark)");
  dark.addEventListener("change", repaint);
  const themes = new MutationObserver(repaint);
  const sizes = new ResizeObserver(repaint);
  sizes.observe(root);
  for (const host of [document.documentElement, document.body]) themes.observe(host, { attributes: true });
  traits.on("error", () => {
    error.textContent = traits.get<string>("error");
    error.hidden = !error.textContent;
    repaint();
  });
  error.textContent = traits.get<string>("error") ?? "";
  error.hidden = !error.textContent;
  return {
    root,
    traits,
    scheme: () => (getComputedStyle(root).getPropertyValue("--scheme").trim() === "dark" ? "dark" : "light"),
    say: spoken.say,
    repaint,
    onEnd: (end) => ends.push(end),
    put(values) {
      traits.put(values);
      paint();
    },
    point(place) {
      traits.put({ pixel: place });
      repaint();
    },
    end() {
      cancelAnimationFrame(waiting);
      dark.removeEventListener("change", repaint);
      themes.disconnect();
      sizes.disconnect();
      for (const end of ends) end();
      traits.close();
      root.remove();
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
export function headline(state: {
  title: string;
  question: string;
  target?: string;
  probability?: number | null;
}): HTMLElement[] {
  const sure = typeof state.probability === "number" ? `, probability ${state.probability.toFixed(2)}` : "";
  const about = state.target && !state.question.includes(state.target) ? ` Explained: ${state.target}${sure}.` : "";
  return [h("h2", {}, state.title), h("p", {}, state.question + about)];
}
