// From a pointer to a place in a picture, and from the place to what stands there.

import { signed } from "./numbers";
import { pixelAt } from "./wire";

const inside = (t: number): number => Math.min(0.9999, Math.max(0, t));

/** How an arrow key moves: down and across. */
export const arrow = (key: string): [number, number] | undefined =>
  ({ ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] })[key] as
    | [number, number]
    | undefined;

/** Hover, touch and arrow keys choose a place (row, column) in [0, 1) of a canvas; `here` is where it stands now. */
export function choosesPlace(canvas: HTMLCanvasElement, here: () => number[], move: (place: number[]) => void): void {
  const follow = (event: PointerEvent): void => {
    const box = canvas.getBoundingClientRect();
    move([inside((event.clientY - box.top) / box.height), inside((event.clientX - box.left) / box.width)]);
  };
  canvas.addEventListener("pointermove", follow);
  canvas.addEventListener("pointerdown", follow);
  canvas.addEventListener("keydown", (event) => {
    const step = arrow(event.key);
    if (!step) return;
    event.preventDefault();
    const [row, column] = here().length ? here() : [0.5, 0.5];
    move([inside(row + step[0] / canvas.height), inside(column + step[1] / canvas.width)]);
  });
}

/** The value at the pointer, with its sign; nothing where nobody points. */
export function signedAt(place: number[], values: ArrayLike<number>, grid: { height: number; width: number }): string {
  return place.length === 2 ? signed(values[pixelAt(place, grid.height, grid.width)]) : "";
}
