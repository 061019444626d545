// From what a player adds to its Shapley value: the table of all sets, and the mean over orders.

import { bars } from "../../bars";
import type { chart, Line } from "../../chart";
import { tokens } from "../../colour";
import { h, tableRow } from "../../dom";
import { number, signed } from "../../numbers";
import { bits, type Game, type Moment, weight } from "./game";

const COLOURS = tokens.categories.slice(0, 6);
const MOST_ROWS = 256;

/** What the chosen player adds to each set, the weights, and their weighted sum. */
export function setTable({ v, n, called, exact }: Game, { set, chosen }: Moment): HTMLElement {
  const sets = Array.from({ length: Math.min(v.length, 4096) }, (_, c) => c).filter((c) => !(c & (1 << chosen)));
  const rows = sets.slice(0, MOST_ROWS).map((c) => {
    const joined = c | (1 << chosen);
    const adds = signed(v[joined] - v[c]);
    const cells = [called(c), number(v[c]), number(v[joined]), adds, number(weight(n, bits(c)), 2)];
    return tableRow("td", cells, { class: set === c || set === joined ? "xk-lit" : null });
  });
  const head = tableRow("th", ["S", "v(S)", "v(S ∪ i)", "adds", "weight"]);
  const sum = [h("th", { colspan: "3" }, "weighted sum φ"), h("th", {}, signed(exact[chosen], 4)), h("td", {}, "")];
  return h("table", {}, head, ...rows, h("tr", {}, ...sum));
}

/** The mean over the orders drawn so far, player by player, and as bars. */
export function drawMeans(curve: ReturnType<typeof chart>, shares: HTMLElement, game: Game, drawn: number): void {
  const { exact, means, names } = game;
  const upto = Math.max(drawn, 20);
  const x = Float32Array.from({ length: drawn }, (_, j) => j + 1);
  const strongest = Array.from(exact.keys()).sort((a, b) => Math.abs(exact[b]) - Math.abs(exact[a]));
  curve.show({
    lines: strongest.slice(0, COLOURS.length).flatMap((i, j): Line[] => {
      const y = Float32Array.from({ length: drawn }, (_, m) => means[m][i]);
      const goal = { x: [1, upto], y: [exact[i], exact[i]], colour: COLOURS[j], name: "", dashed: true };
      return [{ x, y, colour: COLOURS[j], name: names[i], dots: drawn < 3 }, goal];
    }),
    xName: "orders averaged; dashed: over all of them",
    yName: "",
    xRange: [1, upto],
    at: drawn,
  });
  shares.replaceChildren(bars(Float32Array.from(means[drawn - 1]), undefined, names, 430));
}
