// The chart of the path lab, and its completeness meter: along the path, or draw by draw.

import type { Drawing } from "../../chart";
import { number } from "../../numbers";
import type { Moment, State, Unpacked } from "./state";

/** Where the score climbs fastest: the step between two points of the path, by their indices. */
export function aha(values: ArrayLike<number>): [number, number] {
  let best = 1;
  for (let k = 2; k < values.length; k++) if (values[k] - values[k - 1] > values[best] - values[best - 1]) best = k;
  return values.length > 1 ? [best - 1, best] : [0, 0];
}

/** Draws: the mean of their sums, and how far it may be off. */
export function meanDrawing(state: State, run: Unpacked, errors: Float32Array, { at, change }: Moment): Drawing {
  const n = run.places.subarray(1); // of the first draw alone nothing is known
  const means = n.map((count, k) => run.sums[k + 1] / count);
  const line = { x: n, colour: "var(--warm)", dashed: true };
  return {
    lines: [
      { x: n, y: means, colour: "var(--accent)", name: "Σφ of the mean so far" },
      { ...line, y: means.map((m, k) => m - errors[k + 1]), name: "± its standard error" },
      { ...line, y: means.map((m, k) => m + errors[k + 1]), name: "" },
      { x: n, y: means.map(() => change), colour: "var(--good)", name: state.change },
    ],
    xName: state.axis.x,
    yName: "",
    at: run.places[Math.max(1, at)],
  };
}

/** The score or the probability along the path, the slopes beside it, and what was added up. */
export function pathDrawing(state: State, run: Unpacked, at: number, probable: boolean, guess: number): Drawing {
  const probability = probable && run.probabilities;
  const values = probability || run.scores || run.sums;
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const steepest = Math.max(...run.magnitudes) || 1;
  const slopes = run.magnitudes.map((m) => low + (m / steepest) * (high - low));
  const [from, to] = aha(run.probabilities ?? values);
  const name = probability ? "probability F(xₖ)" : `${state.unit} F(xₖ)`;
  const lines = [
    { x: run.places, y: values, colour: "var(--accent)", name },
    { x: run.places, y: slopes, colour: "var(--warm)", name: "mean |∇F|, scaled to fit", dashed: true },
  ];
  return {
    lines: probability ? lines : [...lines, addedUp(run)],
    xName: state.axis.x,
    yName: "",
    at: run.places[at],
    xRange: [0, 1],
    band: { from: run.places[from], to: run.places[to], name: "aha" },
    mark: guess >= 0 ? { at: guess, name: "your guess" } : undefined,
  };
}

/** The score at the start with what was added up: each sum reaches as far as its weights do, to its interval's end. */
function addedUp(run: Unpacked) {
  const total = run.frames.map((f) => run.start_score + run.sums[f]);
  let walked = 0;
  const reached = Array.from(run.weights, (w) => {
    walked += w;
    return walked;
  });
  return {
    x: run.frames.map((f) => reached[f]),
    y: total,
    colour: "var(--good)",
    name: "F(x⁰) + Σφ so far",
    dots: true,
  };
}

/** Whether the parts sum to the change, as far as they were added up, and what is said of it. */
export function completeness(state: State, run: Unpacked, now: Moment): { holds: boolean; words: string } {
  const { at, k, sum, change } = now;
  const missing = change - sum;
  const error = run.errors?.[at];
  if (error !== undefined) {
    return { holds: at > 0 && Math.abs(missing) <= 3 * error, words: drawn(at, missing, error) };
  }
  const within = Math.abs(missing) <= 0.05 * Math.abs(change);
  const verdict = within ? "within 5 %" : `more than 5 %: ${state.advice}`;
  const gap = `gap after ${run.places.length} steps: ${number(missing, 2)}, ${verdict}`;
  return { holds: within, words: k < run.frames.length - 1 ? `still missing ${number(missing, 3)}` : gap };
}

/** How far the mean of the draws is off, in words. */
export function drawn(at: number, missing: number, error: number): string {
  if (at === 0) return "one draw says nothing of its error";
  const times = Math.abs(missing) / (error || Infinity);
  const verdict = times <= 3 ? "as chance allows" : "more than chance allows";
  return `off by ${number(missing, 2)}: ${number(times, 2)} standard errors, ${verdict}`;
}
