// What a learner may change in the path lab: a run that is there is shown, another one is asked of the kernel.

import { type Choice, choice } from "../../controls";
import type { Traits } from "../../model";
import { type Oracle, oracle } from "../../oracle";
import { busySign } from "../../wishes";
import { type Control, type Data, nearestFrame, type Run, type State, type Value } from "./state";

type Options = Record<string, Value>;

export interface Wish {
  busy: HTMLElement;
  answers: Oracle<Run>;
  want(change: Options): void;
  /** After an answer or an error nobody waits any more. */
  settle(): void;
}

/** Earlier wishes that are still open are remembered; `move` is called with the frame that is nearest in the new run. */
export function wish(traits: Traits, data: Data, move: (frame: number) => void, paint: () => void): Wish {
  const { state, runs } = data;
  const answers = oracle<Run>(traits, runs.all);
  const busy = busySign();
  let pending: Options | undefined; // what the kernel was asked for
  const options = (run: Record<string, unknown>): Options =>
    Object.fromEntries(state().controls.map((c) => [c.key, run[c.key] as Value]));
  return {
    busy,
    answers,
    want(change) {
      const all = { ...(pending ?? options(runs.chosen())), ...change };
      const found = answers.known(all) ?? (traits.get<boolean>("live") ? undefined : answers.known(change));
      if (!found) {
        pending = all;
        answers.ask(all);
        paint();
        return;
      }
      const before = runs.now();
      const near = before.places[before.frames[traits.get<number>("frame")]];
      traits.put({ run: runs.all().indexOf(found) });
      move(nearestFrame(runs.now(), near));
    },
    settle() {
      const run: Record<string, unknown> = runs.chosen();
      const answered = pending && Object.entries(pending).every(([name, value]) => run[name] === value);
      if (answered || traits.get("error")) pending = undefined;
      busy.hidden = !pending;
    },
  };
}

/** The values of a control; a kernel can take any number of steps, so a few round ones are offered. */
function offered(control: Control, live: boolean): Value[] {
  if (!control.count) return control.values;
  const all = new Set([...(live ? [5, 10, 25, 50, 100] : []), ...(control.values as number[])]);
  return [...all].sort((a, b) => a - b);
}

export interface Switch {
  element: HTMLElement;
  show(run: Record<string, unknown>): void;
}

/** A row of buttons for each option of the method. */
export function switches(state: State, live: boolean, { want, answers }: Wish): Switch[] {
  return state.controls.map((control) => {
    const { key, label } = control;
    const values = offered(control, live);
    const words = values.map((v) => control.words[control.values.indexOf(v)] ?? String(v));
    const valueFor = (word: string): Value => values[words.indexOf(word)];
    const one: Choice = choice(label, words, (word) => want({ [key]: valueFor(word) }));
    return {
      element: one.element,
      show(run) {
        const word = words[values.indexOf(run[key] as Value)] ?? String(run[key]);
        one.show(word, (w) => answers.possible({ [key]: valueFor(w) }));
      },
    };
  });
}
