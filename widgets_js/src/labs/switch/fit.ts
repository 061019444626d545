// How well the line follows the model: its steepest slopes, the samples against it, and R².

import { bars } from "../../bars";
import type { chart } from "../../chart";
import { h, tableRow } from "../../dom";
import type { Line } from "../../fit";
import { number } from "../../numbers";
import { countOn, type Data, type State } from "./samples";

const FEW = 8; // slopes
const NEAR = 12; // samples in the table
const DOTS = 400;

/** The numbers of the pieces, those with the largest values of `by` first. */
export const ranked = (slopes: Float64Array, by: (slope: number) => number): number[] =>
  Array.from(slopes.keys()).sort((a, b) => by(slopes[b]) - by(slopes[a]));

export function steepest(line: Line, state: State): HTMLElement {
  const top = ranked(line.slopes, Math.abs).slice(0, FEW);
  const values = Float32Array.from(top, (i) => line.slopes[i]);
  return bars(
    values,
    undefined,
    top.map((i) => state.names[i]),
    430,
  );
}

/** The last of the first `m` samples, against what the line says or by how much they count. */
export function drawSamples(
  scatter: ReturnType<typeof chart>,
  data: Data,
  line: Line,
  m: number,
  byWeight: boolean,
): void {
  const { samples } = data;
  const some = Array.from({ length: m }, (_, k) => k).slice(-DOTS);
  const x = some.map((k) => (byWeight ? samples.w[k] : data.says(line, k)));
  const y = some.map((k) => samples.y[k]);
  const ends = [Math.min(...x, ...y), Math.max(...x, ...y)];
  const agree = { x: ends, y: ends, colour: "var(--warm)", name: "they agree", dashed: true };
  const dots = { x, y, colour: "var(--accent)", name: "what the model says", dots: true };
  scatter.show({
    lines: byWeight ? [dots] : [dots, agree],
    xName: byWeight ? "how much the sample counts" : "what the line says",
    yName: "",
  });
}

/** The samples that count most; `pick` is called with one that was pressed. */
export function sampleTable(data: Data, line: Line, m: number, chosen: number, pick: (k: number) => void): HTMLElement {
  const { n, samples } = data;
  const near = Array.from({ length: m }, (_, k) => k).sort((a, b) => samples.w[b] - samples.w[a]);
  const rows = near.slice(0, NEAR).map((k) => {
    const scores = [number(samples.y[k], 3), number(data.says(line, k), 3)];
    const cells = [String(k + 1), `${countOn(data.sample(k))} of ${n}`, number(samples.w[k], 2), ...scores];
    return tableRow("td", cells, { class: k === chosen ? "xk-lit" : null, onclick: () => pick(k) });
  });
  return h("table", {}, tableRow("th", ["sample", "on", "weight", "model", "line"]), ...rows);
}
