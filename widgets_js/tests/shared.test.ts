// @vitest-environment happy-dom
import { describe, expect, it, vi } from "vitest";
import { toggle } from "../src/controls";
import { Traits } from "../src/model";
import { choosesPlace, signedAt } from "../src/pointer";
import { Runs } from "../src/runs";
import { wishes } from "../src/wishes";
import { FakeModel } from "./model";

describe("runs", () => {
  const all = [{ n: 1 }, { n: 2 }];

  it("are unpacked once each, and the last one stands for numbers beyond it", () => {
    const model = new FakeModel({ run: 0 });
    const unpack = vi.fn((run: { n: number }) => 10 * run.n);
    const runs = new Runs(new Traits(model), () => all, unpack);
    expect([runs.now(), runs.now(), runs.of(all[1])]).toEqual([10, 10, 20]);
    model.set("run", 7);
    expect(runs.chosen()).toBe(all[1]);
    expect(runs.now()).toBe(20);
    expect(unpack).toHaveBeenCalledTimes(2);
  });
});

describe("wishes", () => {
  it("are shown at once where the answer is there, else asked of the kernel until it answers or fails", () => {
    const model = new FakeModel({ live: true, request: {}, error: "" });
    const found = vi.fn();
    const table = [{ side: 3 }, { side: 5 }];
    const wish = wishes(new Traits(model), () => table, found);
    wish.want({ side: 5 });
    expect(found).toHaveBeenCalledWith(1);
    expect(wish.busy.hidden).toBe(true);
    wish.want({ side: 7 });
    expect(model.get("request")).toEqual({ side: 7, number: 1 });
    wish.settle();
    expect(wish.busy.hidden).toBe(false);
    model.set("error", "no");
    wish.settle();
    expect(wish.busy.hidden).toBe(true);
  });
});

describe("a toggle", () => {
  it("keeps its value on the page and says when it changes", () => {
    const changed = vi.fn();
    const one = toggle("Shown", ["score", "probability"], "score", changed);
    one.element.querySelectorAll("button")[1].click();
    expect(one.value).toBe("probability");
    expect(changed).toHaveBeenCalledOnce();
    one.show();
    expect(one.element.querySelector("[aria-checked=true]")?.textContent).toBe("probability");
  });
});

describe("a pointer", () => {
  it("chooses a place of a canvas, and arrow keys move it by one pixel", () => {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [4, 2];
    canvas.getBoundingClientRect = () => ({ left: 10, top: 20, width: 40, height: 20 }) as DOMRect;
    let here: number[] = [];
    choosesPlace(
      canvas,
      () => here,
      (place) => {
        here = place;
      },
    );
    canvas.dispatchEvent(new MouseEvent("pointermove", { clientX: 25, clientY: 35 }));
    expect(here).toEqual([0.75, 0.375]);
    canvas.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowUp" }));
    expect(here).toEqual([0.25, 0.375]);
    canvas.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter" }));
    expect(here).toEqual([0.25, 0.375]);
    expect(signedAt(here, [1, 2, 3, 4, 5, 6, 7, 8], { height: 2, width: 4 })).toBe("+2.00");
    expect(signedAt([], [1], { height: 1, width: 1 })).toBe("");
  });
});
