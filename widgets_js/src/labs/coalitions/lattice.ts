// The lattice of all sets, from nobody at the bottom to everybody at the top; an order is a path through it.

import { s } from "../../dom";
import { number, signed } from "../../numbers";
import { bits, type Game, type Moment, prefix } from "./game";

type Point = [number, number];

interface Space {
  width: number;
  height: number;
  at: Map<number, Point>; // where each set stands
  wide: number; // how wide a node may be
}

export const latticeOf = (): SVGElement =>
  s("svg", {
    class: "xk-lattice",
    role: "img",
    "aria-label": "all sets, from nobody at the bottom to everybody at the top",
  });

/** Draw it as wide as its place; `go` is called with a set that was pressed. */
export function drawLattice(svg: SVGElement, game: Game, now: Moment, go: (set: number) => void): void {
  const width = Math.max(300, Math.min(640, svg.parentElement?.clientWidth || 560) - 28);
  const space = places(game, width);
  const edges: SVGElement[] = [];
  const labels: SVGElement[] = [];
  for (const set of space.at.keys()) {
    for (let i = 0; i < game.n; i++) {
      if (set & (1 << i)) continue;
      const one = edge(game, now, space, set, i);
      edges.push(one.line);
      if (one.label) labels.push(one.label);
    }
  }
  const nodes = Array.from(space.at.keys(), (set) => node(game, now, space, set, go));
  svg.setAttribute("viewBox", `0 0 ${width} ${space.height}`);
  svg.style.maxWidth = `${width}px`;
  svg.replaceChildren(...edges, ...nodes, ...labels);
}

/** Sets of one size stand on one level. */
function places({ n, all }: Game, width: number): Space {
  const height = 60 + 80 * n;
  const levels: number[][] = Array.from({ length: n + 1 }, () => []);
  for (let set = 0; set <= all; set++) levels[bits(set)].push(set);
  const at = new Map<number, Point>();
  for (const [size, level] of levels.entries()) {
    const y = height - 30 - (size * (height - 60)) / n;
    for (const [j, set] of level.entries()) at.set(set, [((j + 0.5) / level.length) * width, y]);
  }
  const wide = Math.min(150, width / Math.max(...levels.map((l) => l.length)) - 6);
  return { width, height, at, wide };
}

/** From a set to the one with player i in it too, with what the player adds where there is room for it. */
function edge({ n, v }: Game, now: Moment, { at }: Space, set: number, i: number) {
  const above = set | (1 << i);
  const [[x1, y1], [x2, y2]] = [at.get(set) as Point, at.get(above) as Point];
  const size = bits(set);
  const walked = size < now.k && prefix(now.order, size) === set && prefix(now.order, size + 1) === above;
  const kind = walked ? "xk-walked" : i === now.chosen ? "xk-chosen" : "xk-edge";
  const line = s("line", { x1, y1, x2, y2, class: kind });
  if (!walked && (n > 4 || (n > 3 && i !== now.chosen))) return { line };
  const t = n <= 2 ? 0.5 : 0.34 + 0.14 * (i % 3);
  const place = { x: x1 + t * (x2 - x1), y: y1 + t * (y2 - y1) + 4, "text-anchor": "middle" };
  const text = { ...place, class: walked ? "xk-halo xk-strong" : "xk-halo" };
  return { line, label: s("text", text, signed(v[above] - v[set], 2)) };
}

function node({ n, v, brief, called }: Game, now: Moment, { at, wide }: Space, set: number, go: (set: number) => void) {
  const [x, y] = at.get(set) as Point;
  const inside = brief.filter((_, i) => set & (1 << i));
  const name = set ? inside.join(n > 3 ? " " : ", ") : "∅";
  const room = wide / 6.8; // letters
  const label = name.length > room ? `${name.slice(0, Math.max(1, Math.floor(room) - 1))}…` : name;
  return s(
    "g",
    { class: set === now.set ? "xk-node xk-here" : "xk-node", onclick: () => go(set) },
    s("title", {}, `${called(set)}: ${number(v[set], 4)}`),
    s("rect", { x: x - wide / 2, y: y - 18, width: wide, height: 36, rx: 8 }),
    s("text", { x, y: y - 3, "text-anchor": "middle" }, label),
    s("text", { x, y: y + 12, "text-anchor": "middle", class: "xk-strong" }, number(v[set], 3)),
  );
}
