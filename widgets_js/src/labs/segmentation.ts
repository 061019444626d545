// The segmentation lab: pick a pixel, an object or a class, and the explanation follows.

import { channels, paintMap, paintPixels, tokens, WHEEL } from "../colour";
import { flag, type Toggle, toggle } from "../controls";
import { card, h, row, strong } from "../dom";
import { legend } from "../legend";
import { limitOf } from "../limits";
import { formulaBox } from "../mathematics";
import type { Traits } from "../model";
import { number } from "../numbers";
import { rim } from "../outline";
import { linked, panelRow, pointAll } from "../panel";
import { Picture } from "../picture";
import { signedAt } from "../pointer";
import { resize } from "../resize";
import { Runs } from "../runs";
import { type Headed, headline, renewed, type Stage, stage } from "../stage";
import { widget } from "../widget";
import { floats, Labels, pixelAt, type Wire } from "../wire";
import { busySign } from "../wishes";

interface Run {
  region: string;
  row: number;
  column: number;
  target: string;
  score: number;
  mask: Wire | null; // null: the pixel alone
  cam: Wire;
  shape: [number, number];
  inside: number;
}

interface State extends Headed {
  formula: string;
  input: Wire;
  classes: Wire; // the predicted class of each pixel
  names: string[];
  runs: Run[];
}

const REGIONS = ["pixel", "object", "class"];

/** What was sent, unpacked once. */
interface Data {
  state: State;
  picture: Picture;
  classes: Uint16Array;
  size: { height: number; width: number };
}

/** The run that explains a place: its own answer from the kernel; without one, the nearest computed beforehand. */
function answerAt(runs: Run[], region: string, row: number, column: number, width: number, live: boolean) {
  const fits = runs.filter((r) => {
    if (r.region !== region) return false;
    if (!r.mask) return !live || (r.row === row && r.column === column);
    return new Labels(r.mask).values(0)[row * width + column] === 1;
  });
  const far = (r: Run): number => (r.row - row) ** 2 + (r.column - column) ** 2;
  return fits.sort((a, b) => far(a) - far(b))[0];
}

/** A key of the classes and their colours. */
const classKey = (names: string[]): HTMLElement =>
  h(
    "div",
    { class: "xk-key" },
    ...names.map((name, c) =>
      h("span", {}, h("i", { class: "xk-dot", style: `color:${tokens.categories[c % WHEEL.length]}` }), name),
    ),
  );

function furnish(view: Stage, pick: (place: number[]) => void) {
  const panels = linked(
    {
      seen: ["What is explained", "the picture; a click or Enter picks a place"],
      classes: ["What the model sees", "the predicted class of each pixel"],
      over: ["Why", "the map of the region, over the picture"],
    },
    view.point,
  );
  const pickHere = (): void => {
    const place = view.traits.get<number[]>("pixel");
    if (place.length) pick(place);
  };
  for (const p of Object.values(panels)) {
    p.canvas.addEventListener("click", pickHere);
    p.canvas.addEventListener("keydown", (event) => event.key === "Enter" && pickHere());
  }
  return {
    panels,
    edges: flag(view, "Enlarged", ["smoothly", "cell by cell"], "smooth"),
    busy: busySign("computing"),
    colours: legend(["against", "for"]),
    words: h("p", {}),
  };
}

type Parts = ReturnType<typeof furnish>;

const arranged = (state: State, parts: Parts, regions: Toggle<string>): HTMLElement[] => [
  ...headline(state),
  formulaBox(state.formula),
  panelRow(parts.panels),
  classKey(state.names),
  row(regions.element, parts.edges.element),
  row(parts.busy, parts.colours.element),
  card(strong("The region and its map"), parts.words),
];

export const segmentationLab = renewed((traits: Traits, el: HTMLElement) => {
  const view = stage(traits, el, paint);
  const state = traits.get<State>("state");
  const labels = new Labels(state.classes);
  const data: Data = { state, picture: new Picture(state.input), classes: labels.values(0), size: labels };
  const { height, width } = labels;
  const runs = new Runs(
    traits,
    () => state.runs,
    (run) => run,
  );
  const parts = furnish(view, pick);
  const first = runs.chosen().region;
  const regions = toggle("A click picks", REGIONS, REGIONS.includes(first) ? first : "class", () => {
    const { row, column } = runs.chosen();
    pick([(row + 0.5) / height, (column + 0.5) / width]);
  });
  view.root.append(...arranged(state, parts, regions));

  function pick(place: number[]): void {
    const [row, column] = [Math.floor(place[0] * height), Math.floor(place[1] * width)];
    const live = traits.get<boolean>("live");
    const found = answerAt(state.runs, regions.value, row, column, width, live);
    if (found) traits.put({ run: state.runs.indexOf(found) });
    else if (live) {
      parts.busy.hidden = false;
      traits.put({ request: { region: regions.value, row, column, number: Date.now() } });
    }
    paint();
  }

  function paint(): void {
    const run = runs.chosen();
    const i = run.row * width + run.column;
    const mask = run.mask ? new Labels(run.mask).values(0) : data.classes.map((_, j) => Number(j === i));
    paintPanels(view, parts, data, run, mask);
    regions.show();
    parts.edges.show();
    const share = number((100 * mask.reduce((n, v) => n + v, 0)) / mask.length, 2);
    const inside = number(100 * run.inside, 2);
    parts.words.textContent = `Explained: ${run.target}; the sum of its scores is ${number(run.score, 4)}. The region has ${share} % of the pixels and ${inside} % of the map: the rest of the evidence lies outside it.`;
    view.say(`${run.target}: ${inside} percent of the map lies inside`);
  }

  return view.begin(["pixel", "run", "smooth"]);
});

/** The picture, the classes and the map, each with the rim of the region on it. */
function paintPanels(view: Stage, parts: Parts, data: Data, run: Run, mask: Uint16Array): void {
  const { panels, colours } = parts;
  const { picture, classes, size, state } = data;
  const scheme = view.scheme();
  const L = floats(run.cam);
  const [height, width] = run.shape;
  const large = resize(L, width, height, size.width, size.height, view.traits.get<boolean>("smooth"));
  const edge = rim(mask, size.width, (label) => label === 1);
  const accent = channels(tokens[scheme].warm);
  const outline = (i: number): number[] | null => (edge[i] ? accent : null);
  const scale = { limit: limitOf(L), signed: true, scheme };
  picture.paint(panels.seen.canvas);
  if (picture.height === size.height) paintPixels(panels.seen.canvas, size.width, size.height, outline);
  const coloured = (i: number): number[] => outline(i) ?? WHEEL[classes[i] % WHEEL.length];
  paintPixels(panels.classes.canvas, size.width, size.height, coloured);
  paintMap(panels.over.canvas, large, size.width, scale, picture.grey(size, scheme));
  paintPixels(panels.over.canvas, size.width, size.height, outline);
  colours.show(scale);

  const place = view.traits.get<number[]>("pixel");
  const i = place.length ? pixelAt(place, size.height, size.width) : -1;
  const where = `row ${Math.floor(i / size.width)}, column ${i % size.width}`;
  panels.seen.label(run.region, i < 0 ? "click to explain a place" : where);
  panels.classes.label(`${state.names.length} classes`, i < 0 ? "" : state.names[classes[i]]);
  panels.over.label(`${height}×${width} cells`, signedAt(place, large, size));
  pointAll(panels, place);
}

export default /* @__PURE__ */ widget(segmentationLab);
