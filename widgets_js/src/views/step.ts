// A step of a walk as it comes from Python, and what every view of it gives to the player.

import type { Scale, Scheme } from "../colour";
import type { Wire } from "../wire";

export interface Step {
  name: string;
  formula: string;
  note: string;
  kind: string;
  shape: string;
  ends: [string, string]; // what the two ends of a signed scale say, the upper first
  view:
    | "map"
    | "picture"
    | "curve"
    | "bars"
    | "scalar"
    | "table"
    | "text"
    | "layers"
    | "tokens"
    | "matrix"
    | "points"
    | "graph";
  tokens?: string[];
  labels?: string[]; // of the bars, the largest first
  layers?: { name: string; shape: string; map?: Wire; bars?: Wire }[];
  names?: string[];
  map?: Wire;
  picture?: Wire;
  curve?: Wire;
  bars?: Wire;
  value?: number;
  columns?: string[];
  rows?: string[][] | string[];
  text?: string;
  frames?: number[];
  of?: number | [number, number];
}

export interface MatrixStep {
  name: string;
  matrix: Wire; // numbers, (rows, columns)
  rows?: string[];
  columns?: string[];
  limit: number;
  signed: boolean;
  of: [number, number]; // the true size where only some rows were sent
}

export interface PointsStep {
  name: string;
  points: Wire; // numbers, (n, 2)
  names?: string[];
  groups?: number[]; // of each point, from 0
  group_names?: string[];
  axes?: [string, string];
}

export interface GraphStep {
  name: string;
  nodes: { name: string; value?: number; x: number; y: number }[]; // x and y in [0, 1], y from the top
  edges: [from: number, to: number, weight: number][];
  limit: number; // where the colours of the values end
  signed: boolean;
}

/** Drawn once for its step; painted again when the theme or the width has changed. */
export interface View {
  nodes: Node[];
  paint?(scheme: Scheme): void;
  /** The colours that a legend explains. */
  scale?(scheme: Scheme): Scale;
}

export type Say = (text: string) => void;
