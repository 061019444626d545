// The coalitions lab: features come and go, orders are walked, and what each adds on average is its Shapley value.

import { chart } from "../chart";
import { choice, formulaBox, h, number, s, signed, slider } from "../dom";
import { meter } from "../meter";
import type { Traits } from "../model";
import { bars } from "../player";
import { random } from "../random";
import { headline, stage } from "../stage";
import { widget } from "../widget";
import { floats, type Wire } from "../wire";

interface State {
  title: string;
  question: string;
  formula: string;
  target: string;
  unit: string;
  names: string[];
  values: Wire; // of the coalitions, by number: bit i for player i
  exact: Wire;
}

const IN_LATTICE = 5; // players whose coalitions can all be drawn
const MOST_DRAWN = 1000;
const COLOURS = ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00"];

const bits = (set: number): number => (set ? (set & 1) + bits(set >>> 1) : 0);

/** The initials of each name, told apart by numbers where they are alike: `sepal width` is `sw`. */
export function initials(names: string[]): string[] {
  const short = names.map((name) =>
    (name.match(/[\p{L}\p{N}]+/gu) ?? [name])
      .slice(0, 2)
      .map((word) => Array.from(word)[0])
      .join(""),
  );
  return short.map((one, k) => (short.filter((other) => other === one).length > 1 ? `${one}${k + 1}` : one));
}

/** The weight of a set of `size` before a player, among `n`: the share of orders in which it stands there. */
export function weight(n: number, size: number): number {
  let ways = n;
  for (let k = 1; k <= size; k++) ways *= (n - k) / k;
  return 1 / ways;
}

/** Every order of n players, or if there are too many `most` drawn ones; each second backwards. */
export function orders(n: number, most: number): number[][] {
  const drawn: number[][] = [];
  const next = random(7);
  while (drawn.length < most) {
    const order = Array.from({ length: n }, (_, k) => k);
    for (let k = n - 1; k > 0; k--) {
      const j = Math.floor(next() * (k + 1));
      [order[k], order[j]] = [order[j], order[k]];
    }
    drawn.push(order, [...order].reverse());
  }
  return drawn.slice(0, most);
}

function permutations(items: number[]): number[][] {
  return items.length < 2
    ? [items]
    : items.flatMap((one, k) =>
        permutations([...items.slice(0, k), ...items.slice(k + 1)]).map((rest) => [one, ...rest]),
      );
}

export function coalitionsLab(traits: Traits, el: HTMLElement): () => void {
  const view = stage(traits, el, paint);
  const { put } = view;
  const state = traits.get<State>("state");
  const [v, exact] = [floats(state.values), floats(state.exact)];
  const { names } = state;
  const n = names.length;
  const all = 2 ** n - 1;
  const order = (): number[] => traits.get<number[]>("order");
  const prefix = (k: number): number =>
    order()
      .slice(0, k)
      .reduce((set, i) => set | (1 << i), 0);
  const brief = n > 3 ? initials(names) : names; // what stands in a node of the lattice
  const called = (set: number): string => (set ? `{${names.filter((_, i) => set & (1 << i)).join(", ")}}` : "∅");
  const sample = orders(n, MOST_DRAWN);
  const added = (one: number[]): number[] => {
    const out = new Array<number>(n);
    let set = 0;
    for (const i of one) {
      out[i] = v[set | (1 << i)] - v[set];
      set |= 1 << i;
    }
    return out;
  };
  const running: number[][] = [];
  for (const one of sample) {
    const last = running[running.length - 1];
    const now = added(one);
    running.push(last ? last.map((x, i) => x + (now[i] - x) / (running.length + 1)) : now);
  }

  const walk = (k: number): void => put({ frame: k, coalition: prefix(k), ...(k ? { player: order()[k - 1] } : {}) });
  const toggle = (i: number): void => put({ coalition: traits.get<number>("coalition") ^ (1 << i), player: i });
  const switches = names.map((name, i) =>
    h(
      "button",
      { type: "button", class: "xk-token", "aria-pressed": "false", onclick: () => toggle(i) },
      n > 3 && n <= IN_LATTICE ? h("b", {}, `${brief[i]} `) : null,
      name,
    ),
  );
  const [big, members] = [h("div", { class: "xk-big" }), h("div", { class: "xk-soft" })];
  const track = slider("who has come", walk);
  const known = n <= 3 ? permutations(Array.from(names.keys())) : [];
  const text = (one: number[]): string => one.map((i) => names[i]).join(" → ");
  const ways = choice("Order", known.map(text), (way) =>
    put({ order: known[known.map(text).indexOf(way)], frame: 0, coalition: 0 }),
  );
  let tries = 0;
  const shuffle = h(
    "button",
    { type: "button", onclick: () => put({ order: sample[++tries % sample.length], frame: 0, coalition: 0 }) },
    "Another order",
  );
  const path = h("div", { class: "xk-strong" });
  const lattice = s("svg", {
    class: "xk-lattice",
    role: "img",
    "aria-label": "all sets, from nobody at the bottom to everybody at the top",
  });
  const sum = meter("Do the steps of this order add up?", ["added so far", "v(N) − v(∅)"]);
  const table = h("div", {
    class: "xk-scroll",
    tabindex: "0",
    role: "region",
    "aria-label": "what the chosen player adds to each set",
  });
  const heading = h("div", { class: "xk-strong" });
  const many = slider("orders averaged", (k) => put({ drawn: Math.max(1, Math.round(10 ** (k / 20))) }));
  const curve = chart("the mean over the orders, player by player", (x) => put({ drawn: Math.max(1, Math.round(x)) }));
  const shares = h("div", {});

  view.root.append(
    ...headline(state),
    formulaBox(state.formula),
    h(
      "div",
      { class: "xk-low xk-game" },
      h(
        "div",
        { class: "xk-card" },
        h("div", { class: "xk-strong" }, "Who is in?"),
        h("div", { class: "xk-tokens", role: "group", "aria-label": "who is in" }, ...switches),
        members,
        big,
        h("div", { class: "xk-soft" }, state.target ? `${state.unit} of ${state.target}` : "what this set is worth"),
      ),
      ...(n <= IN_LATTICE ? [h("div", { class: "xk-card" }, lattice as unknown as Node)] : []),
    ),
    h(
      "div",
      { class: "xk-card xk-gap" },
      h(
        "div",
        { class: "xk-row" },
        ...(known.length > 1 ? [ways.element] : [h("span", { class: "xk-soft" }, "Order"), path, shuffle]),
      ),
      track.element,
      sum.element,
    ),
    h(
      "div",
      { class: "xk-low xk-half" },
      h("div", { class: "xk-card" }, heading, table),
      h(
        "div",
        { class: "xk-card" },
        h("div", { class: "xk-strong" }, "The mean over orders"),
        many.element,
        curve.element,
        shares,
      ),
    ),
  );

  function paint(): void {
    const set = traits.get<number>("coalition");
    const k = Math.min(n, traits.get<number>("frame"));
    const chosen = Math.min(n - 1, traits.get<number>("player"));
    switches.forEach((b, i) => {
      b.setAttribute("aria-pressed", String(Boolean(set & (1 << i))));
      b.classList.toggle("xk-main", Boolean(set & (1 << i)));
    });
    big.textContent = number(v[set], 4);
    members.textContent = `v(${called(set)}) =`;
    if (n <= IN_LATTICE) drawLattice(set, k, chosen);
    path.textContent = text(order());
    ways.show(text(order()), () => true);
    const last = k ? order()[k - 1] : -1;
    track.show(k, n, k ? `${names[last]} ${signed(v[prefix(k)] - v[prefix(k - 1)])}` : "nobody yet");
    const [now, whole] = [v[prefix(k)] - v[0], v[all] - v[0]];
    sum.show(now, whole, k === n, k === n ? "they do, in every order" : `${n - k} still to come`);
    drawTable(chosen);
    drawMeans();
    view.say(`${called(set)} is worth ${number(v[set], 4)}`);
  }

  function drawLattice(set: number, k: number, chosen: number): void {
    const width = Math.max(300, Math.min(640, lattice.parentElement?.clientWidth || 560) - 28);
    const height = 60 + 80 * n;
    const levels: number[][] = Array.from({ length: n + 1 }, () => []);
    for (let c = 0; c <= all; c++) levels[bits(c)].push(c);
    const at = new Map<number, [number, number]>();
    levels.forEach((level, size) =>
      level.forEach((c, j) =>
        at.set(c, [((j + 0.5) / level.length) * width, height - 30 - (size * (height - 60)) / n]),
      ),
    );
    const edges: SVGElement[] = [];
    const labels: SVGElement[] = [];
    for (const [c, [x1, y1]] of at) {
      for (let i = 0; i < n; i++) {
        if (c & (1 << i)) continue;
        const above = c | (1 << i);
        const [x2, y2] = at.get(above) as [number, number];
        const walked = Array.from({ length: k }, (_, j) => j).some((j) => prefix(j) === c && prefix(j + 1) === above);
        edges.push(s("line", { x1, y1, x2, y2, class: walked ? "xk-walked" : i === chosen ? "xk-chosen" : "xk-edge" }));
        if (n > 4 && !walked) continue;
        if (walked || i === chosen || n <= 3) {
          const t = n <= 2 ? 0.5 : 0.34 + 0.14 * (i % 3);
          labels.push(
            s(
              "text",
              {
                x: x1 + t * (x2 - x1),
                y: y1 + t * (y2 - y1) + 4,
                "text-anchor": "middle",
                class: walked ? "xk-halo xk-strong" : "xk-halo",
              },
              signed(v[above] - v[c], 2),
            ),
          );
        }
      }
    }
    const wide = Math.min(150, width / Math.max(...levels.map((l) => l.length)) - 6);
    const nodes = Array.from(at, ([c, [x, y]]) => {
      const inside = brief.filter((_, i) => c & (1 << i));
      const short = c ? inside.join(n > 3 ? " " : ", ") : "∅";
      const label = short.length > wide / 6.8 ? `${short.slice(0, Math.max(1, Math.floor(wide / 6.8) - 1))}…` : short;
      return s(
        "g",
        { class: c === set ? "xk-node xk-here" : "xk-node", onclick: () => put({ coalition: c }) },
        s("title", {}, `${called(c)}: ${number(v[c], 4)}`),
        s("rect", { x: x - wide / 2, y: y - 18, width: wide, height: 36, rx: 8 }),
        s("text", { x, y: y - 3, "text-anchor": "middle" }, label),
        s("text", { x, y: y + 12, "text-anchor": "middle", class: "xk-strong" }, number(v[c], 3)),
      );
    });
    lattice.setAttribute("viewBox", `0 0 ${width} ${height}`);
    lattice.style.maxWidth = `${width}px`;
    lattice.replaceChildren(...edges, ...nodes, ...labels);
  }

  function drawTable(chosen: number): void {
    heading.textContent = `What i = ${names[chosen]} adds to each set S`;
    const sets = Array.from({ length: Math.min(v.length, 4096) }, (_, c) => c).filter((c) => !(c & (1 << chosen)));
    const rows = sets.slice(0, 256).map((c) => {
      const with_ = c | (1 << chosen);
      const here = traits.get<number>("coalition");
      const cells = [called(c), number(v[c]), number(v[with_]), signed(v[with_] - v[c]), number(weight(n, bits(c)), 2)];
      return h(
        "tr",
        { class: here === c || here === with_ ? "xk-lit" : null },
        ...cells.map((cell) => h("td", {}, cell)),
      );
    });
    const head = ["S", "v(S)", "v(S ∪ i)", "adds", "weight"].map((cell) => h("th", {}, cell));
    const foot = h(
      "tr",
      {},
      h("th", { colspan: "3" }, "weighted sum φ"),
      h("th", {}, signed(exact[chosen], 4)),
      h("th", {}, ""),
    );
    table.replaceChildren(h("table", {}, h("tr", {}, ...head), ...rows, foot));
  }

  function drawMeans(): void {
    const k = Math.min(sample.length, traits.get<number>("drawn"));
    many.show(Math.round(20 * Math.log10(k)), 60, `${k} order${k > 1 ? "s" : ""}`);
    const few = Math.min(n, COLOURS.length);
    const upto = Math.max(k, 20);
    const x = Float32Array.from({ length: upto }, (_, j) => j + 1);
    const strongest = Array.from(exact.keys())
      .sort((a, b) => Math.abs(exact[b]) - Math.abs(exact[a]))
      .slice(0, few);
    curve.show({
      lines: strongest.flatMap((i, j) => [
        {
          x: x.slice(0, k),
          y: Float32Array.from({ length: k }, (_, m) => running[m][i]),
          colour: COLOURS[j],
          name: names[i],
          dots: k < 3,
        },
        { x: [1, upto], y: [exact[i], exact[i]], colour: COLOURS[j], name: "", dashed: true },
      ]),
      xName: "orders averaged; dashed: over all of them",
      yName: "",
      xRange: [1, upto],
      at: k,
    });
    shares.replaceChildren(bars(Float32Array.from(running[k - 1]), undefined, names, 430));
  }

  for (const name of ["coalition", "order", "frame", "player", "drawn"]) traits.on(name, view.repaint);
  view.onEnd(track.stop);
  view.onEnd(many.stop);
  paint();
  return view.end;
}

export default /* @__PURE__ */ widget(coalitionsLab);
