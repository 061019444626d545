// Which pieces are on: a learner switches them, the samples or the kernel know the score.

import type { Stage } from "../../stage";
import type { Data, State } from "./samples";

export interface Pieces {
  /** Zeros and ones. */
  on(): Uint8Array;
  toggle(k: number): void;
  set(there: ArrayLike<number>): void;
  /** The score of a set, where it is known. */
  score(there: Uint8Array): number | undefined;
  /** The piece under the pointer, or −1. */
  pointed: number;
  point(k: number): void;
}

export function pieces(view: Stage, state: State, { n, means }: Data, paint: () => void): Pieces {
  const { traits } = view;
  const score = (there: ArrayLike<number>): number | undefined => {
    const key = Array.from(there).join("");
    return traits.get<Record<string, number>>("answers")[key] ?? means.get(key);
  };
  const all: Pieces = {
    pointed: -1,
    score,
    on() {
      const there = new Uint8Array(n).fill(1);
      for (const k of traits.get<number[]>("off")) if (k < n) there[k] = 0;
      return there;
    },
    set(there) {
      const flags = Array.from({ length: n }, (_, k) => (there[k] ? 1 : 0));
      traits.put({ off: flags.flatMap((on, k) => (on ? [] : [k])) });
      const asks = score(flags) === undefined && traits.get<boolean>("live") && state.view !== "row";
      if (asks) traits.put({ request: { set: flags.join(""), number: Date.now() } });
      paint();
    },
    toggle(k) {
      const there = all.on();
      there[k] = 1 - there[k];
      all.set(there);
    },
    point(k) {
      all.pointed = k;
      view.repaint();
    },
  };
  return all;
}
