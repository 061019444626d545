// The samples that a line stands for: which pieces were on, what the model said, and the line through the first of them.

import { type Line, ridge, type Samples, says, summing } from "../../fit";
import type { Headed } from "../../stage";
import { floats, Labels, type Wire } from "../../wire";

export interface State extends Headed {
  formula: string;
  target: string;
  unit: string;
  view: "picture" | "text" | "row";
  names: string[];
  tokens?: string[];
  input?: Wire;
  instead?: Wire; // what is seen of a hidden piece
  regions?: Wire;
  samples: Wire; // zeros and ones
  scores: Wire;
  weights: Wire;
  ends: [number, number]; // the score of nothing and of everything
  penalty: number;
  sums: boolean; // whether the slopes must add up
  of: number;
}

/** The samples, unpacked once; a line through the first `count` of them is fitted when it is asked for. */
export function open(state: State) {
  const n = state.names.length;
  const rows = new Labels(state.samples);
  const z = new Uint8Array(rows.n * n);
  for (let k = 0; k < rows.n; k++) z.set(Uint8Array.from(rows.values(k)), k * n);
  const samples: Samples = { n, z, y: floats(state.scores), w: floats(state.weights) };
  const lines = new Map<number, Line>();
  const fitted = (count: number): Line => {
    if (!state.sums) return ridge(samples, count, state.penalty);
    return summing(samples, count, state.ends[0], state.ends[1] - state.ends[0]);
  };
  const most = rows.n;
  return {
    n,
    samples,
    most,
    least: Math.min(most, Math.max(4, Math.ceil(n / 4))),
    means: meansBySet(samples, most),
    sample: (k: number): Uint8Array => z.subarray(k * n, (k + 1) * n),
    line(count: number): Line {
      if (!lines.has(count)) lines.set(count, fitted(count));
      return lines.get(count) as Line;
    },
    says: (line: Line, k: number): number => says(line, z, k * n),
  };
}

export type Data = ReturnType<typeof open>;

/** What the model said of each set, by its zeros and ones: the mean where it was drawn several times. */
function meansBySet({ n, z, y }: Samples, most: number): Map<string, number> {
  const means = new Map<string, number>();
  const times = new Map<string, number>();
  for (let k = 0; k < most; k++) {
    const key = Array.from({ length: n }, (_, i) => z[k * n + i]).join("");
    const count = (times.get(key) ?? 0) + 1;
    const before = means.get(key) ?? 0;
    times.set(key, count);
    means.set(key, before + (y[k] - before) / count);
  }
  return means;
}

/** How many pieces are on. */
export const countOn = (there: Uint8Array): number => there.reduce((sum, v) => sum + v, 0);
