// What the colours mean: a bar with its numbers and the words at its ends.

import { gradient, type Scale } from "./colour";
import { h } from "./dom";
import { number } from "./numbers";

/** What the colours mean: a bar with its numbers and the words at its ends. */
export function legend(words: [string, string]): {
  element: HTMLElement;
  show(scale: Scale, words?: [string, string]): void;
} {
  const bar = h("i", { class: "xk-bar" });
  const [low, middle, high] = [h("span", {}), h("span", {}), h("span", {})];
  const [against, towards] = words.map((word) => h("span", { class: "xk-soft" }, word));
  const element = h(
    "div",
    { class: "xk-legend" },
    against,
    h("div", { class: "xk-ramp" }, bar, h("div", { class: "xk-ticks" }, low, middle, high)),
    towards,
  );
  return {
    element,
    show(scale, other = words) {
      [against.textContent, towards.textContent] = scale.signed ? other : ["", "much"];
      bar.style.background = gradient(scale);
      against.hidden = !scale.signed;
      low.textContent = scale.signed ? number(-scale.limit, 2) : "0";
      middle.textContent = scale.signed ? "0" : "";
      high.textContent = scale.signed ? `+${number(scale.limit, 2)}` : number(scale.limit, 2);
    },
  };
}
