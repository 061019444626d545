// The game of the coalitions lab: sets as numbers (bit i for player i), orders, and what each player adds.

import type { Traits } from "../../model";
import { random } from "../../random";
import type { Headed } from "../../stage";
import { floats, type Wire } from "../../wire";

export interface State extends Headed {
  formula: string;
  target: string;
  unit: string;
  names: string[];
  values: Wire; // of the coalitions, by number: bit i for player i
  exact: Wire;
}

const MOST_DRAWN = 1000;

/** How many players are in a set. */
export const bits = (set: number): number => (set ? (set & 1) + bits(set >>> 1) : 0);

/** The initials of each name, told apart by numbers where they are alike: `sepal width` is `sw`. */
export function initials(names: string[]): string[] {
  const short = names.map((name) =>
    (name.match(/[\p{L}\p{N}]+/gu) ?? [name])
      .slice(0, 2)
      .map((word) => Array.from(word)[0])
      .join(""),
  );
  return short.map((one, k) => (short.filter((other) => other === one).length > 1 ? `${one}${k + 1}` : one));
}

/** The weight of a set of `size` before a player, among `n`: the share of orders in which it stands there. */
export function weight(n: number, size: number): number {
  let ways = n;
  for (let k = 1; k <= size; k++) ways *= (n - k) / k;
  return 1 / ways;
}

/** Every order of n players, or if there are too many `most` drawn ones; each second backwards. */
export function orders(n: number, most: number): number[][] {
  const drawn: number[][] = [];
  const next = random(7);
  while (drawn.length < most) {
    const order = Array.from({ length: n }, (_, k) => k);
    for (let k = n - 1; k > 0; k--) {
      const j = Math.floor(next() * (k + 1));
      [order[k], order[j]] = [order[j], order[k]];
    }
    drawn.push(order, [...order].reverse());
  }
  return drawn.slice(0, most);
}

function permutations(items: number[]): number[][] {
  if (items.length < 2) return [items];
  return items.flatMap((one, k) =>
    permutations([...items.slice(0, k), ...items.slice(k + 1)]).map((rest) => [one, ...rest]),
  );
}

/** What each player adds in one order. */
function added(v: Float32Array, order: number[]): number[] {
  const out = new Array<number>(order.length);
  let set = 0;
  for (const i of order) {
    out[i] = v[set | (1 << i)] - v[set];
    set |= 1 << i;
  }
  return out;
}

/** The mean of what each player adds over the first 1, 2, … orders. */
function runningMeans(v: Float32Array, sample: number[][]): number[][] {
  const means: number[][] = [];
  for (const order of sample) {
    const last = means[means.length - 1];
    const now = added(v, order);
    means.push(last ? last.map((x, i) => x + (now[i] - x) / (means.length + 1)) : now);
  }
  return means;
}

/** What was sent, unpacked once. */
export function open(state: State) {
  const { names } = state;
  const n = names.length;
  const v = floats(state.values);
  const sample = orders(n, MOST_DRAWN);
  return {
    names,
    n,
    v,
    exact: floats(state.exact),
    all: 2 ** n - 1,
    sample,
    means: runningMeans(v, sample),
    ways: n <= 3 ? permutations(Array.from(names.keys())) : [], // orders that can all be offered
    brief: n > 3 ? initials(names) : names, // what stands in a node of the lattice
    called: (set: number): string => (set ? `{${names.filter((_, i) => set & (1 << i)).join(", ")}}` : "∅"),
    inWords: (order: number[]): string => order.map((i) => names[i]).join(" → "),
  };
}

export type Game = ReturnType<typeof open>;

/** The first k players of an order, as a set. */
export const prefix = (order: number[], k: number): number => order.slice(0, k).reduce((set, i) => set | (1 << i), 0);

/** What the traits say now. */
export function moment(traits: Traits, { n, sample }: Game) {
  return {
    set: traits.get<number>("coalition"),
    order: traits.get<number[]>("order"),
    k: Math.min(n, traits.get<number>("frame")),
    chosen: Math.min(n - 1, traits.get<number>("player")),
    drawn: Math.min(sample.length, traits.get<number>("drawn")),
  };
}

export type Moment = ReturnType<typeof moment>;
