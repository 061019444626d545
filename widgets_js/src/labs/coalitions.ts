// The coalitions lab: features come and go, orders are walked, and what each adds on average is its Shapley value.

import { chart } from "../chart";
import { choice, slider } from "../controls";
import { card, h, low, row, scrolled, soft, strong } from "../dom";
import { formulaBox } from "../mathematics";
import { meter } from "../meter";
import type { Traits } from "../model";
import { number, signed } from "../numbers";
import { headline, type Stage, stage } from "../stage";
import { widget } from "../widget";
import { type Game, type Moment, moment, open, prefix, type State } from "./coalitions/game";
import { drawLattice, latticeOf } from "./coalitions/lattice";
import { drawMeans, setTable } from "./coalitions/sums";

const IN_LATTICE = 5; // players whose coalitions can all be drawn
const A_DECADE = 20; // steps of the slider from one order to ten

/** A button for each player: who is in? */
function whoIsIn(view: Stage, { names, brief, n }: Game) {
  const toggle = (i: number): void =>
    view.put({ coalition: view.traits.get<number>("coalition") ^ (1 << i), player: i });
  const buttons = names.map((name, i) => {
    const short = n > 3 && n <= IN_LATTICE ? h("b", {}, `${brief[i]} `) : null;
    const properties = { type: "button", class: "xk-token", "aria-pressed": "false", onclick: () => toggle(i) };
    return h("button", properties, short, name);
  });
  return {
    element: h("div", { class: "xk-tokens", role: "group", "aria-label": "who is in" }, ...buttons),
    show(set: number): void {
      for (const [i, button] of buttons.entries()) {
        const there = Boolean(set & (1 << i));
        button.setAttribute("aria-pressed", String(there));
        button.classList.toggle("xk-main", there);
      }
    },
  };
}

/** The order that is walked: one of all, or another drawn one where there are too many. */
function orderPicker(view: Stage, { ways, sample, inWords }: Game) {
  const texts = ways.map(inWords);
  const go = (order: number[]): void => view.put({ order, frame: 0, coalition: 0 });
  const one = choice("Order", texts, (way) => go(ways[texts.indexOf(way)]));
  let tries = 0;
  const another = (): void => go(sample[++tries % sample.length]);
  const path = strong();
  const shuffle = h("button", { type: "button", onclick: another }, "Another order");
  const drawn = [h("span", { class: "xk-soft" }, "Order"), path, shuffle];
  return {
    element: row(...(ways.length > 1 ? [one.element] : drawn)),
    show(order: number[]): void {
      path.textContent = inWords(order);
      one.show(inWords(order));
    },
  };
}

function furnish(view: Stage, game: Game) {
  const { put, traits } = view;
  const walk = (k: number): void => {
    const order = traits.get<number[]>("order");
    put({ frame: k, coalition: prefix(order, k), ...(k ? { player: order[k - 1] } : {}) });
  };
  const average = (drawn: number): void => put({ drawn: Math.max(1, Math.round(drawn)) });
  return {
    players: whoIsIn(view, game),
    big: h("div", { class: "xk-big" }),
    members: soft(),
    lattice: latticeOf(),
    order: orderPicker(view, game),
    track: slider("who has come", walk),
    sum: meter("Do the steps of this order add up?", ["added so far", "v(N) − v(∅)"]),
    heading: strong(),
    table: scrolled("what the chosen player adds to each set"),
    many: slider("orders averaged", (k) => average(10 ** (k / A_DECADE))),
    curve: chart("the mean over the orders, player by player", average),
    shares: h("div", {}),
  };
}

type Parts = ReturnType<typeof furnish>;

function arranged(state: State, { n }: Game, parts: Parts): HTMLElement[] {
  const worth = state.target ? `${state.unit} of ${state.target}` : "what this set is worth";
  const who = card(strong("Who is in?"), parts.players.element, parts.members, parts.big, soft(worth));
  const walk = h("div", { class: "xk-card xk-gap" }, parts.order.element, parts.track.element, parts.sum.element);
  const mean = card(strong("The mean over orders"), parts.many.element, parts.curve.element, parts.shares);
  return [
    ...headline(state),
    formulaBox(state.formula),
    low(n <= IN_LATTICE ? [who, card(parts.lattice)] : [who], "xk-game"),
    walk,
    low([card(parts.heading, parts.table), mean], "xk-half"),
  ];
}

export function coalitionsLab(traits: Traits, el: HTMLElement): () => void {
  const view = stage(traits, el, paint);
  const state = traits.get<State>("state");
  const game = open(state);
  const parts = furnish(view, game);
  view.root.append(...arranged(state, game, parts));

  function paint(): void {
    const now = moment(traits, game);
    const { called, names, v } = game;
    parts.players.show(now.set);
    parts.big.textContent = number(v[now.set], 4);
    parts.members.textContent = `v(${called(now.set)}) =`;
    if (game.n <= IN_LATTICE) drawLattice(parts.lattice, game, now, (coalition) => view.put({ coalition }));
    showWalk(parts, game, now);
    parts.heading.textContent = `What i = ${names[now.chosen]} adds to each set S`;
    parts.table.replaceChildren(setTable(game, now));
    parts.many.show(Math.round(A_DECADE * Math.log10(now.drawn)), 60, `${now.drawn} order${now.drawn > 1 ? "s" : ""}`);
    drawMeans(parts.curve, parts.shares, game, now.drawn);
    view.say(`${called(now.set)} is worth ${number(v[now.set], 4)}`);
  }

  return view.begin(["coalition", "order", "frame", "player", "drawn"], [parts.track, parts.many]);
}

/** How far the order was walked, what the last player added, and whether the steps add up. */
function showWalk({ order, track, sum }: Parts, { n, v, all, names }: Game, now: Moment): void {
  const { k } = now;
  const [before, here] = [prefix(now.order, k - 1), prefix(now.order, k)];
  order.show(now.order);
  track.show(k, n, k ? `${names[now.order[k - 1]]} ${signed(v[here] - v[before])}` : "nobody yet");
  sum.show(v[here] - v[0], v[all] - v[0], k === n, k === n ? "they do, in every order" : `${n - k} still to come`);
}

export default /* @__PURE__ */ widget(coalitionsLab);
