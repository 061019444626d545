// A picture with a caption, a number and a pointer: hover, touch or arrow keys choose a pixel, in all panels at once.

import { gradient, type Scale } from "./colour";
import { h, number } from "./dom";

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
  const canvas = h("canvas", {
    role: "img",
    tabindex: "0",
    "aria-label": `${title}: ${description}. Arrow keys choose a pixel.`,
  });
  const frame = h("div", { class: "xk-frame" }, canvas, cursor);
  let here: number[] = [];

  const follow = (event: PointerEvent): void => {
    const box = canvas.getBoundingClientRect();
    const inside = (t: number): number => Math.min(0.9999, Math.max(0, t));
    move([inside((event.clientY - box.top) / box.height), inside((event.clientX - box.left) / box.width)]);
  };
  canvas.addEventListener("pointermove", follow);
  canvas.addEventListener("pointerdown", follow);
  canvas.addEventListener("keydown", (event) => {
    const [down, across] =
      { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key] ?? [];
    if (down === undefined) return;
    event.preventDefault();
    const [row, column] = here.length ? here : [0.5, 0.5];
    const inside = (t: number): number => Math.min(0.9999, Math.max(0, t));
    move([inside(row + down / canvas.height), inside(column + across / canvas.width)]);
  });

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

/** What the colours mean: a bar with its numbers and the words at its ends. */
export function legend(words: [string, string]): {
  element: HTMLElement;
  show(scale: Scale, words?: [string, string]): void;
} {
  const bar = h("i", { class: "xk-bar" });
  const [low, middle, high] = [h("span", {}), h("span", {}), h("span", {})];
  const [against, towards] = words.map((word) => h("span", { class: "xk-soft" }, word));
  const element = h(
    "div",
    { class: "xk-legend" },
    against,
    h("div", { class: "xk-ramp" }, bar, h("div", { class: "xk-ticks" }, low, middle, high)),
    towards,
  );
  return {
    element,
    show(scale, other = words) {
      [against.textContent, towards.textContent] = scale.signed ? other : ["", "much"];
      bar.style.background = gradient(scale);
      against.hidden = !scale.signed;
      low.textContent = scale.signed ? number(-scale.limit, 2) : "0";
      middle.textContent = scale.signed ? "0" : "";
      high.textContent = scale.signed ? `+${number(scale.limit, 2)}` : number(scale.limit, 2);
    },
  };
}
