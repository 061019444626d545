// A row of numbers as a curve, over the axis of the walk where it has as many places.

import { chart, type Drawing } from "../chart";
import { number } from "../numbers";
import { floats, type Wire } from "../wire";
import type { Say, Step, View } from "./step";

export interface Axis {
  name: string;
  values: Float32Array | null;
}

export function curveView(step: Step, axis: Axis, say: Say): View {
  const y = floats(step.curve as Wire);
  const own = axis.values?.length === y.length && step.name !== "alphas" ? axis.values : null;
  const over = own ?? Float32Array.from(y, (_, k) => k + 1);
  const name = own ? axis.name : "k";
  const far = (k: number, x: number): number => Math.abs(over[k] - x);
  const one = chart(`${step.name} against ${name}`, (x) => {
    const k = over.reduce((best, _, i) => (far(i, x) < far(best, x) ? i : best), 0);
    drawing.at = over[k];
    one.show(drawing);
    say(`${name} ${number(over[k])}: ${number(y[k], 4)}`);
  });
  const dots = !own && y.length > 150;
  const line = { x: over, y, colour: "var(--accent)", name: step.name.replaceAll("_", " "), dots };
  const drawing: Drawing = { lines: [line], xName: name, yName: "" };
  return { nodes: [one.element], paint: () => one.show(drawing) };
}
