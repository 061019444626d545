// Small maps made large, and where their colours end.

import { describe, expect, it } from "vitest";
import { limitOf } from "../src/limits";
import { resize } from "../src/resize";

describe("resize", () => {
  it("repeats cells where it is not smooth", () => {
    expect(Array.from(resize([1, 2, 3, 4], 2, 2, 4, 4, false))).toEqual([
      1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4,
    ]);
  });

  it("goes between the middles of the cells where it is", () => {
    // Middles at 0.5 and 1.5 of two cells: the four pixels lie at 0.25, 0.75, 1.25, 1.75, the outer ones beyond both.
    expect(Array.from(resize([0, 4], 2, 1, 4, 1, true))).toEqual([0, 1, 3, 4]);
  });

  it("keeps a map that is as large already", () => {
    const values = [1, -2, 3, 0.5, 7, 6];
    expect(Array.from(resize(values, 3, 2, 3, 2, true))).toEqual(values);
    expect(Array.from(resize(values, 3, 2, 3, 2, false))).toEqual(values);
  });

  it("has a limit that is never zero", () => {
    expect(limitOf([0, -3, 2])).toBe(3);
    expect(limitOf([0, 0])).toBe(1);
  });
});
