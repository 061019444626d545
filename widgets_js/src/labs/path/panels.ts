// The four panels of the path lab: the point on the path, the slope there, what was added up, and it over the picture.

import { paintMap, paintPicture } from "../../colour";
import { quantile } from "../../limits";
import { signed } from "../../numbers";
import { type Panel, pointAll } from "../../panel";
import { signedAt } from "../../pointer";
import type { Stage } from "../../stage";
import { pixelAt } from "../../wire";
import { type Data, type Moment, mixed, reading, type Unpacked } from "./state";

export type Panels = Record<"point" | "slope" | "sum" | "distance", Panel>;

export interface Look {
  aside: boolean; // whether the first panel shows what else there is
  own: boolean; // whether every moment has its own colour scale
}

/** The colours of the sums. */
export const scaleOf = (view: Stage, run: Unpacked, now: Moment, own: boolean) => ({
  limit: own ? quantile(now.sofar) : run.limit,
  signed: true,
  scheme: view.scheme(),
});

export function paintPanels(view: Stage, panels: Panels, data: Data, run: Unpacked, now: Moment, look: Look): void {
  const scale = scaleOf(view, run, now, look.own);
  const slopes = look.own ? quantile(now.gradient) : run.gradients.limit;
  paintPoint(view, panels.point.canvas, data, run, now.k, look.aside);
  paintMap(panels.slope.canvas, now.gradient, run.gradients.width, { ...scale, limit: slopes });
  paintMap(panels.sum.canvas, now.sofar, run.added.width, scale);
  paintMap(panels.distance.canvas, now.sofar, run.added.width, scale, data.picture.grey(run.added, scale.scheme));
}

/** The first panel: the point on the path, or what else there is to see of it. */
function paintPoint(
  view: Stage,
  canvas: HTMLCanvasElement,
  { picture, start }: Data,
  run: Unpacked,
  k: number,
  aside: boolean,
): void {
  const shown = run.aside && aside ? run.aside : run.images;
  if (run.aside && aside && run.asideIsMap) {
    const scale = { limit: run.aside.limit, signed: true, scheme: view.scheme() };
    paintMap(canvas, run.aside.values(k), run.aside.width, scale);
  } else if (shown) paintPicture(canvas, shown.values(k), shown.width, shown.channels);
  else picture.paint(canvas, mixed(start(String(run.own.baseline)), picture.values, run.places[run.frames[k]]));
}

/** What stands around the panels: what they show, and the values at the pointer. */
export function labelPanels(
  panels: Panels,
  data: Data,
  run: Unpacked,
  now: Moment,
  aside: boolean,
  place: number[],
): void {
  const state = data.state();
  const has = place.length === 2;
  const map = run.asideIsMap && aside ? run.aside : undefined;
  const title = aside && run.asideIsMap ? state.aside : reading(state, run.reading[now.at]);
  const value = has ? now.sofar[pixelAt(place, run.added.height, run.added.width)] : 0;
  panels.point.label(title, has && map ? signedAt(place, map.values(now.k), map) : data.picture.where(place));
  panels.slope.label("Σ over colours", signedAt(place, now.gradient, run.gradients));
  panels.sum.label(`${now.at + 1} of ${run.places.length}`, has ? signed(value) : "");
  panels.distance.label("φ", has ? direction(value) : "");
  pointAll(panels, place);
}

const direction = (value: number): string =>
  value === 0 ? "nothing yet" : value > 0 ? "speaks for" : "speaks against";
