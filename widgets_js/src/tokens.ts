// The pieces of a text as they stand in it: each in the colour of its value, each a button where it can be switched.

import { colourOf, inkOn, type Scheme } from "./colour";
import { h } from "./dom";
import { signed } from "./numbers";

export interface TokenRow {
  element: HTMLElement;
  /** Colour the pieces; `on` says which of them are there. */
  show(values: ArrayLike<number> | null, limit: number, scheme: Scheme, on?: ArrayLike<number>): void;
}

/** `switched` is called with the number of a piece that was pressed; without it the pieces are only to be read. */
export function tokenRow(tokens: string[], point: (k: number) => void, switched?: (k: number) => void): TokenRow {
  const spans = tokens.map((token, k) => {
    const word = token.trim() || "·";
    const events = { onpointerenter: () => point(k), onfocus: () => point(k), dir: "auto", class: "xk-token" };
    if (!switched) return h("span", { ...events, tabindex: "0", role: "listitem" }, word);
    return h("button", { ...events, type: "button", "aria-pressed": "true", onclick: () => switched(k) }, word);
  });
  const element = h(
    "div",
    { class: "xk-tokens", dir: "auto", role: switched ? "group" : "list", "aria-label": "the text, piece by piece" },
    ...spans.flatMap((span, k) => [span, /\n/.test(tokens[k]) ? h("br") : " "]),
  );
  return {
    element,
    show(values, limit, scheme, on) {
      spans.forEach((span, k) => {
        const there = !on || on[k] > 0;
        span.classList.toggle("xk-off", !there);
        if (switched) span.setAttribute("aria-pressed", String(there));
        const fill = values && there ? colourOf(values[k], { limit, signed: true, scheme }) : null;
        span.style.background = fill ? `rgb(${fill.join(",")})` : "";
        span.style.color = fill ? inkOn(fill) : "";
        span.title = values ? signed(values[k]) : "";
      });
    },
  };
}
