// What a lab asks of the model. Behind it stands the kernel, or the table of what was computed beforehand.

import type { Traits } from "./model";

export interface Oracle<Answer> {
  /** The answer if it is there. */
  known(question: Record<string, unknown>): Answer | undefined;
  /** Whether an answer can be had, now or after a moment. */
  possible(question: Record<string, unknown>): boolean;
  /** Ask for an answer that is not there yet; it comes as a change of the state. */
  ask(question: Record<string, unknown>): void;
}

/** Answers that lie in `answers()`, and a kernel behind them while the trait `live` says so. */
export function oracle<Answer extends object>(traits: Traits, answers: () => Answer[]): Oracle<Answer> {
  const fits = (answer: Answer, question: Record<string, unknown>): boolean =>
    Object.entries(question).every(([name, value]) => (answer as Record<string, unknown>)[name] === value);
  let asked = 0;
  return {
    known: (question) => answers().find((a) => fits(a, question)),
    possible: (question) => traits.get<boolean>("live") || answers().some((a) => fits(a, question)),
    ask: (question) => traits.put({ request: { ...question, number: ++asked } }),
  };
}
