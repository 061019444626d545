// The segmentation lab: pick a pixel, an object or a class, and the explanation follows.

import { channels, greyOf, paintMap, paintPicture, paintPixels, tokens } from "../colour";
import { choice, formulaBox, h, number, signed } from "../dom";
import type { Traits } from "../model";
import { legend, panel } from "../panel";
import { limitOf, resize } from "../resize";
import { headline, renewed, stage } from "../stage";
import { widget } from "../widget";
import { Frames, floats, Labels, pixelAt, type Wire } from "../wire";
import { rim } from "./regions";

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

interface State {
  title: string;
  question: string;
  formula: string;
  input: Wire;
  classes: Wire; // the predicted class of each pixel
  names: string[];
  runs: Run[];
}

const REGIONS = ["pixel", "object", "class"];

export const segmentationLab = renewed((traits: Traits, el: HTMLElement) => {
  const view = stage(traits, el, paint);
  const state = traits.get<State>("state");
  const input = new Frames(state.input);
  const labels = new Labels(state.classes);
  const [picture, classes] = [input.values(0), labels.values(0)];
  const size = [labels.height, labels.width];
  const current = (): Run => state.runs[Math.min(traits.get<number>("run"), state.runs.length - 1)];
  let region = REGIONS.includes(current().region) ? current().region : "class";
  const busy = h("span", { class: "xk-busy", hidden: "" }, "computing");

  /** The pixel's own answer from the kernel; without one, the nearest that was computed beforehand. */
  const pick = (place: number[]): void => {
    const [row, column] = [Math.floor(place[0] * size[0]), Math.floor(place[1] * size[1])];
    const i = row * size[1] + column;
    const fits = state.runs.filter((r) => {
      if (r.region !== region) return false;
      if (!r.mask) return !traits.get<boolean>("live") || (r.row === row && r.column === column);
      return new Labels(r.mask).values(0)[i] === 1;
    });
    const far = (r: Run): number => (r.row - row) ** 2 + (r.column - column) ** 2;
    const nearest = fits.sort((a, b) => far(a) - far(b))[0];
    if (nearest) traits.put({ run: state.runs.indexOf(nearest) });
    else if (traits.get<boolean>("live")) {
      busy.hidden = false;
      traits.put({ request: { region, row, column, number: Date.now() } });
    }
    paint();
  };
  const { point, put } = view;
  const panels = {
    seen: panel("What is explained", "the picture; a click or Enter picks a place", point),
    classes: panel("What the model sees", "the predicted class of each pixel", point),
    over: panel("Why", "the map of the region, over the picture", point),
  };
  for (const p of Object.values(panels)) {
    p.canvas.addEventListener("click", () => pick(traits.get<number[]>("pixel")));
    p.canvas.addEventListener(
      "keydown",
      (event) => event.key === "Enter" && traits.get<number[]>("pixel").length && pick(traits.get<number[]>("pixel")),
    );
  }
  const regions = choice("A click picks", REGIONS, (v) => {
    region = v;
    const { row, column } = current();
    pick([(row + 0.5) / size[0], (column + 0.5) / size[1]]);
  });
  const edges = choice("Enlarged", ["smoothly", "cell by cell"], (v) => {
    put({ smooth: v === "smoothly" });
  });
  const colours = legend(["against", "for"]);
  const words = h("p", {});
  const wheel = tokens.categories.slice(0, 7).map(channels);
  const key = h(
    "div",
    { class: "xk-key" },
    ...state.names.map((name, c) =>
      h("span", {}, h("i", { class: "xk-dot", style: `color:${tokens.categories[c % 7]}` }), name),
    ),
  );

  view.root.append(
    ...headline(state),
    formulaBox(state.formula),
    h("div", { class: "xk-panels xk-three" }, ...Object.values(panels).map((p) => p.element)),
    key,
    h("div", { class: "xk-row" }, regions.element, edges.element),
    h("div", { class: "xk-row" }, busy, colours.element),
    h("div", { class: "xk-card" }, h("div", { class: "xk-strong" }, "The region and its map"), words),
  );

  function paint(): void {
    const run = current();
    const scheme = view.scheme();
    const [height, width] = run.shape;
    const L = floats(run.cam);
    const large = resize(L, width, height, size[1], size[0], traits.get<boolean>("smooth"));
    const mask = run.mask
      ? new Labels(run.mask).values(0)
      : Uint16Array.from(classes, (_, i) => Number(i === run.row * size[1] + run.column));
    const outline = rim(mask, size[1], (label) => label === 1);
    const accent = channels(tokens[scheme].warm);
    const scale = { limit: limitOf(L), signed: true, scheme };
    paintPicture(panels.seen.canvas, picture, input.width, input.channels);
    const onto = (i: number): number[] | null => (outline[i] ? accent : null);
    if (input.height === size[0]) paintPixels(panels.seen.canvas, size[1], size[0], onto);
    paintPixels(panels.classes.canvas, size[1], size[0], (i) => onto(i) ?? wheel[classes[i] % 7]);
    paintMap(
      panels.over.canvas,
      large,
      size[1],
      scale,
      greyOf(picture, input.channels, [input.height, input.width], size, scheme),
    );
    paintPixels(panels.over.canvas, size[1], size[0], onto);

    const place = traits.get<number[]>("pixel");
    const i = place.length ? pixelAt(place, size[0], size[1]) : -1;
    panels.seen.label(
      run.region,
      i < 0 ? "click to explain a place" : `row ${Math.floor(i / size[1])}, column ${i % size[1]}`,
    );
    panels.classes.label(`${state.names.length} classes`, i < 0 ? "" : state.names[classes[i]]);
    panels.over.label(`${height}×${width} cells`, i < 0 ? "" : signed(large[i]));
    for (const p of Object.values(panels)) p.point(place);
    regions.show(region, () => true);
    edges.show(traits.get<boolean>("smooth") ? "smoothly" : "cell by cell", () => true);
    colours.show(scale);
    const pixels = mask.reduce((n, v) => n + v, 0);
    words.textContent = `Explained: ${run.target}; the sum of its scores is ${number(run.score, 4)}. The region has ${number((100 * pixels) / mask.length, 2)} % of the pixels and ${number(100 * run.inside, 2)} % of the map: the rest of the evidence lies outside it.`;
    view.say(`${run.target}: ${number(100 * run.inside, 2)} percent of the map lies inside`);
  }

  for (const name of ["pixel", "run", "smooth"]) traits.on(name, view.repaint);
  paint();
  return view.end;
});

export default /* @__PURE__ */ widget(segmentationLab);
