// What was computed beforehand: one run is chosen by the trait `run`, and each is unpacked once.

import type { Traits } from "./model";

export class Runs<Run extends object, Unpacked> {
  private readonly cache = new WeakMap<Run, Unpacked>();

  constructor(
    private readonly traits: Traits,
    readonly all: () => Run[],
    private readonly unpack: (run: Run) => Unpacked,
  ) {}

  /** The chosen run as it came. */
  chosen(): Run {
    const all = this.all();
    return all[Math.min(this.traits.get<number>("run"), all.length - 1)];
  }

  /** The chosen run, unpacked. */
  now(): Unpacked {
    return this.of(this.chosen());
  }

  of(run: Run): Unpacked {
    if (!this.cache.has(run)) this.cache.set(run, this.unpack(run));
    return this.cache.get(run) as Unpacked;
  }
}
