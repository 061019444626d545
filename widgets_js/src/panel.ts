// A picture with a caption, a number and a pointer: hover, touch or arrow keys choose a pixel, in all panels at once.

import { h } from "./dom";
import { choosesPlace } from "./pointer";

export interface Panel {
  element: HTMLElement;
  canvas: HTMLCanvasElement;
  /** What stands right of the title, below the picture, and where the pointer is. */
  label(right: string, below?: string): void;
  point(place: number[]): void;
}

export function panel(title: string, description: string, move: (place: number[]) => void): Panel {
  const right = h("span", { class: "xk-soft" });
  const below = h("div", { class: "xk-value" });
  const cursor = h("i", { class: "xk-cursor", hidden: "" });
  const label = `${title}: ${description}. Arrow keys choose a pixel.`;
  const canvas = h("canvas", { role: "img", tabindex: "0", "aria-label": label });
  const frame = h("div", { class: "xk-frame" }, canvas, cursor);
  let here: number[] = [];
  choosesPlace(canvas, () => here, move);

  return {
    element: h("figure", {}, h("figcaption", {}, h("b", {}, title), right), frame, below),
    canvas,
    label(text, under = "") {
      right.textContent = text;
      below.textContent = under;
    },
    point(place) {
      here = place;
      cursor.hidden = place.length === 0;
      if (place.length === 0) return;
      const centre = (t: number, n: number): number => (100 * (Math.floor(t * n) + 0.5)) / n;
      cursor.style.top = `${centre(place[0], canvas.height)}%`;
      cursor.style.left = `${centre(place[1], canvas.width)}%`;
    },
  };
}

/** Panels that share one pointer: each with its title and what it shows. */
export function linked<Name extends string>(
  words: Record<Name, [string, string]>,
  move: (place: number[]) => void,
): Record<Name, Panel> {
  const made = Object.entries<[string, string]>(words).map(([name, [title, text]]) => [name, panel(title, text, move)]);
  return Object.fromEntries(made) as Record<Name, Panel>;
}

/** Linked panels side by side. */
export function panelRow(panels: Record<string, Panel>): HTMLElement {
  const all = Object.values(panels);
  const kind = all.length === 3 ? "xk-panels xk-three" : "xk-panels";
  return h("div", { class: kind }, ...all.map((p) => p.element));
}

/** The pointer in every one of them. */
export function pointAll(panels: Record<string, Panel>, place: number[]): void {
  for (const p of Object.values(panels)) p.point(place);
}
