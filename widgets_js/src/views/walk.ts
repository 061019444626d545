// A drawing in which one thing at a time is chosen: by the pointer, or by arrow keys while it has the focus.

import { arrow } from "../pointer";

export interface Walk {
  /** The thing at a place of the drawing, in pixels; −1 for none. */
  at(x: number, y: number): number;
  /** The next thing from `k`, down or across. */
  next(k: number, down: number, across: number): number;
  first(): number;
  last(): number;
  choose(k: number): void;
}

/** `chosen` is −1 while nothing is chosen; when the pointer leaves, the focus keeps what was chosen. */
export function walks(svg: SVGElement, width: () => number, walk: Walk): { chosen(): number } {
  let chosen = -1;
  const go = (k: number): void => {
    if (k === chosen) return;
    chosen = k;
    walk.choose(k);
  };
  const follow = (event: PointerEvent): void => {
    const box = svg.getBoundingClientRect();
    const unit = width() / (box.width || 1);
    const k = walk.at((event.clientX - box.left) * unit, (event.clientY - box.top) * unit);
    if (k >= 0) go(k);
  };
  svg.addEventListener("pointermove", follow);
  svg.addEventListener("pointerdown", follow);
  svg.addEventListener("pointerleave", () => svg.matches(":focus") || go(-1));
  svg.addEventListener("focus", () => chosen < 0 && go(walk.first()));
  svg.addEventListener("blur", () => go(-1));
  svg.addEventListener("keydown", (event) => {
    const step = arrow(event.key);
    const end = { Home: walk.first, End: walk.last }[event.key];
    if (!step && !end) return;
    event.preventDefault();
    if (step) go(chosen < 0 ? walk.first() : walk.next(chosen, ...step));
    else if (end) go(end());
  });
  return { chosen: () => chosen };
}

/** How wide a drawing may be: as wide as its place, so that its text keeps its size. */
export const widthOf = (svg: SVGElement): number =>
  Math.min(900, Math.max(240, svg.getBoundingClientRect().width || 600));
