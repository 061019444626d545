// A check as a live meter: two numbers that should be equal, and how far apart they are.

import { h } from "./dom";
import { math } from "./mathematics";
import { number, signed } from "./numbers";

export interface Check {
  name: string;
  formula: string;
  left: number | null; // null: not finite
  right: number | null;
  holds: boolean;
  bounded: boolean; // something that should be small: the right side is its bound
}

export interface Meter {
  element: HTMLElement;
  show(left: number, right: number, holds: boolean, words: string): void;
}

/** `names` are the two sides as the formula writes them. */
export function meter(title: string, names: [string, string], formula = ""): Meter {
  const fill = h("i", {});
  const track = h(
    "div",
    { class: "xk-meter", role: "meter", "aria-label": title, "aria-valuemin": "0", "aria-valuemax": "100" },
    fill,
    h("b", {}),
  );
  const [a, b] = [h("span", { class: "xk-num" }), h("span", { class: "xk-num" })];
  const verdict = h("div", { class: "xk-soft xk-verdict" });
  return {
    element: h(
      "div",
      { class: "xk-check" },
      h("div", { class: "xk-strong" }, title),
      math(formula),
      track,
      h("div", {}, a, " ", h("span", { class: "xk-soft" }, names[0])),
      h("div", {}, b, " ", h("span", { class: "xk-soft" }, names[1])),
      verdict,
    ),
    show(left, right, holds, words) {
      const share = right === 0 ? (left === 0 ? 1 : Math.min(1, 0.1 / Math.abs(left))) : left / right;
      const percent = 100 * Math.min(1.25, Math.max(0, share || 0));
      fill.style.width = `${percent / 1.25}%`;
      fill.className = holds ? "xk-good" : "";
      track.setAttribute("aria-valuenow", String(Math.min(100, Math.round(percent))));
      track.setAttribute("aria-valuetext", `${number(left)} of ${number(right)}`);
      a.textContent = number(left, 4);
      b.textContent = number(right, 4);
      verdict.textContent = words;
    },
  };
}

/** A finished check in words. */
export function verdict(check: Check): string {
  if (check.bounded) return check.holds ? "holds: small enough" : "does not hold: too large";
  if (check.left === null || check.right === null) return "does not hold: it is not a number";
  const gap = check.left - check.right;
  const share = check.right === 0 ? "" : ` (${number((100 * Math.abs(gap)) / Math.abs(check.right), 2)} %)`;
  return `${check.holds ? "holds" : "does not hold"}: they differ by ${signed(gap, 2)}${share}`;
}
