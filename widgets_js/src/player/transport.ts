// Back, next and play: the walk step by step. Playing outlives the timeline, which is built anew for a longer walk.

import { h, row } from "../dom";
import type { Traits } from "../model";

const PAUSE = 1200; // milliseconds a step

export interface Transport {
  element: HTMLElement;
  show(k: number): void;
  /** Go on playing where an earlier timeline did. */
  resume(): void;
  end(): void;
}

/** `go` is called with a step; with one after the last, while the kernel has more. */
export function transport(traits: Traits, last: number, going: { on: boolean }, go: (k: number) => void): Transport {
  const at = (): number => traits.get<number>("step");
  const live = (): boolean => traits.get<boolean>("live");
  let timer: ReturnType<typeof setInterval> | undefined;
  const toggle = (): void => (going.on ? stop() : start());
  const back = h("button", { type: "button", onclick: () => go(at() - 1) }, "‹ Back");
  const next = h("button", { type: "button", onclick: () => go(at() + 1) }, "Next step ›");
  const play = h("button", { type: "button", class: "xk-play", onclick: toggle }, "▶ Play steps");
  const stop = (): void => {
    clearInterval(timer);
    going.on = false;
    play.textContent = "▶ Play steps";
  };
  const start = (): void => {
    if (at() >= last && !live()) go(0);
    play.textContent = "❚❚ Pause";
    going.on = true;
    timer = setInterval(() => {
      if (!play.isConnected) clearInterval(timer);
      else if (at() >= last && !live()) stop();
      else go(at() + 1);
    }, PAUSE);
  };
  return {
    element: row(play, back, next),
    show(k) {
      next.disabled = k >= last && !(live() && at() >= last);
      back.disabled = k <= 0;
    },
    resume() {
      if (going.on) start();
    },
    end: () => clearInterval(timer),
  };
}
