// What a learner wants to see: shown at once where it is there, else asked of the kernel, with a sign of its work.

import { h } from "./dom";
import type { Traits } from "./model";
import { type Oracle, oracle } from "./oracle";

/** A turning sign while the kernel works. */
export const busySign = (words = "the notebook is computing"): HTMLElement =>
  h("span", { class: "xk-busy", role: "status", hidden: "" }, words);

export interface Wishes<Answer> extends Oracle<Answer> {
  busy: HTMLElement;
  want(question: Record<string, unknown>): void;
  /** After an error nobody works on the wish any more. */
  settle(): void;
}

/** `found` is called with the number of the answer; an answer that comes later is a change of the state. */
export function wishes<Answer extends object>(
  traits: Traits,
  answers: () => Answer[],
  found: (k: number) => void,
  busy = busySign(),
): Wishes<Answer> {
  const one = oracle<Answer>(traits, answers);
  return {
    ...one,
    busy,
    want(question) {
      const known = one.known(question);
      if (known) {
        found(answers().indexOf(known));
        return;
      }
      busy.hidden = false;
      one.ask(question);
    },
    settle() {
      if (traits.get("error")) busy.hidden = true;
    },
  };
}
