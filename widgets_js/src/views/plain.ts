// The views that need no pointer: one number, bars, a table, text, the pieces of a text.

import { bars } from "../bars";
import { h, scrolled, tableRow } from "../dom";
import { limitOf } from "../limits";
import { number, signed } from "../numbers";
import { tokenRow } from "../tokens";
import { floats, type Wire } from "../wire";
import type { Step, View } from "./step";

export const scalarView = (step: Step): View => ({
  nodes: [h("div", { class: "xk-big" }, number(step.value as number, 4))],
});

export const barsView = (step: Step): View => ({
  nodes: [bars(floats(step.bars as Wire), step.names, step.labels)],
});

export const textView = (step: Step): View => ({ nodes: [h("pre", {}, step.text ?? "")] });

export function tableView(step: Step): View {
  const region = scrolled(step.name);
  const rows = (step.rows ?? []) as string[][];
  region.append(h("table", {}, tableRow("th", step.columns ?? []), ...rows.map((row) => tableRow("td", row))));
  return { nodes: [region] };
}

export function tokensView(step: Step): View {
  const values = step.bars ? floats(step.bars) : null;
  const tokens = step.tokens ?? [];
  const read = h("div", { class: "xk-value" }, "point at a word");
  const row = tokenRow(tokens, (k) => {
    const value = values ? `  ${signed(values[k])}` : "";
    read.textContent = `${k + 1} of ${tokens.length}: ${tokens[k].trim()}${value}`;
  });
  return { nodes: [row.element, read], paint: (scheme) => row.show(values, limitOf(values ?? []), scheme) };
}
