// What the page computes itself: the wire format, sums, curves, numbers, names.

import { describe, expect, it } from "vitest";
import { ticks, tickText } from "../src/chart";
import { aha } from "../src/labs/path/curves";
import { mixed } from "../src/labs/path/state";
import { quantile } from "../src/limits";
import { clipped, fitted, short } from "../src/names";
import { number, signed } from "../src/numbers";
import { bytesOf, Frames, floats, pixelAt, runningSums, type Wire } from "../src/wire";
import fixtures from "./fixtures/wire.json";

type Packed = Omit<Wire, "view"> & { base64: string };
const revive = (packed: unknown, shift = 0): Wire => {
  const wire = packed as Packed;
  const bytes = Uint8Array.from(atob(wire.base64), (c) => c.charCodeAt(0));
  const buffer = new ArrayBuffer(bytes.length + shift); // as if it lay somewhere inside a larger message
  new Uint8Array(buffer, shift).set(bytes);
  return { ...wire, view: new DataView(buffer, shift, bytes.length) };
};

describe("the wire format, on the fixtures that the Python tests read too", () => {
  it("maps come back as the numbers they were, to half a level", () => {
    for (const { wire, values, tolerance } of fixtures.maps) {
      const frames = new Frames(revive(wire));
      for (const [k, frame] of values.entries()) {
        const off = frames.values(k).map((v, i) => Math.abs(v - frame[i]));
        expect(Math.max(...off)).toBeLessThanOrEqual(tolerance[k]);
      }
    }
  });

  it("zero stays exactly zero in a signed map", () => {
    for (const { wire, values } of fixtures.maps) {
      const frames = new Frames(revive(wire));
      for (const [k, frame] of values.entries()) {
        const zeros = frames.values(k).filter((_, i) => frame[i] === 0);
        for (const v of zeros) expect(v).toBeCloseTo(0, 12);
      }
    }
  });

  it.each([0, 1, 2, 3])("numbers are exact, wherever in a buffer they lie (offset %i)", (shift) => {
    expect(Array.from(floats(revive(fixtures.numbers.wire, shift)))).toEqual(fixtures.numbers.values.map(Math.fround));
  });

  it("refuses an array that lost some of its bytes", () => {
    const { wire } = fixtures.numbers;
    expect(() => floats({ ...revive(wire), shape: [99] })).toThrow(/lost/);
    expect(() => new Frames({ ...revive(fixtures.maps[0].wire), shape: [9, 9, 9] })).toThrow(/lost/);
    expect(() => floats({ ...revive(wire), dtype: "uint8" } as Wire)).toThrow(/float32/);
  });

  it("takes views, buffers and typed arrays", () => {
    const bytes = Uint8Array.from([1, 2, 3, 4]);
    expect(Array.from(bytesOf(bytes.subarray(1)))).toEqual([2, 3, 4]);
    expect(Array.from(bytesOf(bytes.buffer))).toEqual([1, 2, 3, 4]);
  });
});

describe("what the page computes itself", () => {
  const frames = new Frames({
    view: Uint8Array.from([1, 2, 3, 4, 5, 6]),
    dtype: "uint8",
    shape: [3, 1, 2],
    scale: 2,
    offset: -1,
  });

  it("running sums", () => {
    expect(runningSums(frames).map((f) => Array.from(f))).toEqual([
      [1, 3],
      [6, 10],
      [15, 21],
    ]);
  });

  it("the mixture of two pictures", () => {
    expect(Array.from(mixed(Float32Array.from([0, 1]), Float32Array.from([1, 0]), 0.25))).toEqual([0.25, 0.75]);
  });

  it("the steepest step of a curve", () => {
    expect(aha([0, 0.1, 0.9, 1])).toEqual([1, 2]);
    expect(aha([3])).toEqual([0, 0]);
    expect(aha([3, 2, 1.5])).toEqual([1, 2]);
  });

  it("the pixel at a place, at any resolution", () => {
    expect(pixelAt([0, 0], 4, 4)).toBe(0);
    expect(pixelAt([0.99, 0.99], 4, 4)).toBe(15);
    expect(pixelAt([0.5, 0.25], 2, 4)).toBe(5);
    expect(pixelAt([1, 1], 3, 3)).toBe(8);
  });

  it("a limit that is never zero", () => {
    expect(quantile(new Float32Array(10))).toBe(1);
    expect(quantile(Float32Array.from([0, 0, 0, -2]))).toBe(2);
  });
});

describe("numbers and ticks", () => {
  it.each([
    [0, "0.00"],
    [22.391, "22.4"],
    [-0.0681, "−0.0681"],
    [2240, "2240"],
    [0.00012, "1.2e−4"],
    [Number.NaN, "–"],
  ])("%f reads %s", (value, text) => expect(number(value)).toBe(text));

  it("writes the sign", () => {
    expect(signed(1.5)).toBe("+1.50");
    expect(signed(-1.5)).toBe("−1.50");
    expect(signed(0)).toBe("0.00");
  });

  it("ticks are round and inside", () => {
    expect(ticks(0, 1, 5)).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
    expect(ticks(-2.2, 4.3)).toEqual([-2, 0, 2, 4]);
    for (const [low, high] of [
      [0, 0],
      [-1e-9, 1e-9],
      [5, 5.0001],
      [-1e6, 3e6],
    ]) {
      const all = ticks(low, high);
      expect(all.length).toBeLessThan(12);
      for (const t of all) expect(t).toBeGreaterThanOrEqual(low - Math.abs(low) - 1);
    }
  });
});

describe("names in little room", () => {
  it("end in an ellipsis where they are too long, by whole characters", () => {
    expect(clipped("a name that is rather long")).toBe("a name that is rather…");
    expect(clipped("🐈🐈🐈", 2)).toBe("🐈…");
    expect(fitted("rain", 100, 11)).toBe("rain");
    expect(fitted("relative humidity", 60, 11)).toMatch(/^relati\w*…$/);
    expect(fitted("wide", 1, 11)).toBe("w…");
  });

  it("lose the wrapper of the network", () => expect(short("model.layer1.0")).toBe("layer1.0"));
});

describe("ticks in words", () => {
  it.each([
    [0.2, "0.2"],
    [0, "0"],
    [200, "200"],
    [-0.0002, "−2e−4"],
    [1.25, "1.25"],
  ])("%f reads %s", (value, text) => expect(tickText(value)).toBe(text));
});
