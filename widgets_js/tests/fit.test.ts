// The line that stands for a model, and the game of coalitions.

import { describe, expect, it } from "vitest";
import { ridge, says, solve, summing } from "../src/fit";
import { initials, orders, weight } from "../src/labs/coalitions/game";
import { random } from "../src/random";

// y = 1 + 2 z1 − 3 z2 + 0.5 z3 on all eight sets
const z = Uint8Array.from(Array.from({ length: 8 }, (_, k) => [k & 1, (k >> 1) & 1, (k >> 2) & 1]).flat());
const y = Float32Array.from({ length: 8 }, (_, k) => 1 + 2 * z[3 * k] - 3 * z[3 * k + 1] + 0.5 * z[3 * k + 2]);
const samples = { n: 3, z, y, w: new Float32Array(8).fill(1) };

describe("the line", () => {
  it("is found where there is one", () => {
    const line = ridge(samples, 8, 0);
    expect(Array.from(line.slopes).map((v) => Math.round(v * 1e6) / 1e6)).toEqual([2, -3, 0.5]);
    expect(line.intercept).toBeCloseTo(1);
    expect(line.r2).toBeCloseTo(1);
    expect(says(line, [1, 0, 1])).toBeCloseTo(3.5);
  });

  it("shrinks with the penalty as a diagonal system does", () => {
    // Centred, the columns are orthogonal with sum of squares 2: each slope becomes 2 b / (2 + λ).
    expect(Array.from(ridge(samples, 8, 2).slopes).map((v) => Math.round(v * 1e6) / 1e6)).toEqual([1, -1.5, 0.25]);
  });

  it("gives nothing to what no sample tells apart", () => {
    const line = ridge({ ...samples, z: z.map((v, i) => (i % 3 === 2 ? 1 : v)) }, 4, 0);
    expect(Array.from(line.slopes).every(Number.isFinite)).toBe(true);
    expect(line.slopes[2]).toBe(0);
  });

  it("adds up where it must", () => {
    const line = summing(samples, 8, 1, 7);
    expect(line.slopes.reduce((a, b) => a + b)).toBeCloseTo(7);
    expect(Array.from(summing(samples, 8, 1, -0.5).slopes).map((v) => Math.round(v * 1e6) / 1e6)).toEqual([2, -3, 0.5]);
  });

  it("solves a symmetric system", () => {
    const x = solve(Float64Array.of(4, 1, 1, 3), Float64Array.of(1, 2), 0);
    expect(x[0]).toBeCloseTo(1 / 11);
    expect(x[1]).toBeCloseTo(7 / 11);
  });
});

describe("the orders", () => {
  it("weigh a set by its size", () => {
    expect([0, 1, 2].map((s) => weight(3, s))).toEqual([1 / 3, 1 / 6, 1 / 3]);
    expect([0, 1, 2, 3].map((s) => weight(4, s)).reduce((sum, w, s) => sum + w * [1, 3, 3, 1][s], 0)).toBeCloseTo(1);
  });

  it("come with their reverse and are the same in every browser", () => {
    const some = orders(5, 6);
    expect(some).toHaveLength(6);
    expect(some[1]).toEqual([...some[0]].reverse());
    expect(orders(5, 6)).toEqual(some);
    for (const order of some) expect([...order].sort()).toEqual([0, 1, 2, 3, 4]);
  });

  it("are drawn evenly", () => {
    const next = random(3);
    const mean = Array.from({ length: 20000 }, next).reduce((a, b) => a + b) / 20000;
    expect(mean).toBeCloseTo(0.5, 1);
  });

  it("call players by initials that tell them apart", () => {
    expect(initials(["sepal length (cm)", "sepal width (cm)", "petal length"])).toEqual(["sl", "sw", "pl"]);
    expect(initials(["age", "alcohol", "北京"])).toEqual(["a1", "a2", "北"]);
  });
});
