// What the path lab is sent, and a run of it unpacked.

import type { Picture } from "../../picture";
import type { Runs } from "../../runs";
import type { Headed } from "../../stage";
import { Frames, floats, runningSums, type Wire } from "../../wire";

export interface Run {
  frames: number[];
  places: Wire; // where each point stands on the axis of the chart
  reading: Wire; // what the slider says of it
  weights: Wire;
  scores: Wire | null; // null where the points come in no order
  probabilities: Wire | null;
  magnitudes: Wire;
  sums: Wire;
  errors?: Wire; // of the mean of the first draws
  start_score: number;
  end_score: number;
  gradients: Wire;
  added: Wire;
  limit: number;
  images?: Wire;
  aside?: Wire; // what else may be seen in the first panel
  [option: string]: unknown; // what the controls switch
}

export type Value = string | number;

export interface Control {
  key: string;
  label: string;
  values: Value[];
  words: string[];
  count: boolean; // a number that a kernel can change freely
}

export interface State extends Headed {
  target: string;
  unit: string;
  terms: { id: string; formula: string; caption: string }[];
  panels: [string, string][];
  axis: { x: string; reading: string; slider: string; digits: string; unit: string };
  views: string[];
  aside: string; // what the colours of the second view say
  mean: boolean; // whether the attribution is the mean of what the points add, not their sum
  change: string;
  advice: string;
  input: Wire;
  runs: Run[];
  starts: Record<string, Wire>;
  controls: Control[];
}

/** A run with its arrays unpacked and its running sums computed, once. */
export function unpack(run: Run) {
  const gradients = new Frames(run.gradients);
  const added = new Frames(run.added);
  return {
    ...run,
    own: run as Record<string, unknown>, // the options that it was made with
    places: floats(run.places),
    reading: floats(run.reading),
    weights: floats(run.weights),
    scores: run.scores && floats(run.scores),
    probabilities: run.probabilities && floats(run.probabilities),
    magnitudes: floats(run.magnitudes),
    sums: floats(run.sums),
    errors: run.errors && floats(run.errors),
    gradients,
    added,
    sofar: runningSums(added),
    images: run.images && new Frames(run.images),
    aside: run.aside && new Frames(run.aside),
    asideIsMap: run.aside?.limit !== undefined,
  };
}

export type Unpacked = ReturnType<typeof unpack>;

/** What the parts of the lab share: the state, which the kernel may replace, and what was unpacked of it. */
export interface Data {
  state(): State;
  runs: Runs<Run, Unpacked>;
  picture: Picture;
  start(baseline: string): Float32Array;
}

/** Where a run stands: the frame of the slider, the point of the path there, and what was added up to it. */
export function moment(run: Unpacked, frame: number, mean: boolean) {
  const k = Math.min(run.frames.length - 1, frame);
  const at = run.frames[k];
  const sofar = mean ? run.sofar[k].map((v) => v / (at + 1)) : run.sofar[k];
  const sum = mean ? run.sums[at] / (at + 1) : run.sums[at];
  return { k, at, sofar, sum, change: run.end_score - run.start_score, gradient: run.gradients.values(k) };
}

export type Moment = ReturnType<typeof moment>;

/** What the slider says of a point. */
export const reading = ({ axis }: State, value: number): string =>
  `${axis.reading} = ${value.toFixed(Number(axis.digits))}${axis.unit}`;

/** The place of the first run's frame that is nearest to a place on the axis. */
export function nearestFrame(run: Unpacked, place: number): number {
  const far = (k: number): number => Math.abs(run.places[run.frames[k]] - place);
  return run.frames.reduce((best, _, k) => (far(k) < far(best) ? k : best), 0);
}

/** x0 + α (x - x0). */
export function mixed(start: Float32Array, end: Float32Array, alpha: number): Float32Array {
  return start.map((v, i) => v + alpha * (end[i] - v));
}
