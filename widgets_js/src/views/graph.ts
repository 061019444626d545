// A graph: nodes as boxes with their values, edges as thick as their weights and coloured by their signs.

import { colourOf, inkOn, type Scale } from "../colour";
import { h, s } from "../dom";
import { breadth, fitted } from "../names";
import { number, signed } from "../numbers";
import { edgePath, nextNode, type Space, spaceOf } from "./layout";
import type { GraphStep, Say, View } from "./step";
import { walks, widthOf } from "./walk";

const FONT = 11.5;
const WIDEST = 5; // pixels of the strongest edge
const SPOKEN = 6; // edges of a node that are written out

type Edge = GraphStep["edges"][number];

/** The strongest edges of one end, in words. */
function edgeWords(word: string, ends: [node: number, weight: number][], step: GraphStep): string {
  if (!ends.length) return "";
  const strongest = [...ends].sort((a, b) => Math.abs(b[1]) - Math.abs(a[1]));
  const some = strongest.slice(0, SPOKEN).map(([k, weight]) => `${step.nodes[k].name} ${signed(weight)}`);
  const more = strongest.length > SPOKEN ? ` and ${strongest.length - SPOKEN} more` : "";
  return ` ${word} ${some.join(", ")}${more}.`;
}

/** A node with its value and its edges. */
export function nodeWords(step: GraphStep, k: number): string {
  const { name, value } = step.nodes[k];
  const to = step.edges.filter((e) => e[0] === k).map((e): [number, number] => [e[1], e[2]]);
  const from = step.edges.filter((e) => e[1] === k).map((e): [number, number] => [e[0], e[2]]);
  const is = value === undefined ? "" : `: ${written(step, value)}`;
  const none = to.length + from.length ? "" : " No edges.";
  return `${name}${is}.${edgeWords("To", to, step)}${edgeWords("From", from, step)}${none}`;
}

const written = (step: GraphStep, value: number, digits = 3): string =>
  step.signed ? signed(value, digits) : number(value, digits);

/** A value in as many digits as its box has room for; none rather than half a number. */
function valueIn(step: GraphStep, value: number, room: number): string {
  const texts = [3, 2, 1].map((digits) => written(step, value, digits));
  return texts.find((text) => breadth(text, FONT) <= room) ?? "";
}

const sign = (weight: number): string => (weight < 0 ? "var(--warm)" : "var(--accent)");

function drawEdge(space: Space, [from, to, weight]: Edge, strongest: number): SVGElement {
  const width = 0.7 + (WIDEST - 0.7) * (Math.abs(weight) / strongest);
  const style = `stroke:${sign(weight)};stroke-width:${width.toFixed(2)}`;
  return s("path", { d: edgePath(space, from, to), class: "xk-link", style });
}

function drawNode(step: GraphStep, space: Space, k: number, scale: Scale): SVGElement {
  const { name, value } = step.nodes[k];
  const { x, y } = space.at[k];
  const { wide, high } = space;
  const fill = value === undefined ? null : colourOf(value, scale);
  const ink = fill ? `fill:${inkOn(fill)}` : null;
  const text = (dy: number, content: string, kind = ""): SVGElement =>
    s("text", { x, y: y + dy, "text-anchor": "middle", class: kind, style: ink }, content);
  const label = fitted(name, wide - 6, FONT);
  const below = value === undefined ? "" : valueIn(step, value, wide - 4);
  const lines = below ? [text(-3, label), text(12, below, "xk-strong")] : [text(4, label)];
  const box = { x: x - wide / 2, y: y - high / 2, width: wide, height: high, rx: 8 };
  return s(
    "g",
    { class: "xk-vertex" },
    s("title", {}, nodeWords(step, k)),
    s("rect", { ...box, style: fill ? `fill:rgb(${fill.join(",")})` : null }),
    ...lines,
  );
}

/** What the colours and the widths of the edges mean. */
function edgeKey({ edges }: GraphStep, strongest: number): HTMLElement | null {
  if (!edges.length) return null;
  const line = (colour: string, words: string): HTMLElement =>
    h("span", {}, h("i", { class: "xk-line", style: `color:${colour}` }), words);
  const negative = edges.some((e) => e[2] < 0) ? [line("var(--warm)", "negative weight")] : [];
  const positive = edges.some((e) => e[2] >= 0) ? [line("var(--accent)", "positive weight")] : [];
  const thick = h("span", {}, `the thickest: ${number(strongest)}`);
  return h("div", { class: "xk-key xk-close" }, ...positive, ...negative, thick);
}

export function graphView(step: GraphStep, say: Say): View {
  const { nodes, edges } = step;
  const strongest = Math.max(...edges.map((e) => Math.abs(e[2]))) || 1;
  const words = `${step.name.replaceAll("_", " ")}: a graph of ${nodes.length} nodes and ${edges.length} edges`;
  const label = `${words}. Arrow keys go from node to node.`;
  const svg = s("svg", { class: "xk-chart xk-graph", role: "img", tabindex: "0", "aria-label": label });
  const read = h("div", { class: "xk-value xk-wrap" }, "point at a node");
  const key = edgeKey(step, strongest);
  const longest = Math.max(...nodes.map((node) => breadth(node.name, FONT)));
  const valued = nodes.some((node) => node.value !== undefined);
  const lay = (width: number): Space => spaceOf(nodes, width, longest + 20, valued ? 40 : 28);
  let space = lay(600);
  let links: SVGElement[] = [];
  let boxes: SVGElement[] = [];

  const choose = (k: number): void => {
    svg.classList.toggle("xk-some", k >= 0);
    for (const [i, link] of links.entries()) link.classList.toggle("xk-on", edges[i][0] === k || edges[i][1] === k);
    for (const [i, box] of boxes.entries()) box.classList.toggle("xk-on", i === k);
    read.textContent = k < 0 ? "point at a node" : nodeWords(step, k);
    if (k >= 0) say(nodeWords(step, k));
  };
  const walk = walks(svg, () => space.width, {
    at: (x, y) => space.at.findIndex((p) => Math.abs(p.x - x) <= space.wide / 2 && Math.abs(p.y - y) <= space.high / 2),
    next: (k, down, across) => nextNode(space, k, down, across),
    first: () => space.order[0] ?? -1,
    last: () => space.order[nodes.length - 1] ?? -1,
    choose,
  });
  const scale: View["scale"] = (scheme) => ({ limit: step.limit || 1, signed: step.signed, scheme });

  return {
    nodes: [...(key ? [key] : []), svg, read],
    scale: valued ? scale : undefined,
    paint(scheme) {
      space = lay(widthOf(svg));
      links = edges.map((edge) => drawEdge(space, edge, strongest));
      boxes = nodes.map((_, k) => drawNode(step, space, k, scale(scheme)));
      svg.setAttribute("viewBox", `0 0 ${space.width} ${space.height}`);
      svg.replaceChildren(...links, ...boxes);
      choose(walk.chosen());
    },
  };
}
