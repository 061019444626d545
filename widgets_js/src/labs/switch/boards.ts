// What is switched: the superpixels of a picture, the pieces of a text, or the conditions on a row.

import { channels, paintMap, paintPixels, tokens as palette } from "../../colour";
import { h, soft } from "../../dom";
import type { Line } from "../../fit";
import { signed } from "../../numbers";
import { rim } from "../../outline";
import { linked, panelRow, pointAll } from "../../panel";
import { Picture } from "../../picture";
import type { Stage } from "../../stage";
import { tokenRow } from "../../tokens";
import { Labels, pixelAt, type Wire } from "../../wire";
import type { Pieces } from "./pieces";
import { countOn, type State } from "./samples";

/** What a board shows: which pieces are on, the line with its limit, and one of the samples. */
export interface Shown {
  there: Uint8Array;
  line: Line;
  limit: number;
  sample: Uint8Array;
  name: string; // of the sample
}

export interface Board {
  element: HTMLElement;
  show(now: Shown): void;
}

/** The picture, its superpixels, and the picture with only some of them. */
function unpack(state: State) {
  const [picture, instead] = [new Picture(state.input as Wire), new Picture(state.instead as Wire)];
  const labels = new Labels(state.regions as Wire);
  const { height, width } = labels;
  const region = labels.values(0);
  const down = height / picture.height;
  const c = picture.channels;
  const regionOf = (i: number): number =>
    region[Math.floor(Math.floor(i / picture.width) * down) * width + Math.floor((i % picture.width) * down)];
  const masked = (there: Uint8Array): Float32Array =>
    picture.values.map((v, i) => (there[regionOf(Math.floor(i / c))] ? v : instead.values[i]));
  return { picture, region, height, width, down, masked };
}

export function pictureBoard(view: Stage, state: State, pieces: Pieces): Board {
  const data = unpack(state);
  const at = (place: number[]): number => data.region[pixelAt(place, data.height, data.width)];
  const move = (place: number[]): void => {
    view.traits.put({ pixel: place });
    pieces.point(at(place));
  };
  const press = (): void => {
    const place = view.traits.get<number[]>("pixel");
    if (place.length) pieces.toggle(at(place));
  };
  const panels = linked(
    {
      seen: ["What the model sees", "a click or Enter switches a superpixel"],
      map: ["Slopes of the line", "one a superpixel"],
      one: ["One of the samples", "some superpixels off"],
    },
    move,
  );
  panels.seen.canvas.addEventListener("click", press);
  panels.seen.canvas.addEventListener("keydown", (event) => event.key === "Enter" && press());
  return {
    element: panelRow(panels),
    show(now) {
      paintPanels(view, panels, data, now, pieces.pointed);
      labelPanels(panels, state, now, pieces.pointed);
      pointAll(panels, view.traits.get<number[]>("pixel"));
    },
  };
}

type Panels = ReturnType<typeof linked<"seen" | "map" | "one">>;

function paintPanels(view: Stage, panels: Panels, data: ReturnType<typeof unpack>, now: Shown, pointed: number): void {
  const { picture, region, height, width, down, masked } = data;
  const scheme = view.scheme();
  picture.paint(panels.seen.canvas, masked(now.there));
  if (pointed >= 0 && down === 1) {
    const accent = channels(palette[scheme].warm);
    const edge = rim(region, width, (label) => label === pointed);
    paintPixels(panels.seen.canvas, width, height, (i) => (edge[i] ? accent : null));
  }
  const values = Float32Array.from(region, (r) => now.line.slopes[r]);
  const scale = { limit: now.limit, signed: true, scheme };
  paintMap(panels.map.canvas, values, width, scale, picture.grey({ height, width }, scheme));
  picture.paint(panels.one.canvas, masked(now.sample));
}

function labelPanels(panels: Panels, state: State, { there, line, sample, name }: Shown, pointed: number): void {
  const n = there.length;
  const switched = `${state.names[pointed]} ${there[pointed] ? "on" : "off"}`;
  panels.seen.label(`${countOn(there)} of ${n} on`, pointed < 0 ? "click to switch one" : switched);
  panels.map.label("", pointed < 0 ? "" : `slope ${signed(line.slopes[pointed])}`);
  panels.one.label(name, `${countOn(sample)} of ${n} on`);
}

const PRESS = {
  text: "Press a word to take it out of the text",
  row: "Press a condition: struck out, it need not hold",
};

export function wordBoard(view: Stage, state: State, pieces: Pieces): Board {
  const words = state.tokens ?? state.names;
  const row = tokenRow(words, pieces.point, pieces.toggle);
  const read = h("div", { class: "xk-value" });
  const other = soft();
  const press = soft(state.view === "text" ? PRESS.text : PRESS.row);
  return {
    element: h("div", { class: "xk-card xk-gap" }, press, row.element, read, other),
    show({ there, line, limit, sample, name }) {
      const k = pieces.pointed;
      row.show(line.slopes, limit, view.scheme(), there);
      read.textContent = k < 0 ? "point at a piece" : `${state.names[k]}: slope ${signed(line.slopes[k])}`;
      const kept = words.filter((_, i) => sample[i]).join("");
      other.textContent = state.view === "text" ? `${name}: ${kept.trim() || "(nothing is left)"}` : "";
    },
  };
}
