// Values as bars, left of zero against, right of it for.

import { h, s } from "./dom";
import { clipped, short } from "./names";
import { signed } from "./numbers";

/** The largest values of a row of features as bars, left of zero against, right of it for; named ones all, in their order. */
export function bars(values: Float32Array, names?: string[], labels?: string[], span = 600): HTMLElement {
  const order = Array.from(values.keys());
  if (names) order.reverse();
  else order.sort((a, b) => Math.abs(values[b]) - Math.abs(values[a]));
  const kept = order.slice(0, names ? 400 : 20);
  const limit = Math.max(...kept.map((i) => Math.abs(values[i]))) || 1;
  const rows = kept.map((i, row) => {
    const width = (0.25 * span * Math.abs(values[i])) / limit;
    const y = 22 * row;
    return s(
      "g",
      {},
      s("text", { x: 0, y: y + 15 }, names ? short(names[i]) : clipped(labels?.[i] ?? `input ${i}`)),
      s("rect", {
        x: values[i] < 0 ? span / 2 - width : span / 2,
        y: y + 3,
        width,
        height: 15,
        rx: 3,
        style: `fill:var(--${values[i] < 0 ? "warm" : "accent"})`,
      }),
      s("text", { x: span, y: y + 15, "text-anchor": "end" }, signed(values[i])),
    );
  });
  const height = 22 * kept.length;
  const axis = s("line", { x1: span / 2, x2: span / 2, y1: 0, y2: height, class: "xk-zero" });
  const more =
    order.length > kept.length
      ? h("div", { class: "xk-soft" }, `and ${order.length - kept.length} more, all of them smaller`)
      : null;
  return h(
    "div",
    {},
    s(
      "svg",
      {
        viewBox: `0 0 ${span} ${height}`,
        class: "xk-bars",
        style: `max-width:${span}px`,
        role: "img",
        "aria-label": "values by input",
      },
      ...rows,
      axis,
    ),
    more,
  );
}
