// Which view shows a step.

import { type Axis, curveView } from "./curve";
import { graphView } from "./graph";
import { matrixView } from "./matrix";
import { barsView, scalarView, tableView, textView, tokensView } from "./plain";
import { pointsView } from "./points";
import type { GraphStep, MatrixStep, PointsStep, Say, Step, View } from "./step";

/** The view of a step that is neither a map nor a picture. */
export function viewOf(step: Step, axis: Axis, say: Say): View {
  switch (step.view) {
    case "scalar":
      return scalarView(step);
    case "curve":
      return curveView(step, axis, say);
    case "bars":
      return barsView(step);
    case "tokens":
      return tokensView(step);
    case "table":
      return tableView(step);
    case "matrix":
      return matrixView(step as unknown as MatrixStep, say);
    case "points":
      return pointsView(step as unknown as PointsStep, say);
    case "graph":
      return graphView(step as unknown as GraphStep, say);
    default:
      return textView(step);
  }
}
