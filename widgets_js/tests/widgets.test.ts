// @vitest-environment happy-dom
import { beforeAll, describe, expect, it } from "vitest";
import pathModule from "../src/labs/path";
import { math } from "../src/mathematics";
import { Traits } from "../src/model";
import { oracle } from "../src/oracle";
import player from "../src/player";
import type { Module } from "../src/widget";
import { FakeModel } from "./model";

const wire = (shape: number[], byte = 130) => ({
  view: new Uint8Array(shape.reduce((a, b) => a * b)).fill(byte),
  dtype: "uint8",
  shape,
  scale: 0.1,
  offset: -12.7,
  limit: 1,
  signed: true,
});
const numbers = (values: number[]) => ({
  view: new Uint8Array(Float32Array.from(values).buffer),
  dtype: "float32",
  shape: [values.length],
  scale: 1,
  offset: 0,
});

const run = (baseline: string, rule: string) => ({
  baseline,
  rule,
  n_steps: 3,
  frames: [0, 1, 2],
  places: numbers([0.2, 0.5, 0.8]),
  reading: numbers([0.2, 0.5, 0.8]),
  weights: numbers([0.3, 0.3, 0.4]),
  scores: numbers([1, 2, 3]),
  probabilities: null,
  magnitudes: numbers([1, 2, 1]),
  sums: numbers([0.5, 1.5, 2]),
  start_score: 1,
  end_score: 3,
  gradients: wire([3, 4, 4]),
  added: wire([3, 4, 4]),
  limit: 1,
});

const path = (extra = {}) =>
  new FakeModel({
    lab: "path",
    frame: 0,
    pixel: [],
    live: false,
    request: {},
    error: "",
    run: 0,
    alpha: 0,
    ask: false,
    guess: -1,
    state: {
      title: "T",
      question: "Q?",
      target: "cat",
      unit: "logit",
      terms: [{ id: "point", formula: "<math><mi>x</mi></math>", caption: "point" }],
      input: { ...wire([1, 4, 4, 3]), scale: 1 / 255, offset: 0 },
      starts: {
        black: { ...wire([1, 4, 4, 3], 0), scale: 1, offset: 0 },
        white: { ...wire([1, 4, 4, 3], 1), scale: 1, offset: 0 },
      },
      runs: [run("black", "left"), run("white", "left")],
      panels: [
        ["a", "b"],
        ["c", "d"],
        ["e", "f"],
        ["g", "h"],
      ],
      views: [],
      mean: false,
      change: "the change",
      advice: "more",
      axis: { x: "α", reading: "α", slider: "α, the place", digits: "2", unit: "" },
      controls: [
        {
          key: "baseline",
          label: "Compared with",
          values: ["black", "white", "noise"],
          words: ["black", "white", "noise"],
          count: false,
        },
        { key: "n_steps", label: "Steps", values: [3], words: ["3"], count: true },
        { key: "rule", label: "Rule", values: ["left", "right"], words: ["left", "right"], count: false },
      ],
    },
    ...extra,
  });

const MODULES: Record<string, Module> = { path: pathModule, player };
const render = (model: FakeModel) => {
  const el = document.createElement("div");
  document.body.append(el);
  return { el, end: MODULES[model.get("lab") as string].render({ model, el }) };
};
const click = (el: HTMLElement, text: string) =>
  Array.from(el.querySelectorAll("button"))
    .find((b) => b.textContent === text)
    ?.click();

beforeAll(() => {
  HTMLCanvasElement.prototype.getContext = () => null as never; // no pixels here: they are tested in Chromium
});

describe("every widget", () => {
  it("listens once a trait and leaves nothing behind", () => {
    const model = path();
    const { el, end } = render(model);
    expect(model.listening).toBeGreaterThan(3);
    end();
    expect(model.listening).toBe(0);
    expect(el.childElementCount).toBe(0);
  });

  it("ends when its signal says so", () => {
    const model = path();
    const end = new AbortController();
    const el = document.createElement("div");
    pathModule.render({ model, el, signal: end.signal });
    end.abort();
    expect(model.listening).toBe(0);
  });

  it("works twice from one model's module, side by side", () => {
    const [a, b] = [render(path()), render(path())];
    a.end();
    expect(b.el.querySelectorAll("canvas").length).toBe(4);
    b.end();
  });
});

describe("the path lab", () => {
  it("writes alpha and frame, and saves", () => {
    const model = path();
    const { el, end } = render(model);
    const slider = el.querySelector("input") as HTMLInputElement;
    slider.value = "2";
    slider.dispatchEvent(new Event("input"));
    expect(model.get("frame")).toBe(2);
    expect(model.get("alpha")).toBeCloseTo(0.8);
    expect(model.saved).toBeGreaterThan(0);
    expect(slider.getAttribute("aria-valuetext")).toBe("α = 0.80");
    end();
  });

  it("switches to what was computed, and offers nothing else without a kernel", () => {
    const model = path();
    const { el, end } = render(model);
    click(el, "white");
    expect(model.get("run")).toBe(1);
    click(el, "noise");
    expect(model.get("run")).toBe(1);
    expect(model.get("request")).toEqual({});
    end();
  });

  it("asks a kernel for what was not computed, and remembers an earlier wish that is still open", () => {
    const model = path({ live: true });
    const { el, end } = render(model);
    click(el, "noise");
    click(el, "right");
    expect(model.get("request")).toMatchObject({ baseline: "noise", rule: "right", n_steps: 3 });
    expect((el.querySelector(".xk-busy") as HTMLElement).hidden).toBe(false);
    end();
  });
});

describe("the player", () => {
  const step = (name: string) => ({
    name,
    formula: "",
    note: "look",
    kind: "scalar",
    shape: "1",
    ends: ["for", "against"],
    view: "scalar",
    value: 2,
  });
  const state = (...names: string[]) => ({
    title: "T",
    question: "Q?",
    formula: "",
    target: "",
    probability: null,
    steps: names.map(step),
    checks: [],
    cost: {},
    x_axis: { name: "k", values: null },
  });
  const playing = (live: boolean, ...names: string[]) =>
    new FakeModel({
      lab: "player",
      state: state(...names),
      step: names.length - 1,
      frame: 0,
      pixel: [],
      live,
      request: {},
      error: "",
    });

  it("asks a walk that is still going on for its next step, and shows it when it comes", () => {
    const model = playing(true);
    const { el, end } = render(model);
    expect(el.querySelectorAll(".xk-steps button").length).toBe(0);
    click(el, "Next step ›");
    expect(model.get("request")).toEqual({ next: 0 });
    model.set("step", 0);
    model.set("state", state("alphas"));
    expect(el.querySelectorAll(".xk-steps button").length).toBe(1);
    click(el, "Next step ›");
    expect(model.get("request")).toEqual({ next: 1 });
    end();
    expect(model.listening).toBe(0);
  });

  it("stops at the last step of a walk that is at its end", () => {
    const model = playing(false, "a", "b");
    const { el, end } = render(model);
    const next = Array.from(el.querySelectorAll("button")).find(
      (b) => b.textContent === "Next step ›",
    ) as HTMLButtonElement;
    expect(next.disabled).toBe(true);
    click(el, "‹ Back");
    expect(model.get("step")).toBe(0);
    expect(next.disabled).toBe(false);
    end();
  });
});

describe("the oracle", () => {
  it("knows what lies in the table, and can get the rest only where there is a kernel", () => {
    const model = new FakeModel({ live: false, request: {} });
    const table = [{ baseline: "black", n: 5 }];
    const o = oracle(new Traits(model), () => table);
    expect(o.known({ baseline: "black" })).toBe(table[0]);
    expect(o.possible({ baseline: "white" })).toBe(false);
    model.set("live", true);
    expect(o.possible({ baseline: "white" })).toBe(true);
    o.ask({ baseline: "white" });
    o.ask({ baseline: "white" });
    expect(model.get("request")).toEqual({ baseline: "white", number: 2 });
  });
});

describe("mathematics", () => {
  it("keeps mathematics and nothing else", () => {
    const element = math(
      "<math display='block'><mi onclick='x'>a</mi><script>x</script><mo stretchy='false'>(</mo></math>",
    ) as Element;
    expect(element.querySelector("script")).toBeNull();
    expect(element.querySelector("mi")?.hasAttribute("onclick")).toBe(false);
    expect(element.querySelector("mo")?.getAttribute("stretchy")).toBe("false");
  });
});
