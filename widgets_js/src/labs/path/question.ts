// Predict, then reveal: where on the path does the network make up its mind?

import { h, row } from "../../dom";
import type { Picture } from "../../picture";

/** A card with a slider; `reveal` is called with the guess. */
export function question(picture: Picture, target: string, reveal: (guess: number) => void): HTMLElement {
  const small = h("canvas", { role: "img", "aria-label": "the input" });
  picture.paint(small);
  const range = h("input", { type: "range", min: "0", max: "100", value: "50", "aria-label": "your guess for α" });
  const shown = h("output", { class: "xk-num" }, "α = 0.50");
  range.addEventListener("input", () => {
    shown.textContent = `α = ${(Number(range.value) / 100).toFixed(2)}`;
  });
  const done = (): void => {
    card.remove();
    reveal(Number(range.value) / 100);
  };
  const asked = `The picture fades in from nothing (α = 0) to itself (α = 1). Where does the network make up its mind about ${target}?`;
  const card = h(
    "div",
    { class: "xk-ask" },
    h("h3", {}, "Before you look"),
    h("p", {}, asked),
    small,
    row(range, shown, h("button", { type: "button", class: "xk-main", onclick: done }, "This is my guess")),
  );
  return card;
}
