// A step that is a map or a picture, frame by frame, with the example beside it.

import { paintMap, paintPicture } from "../colour";
import { slider } from "../controls";
import { h } from "../dom";
import { number, signed } from "../numbers";
import { type Panel, panel } from "../panel";
import { Picture } from "../picture";
import type { Stage } from "../stage";
import type { Axis } from "../views/curve";
import type { Step, View } from "../views/step";
import { type Frames, pixelAt, type Wire } from "../wire";

export interface Screen {
  pictures: HTMLElement;
  track: ReturnType<typeof slider>;
  /** Paint a step that has frames; gives back its colours. */
  paint(step: Step, frames: Frames): ReturnType<NonNullable<View["scale"]>>;
}

export function screen(view: Stage, example: Wire | undefined, axis: Axis, empty: boolean): Screen {
  const picture = example && new Picture(example);
  const input = panel("Input", "the example that is explained", view.point);
  const shown = panel("This step", "the value of the step", view.point);
  const track = slider("frame of this step", (frame) => view.put({ frame }));
  const pictures = h("div", { class: "xk-pair", hidden: empty ? "" : null }, input.element, shown.element);
  return {
    pictures,
    track,
    paint(step, frames) {
      const k = Math.min(frames.n - 1, view.traits.get<number>("frame"));
      const values = frames.values(k);
      const scale = { limit: frames.limit, signed: frames.signed, scheme: view.scheme() };
      if (step.map) paintMap(shown.canvas, values, frames.width, scale);
      else paintPicture(shown.canvas, values, frames.width, frames.channels);
      shown.canvas.style.aspectRatio = step.rows ? "2" : ""; // the cells of a matrix may have any shape
      const place = view.traits.get<number[]>("pixel");
      const where = step.frames ? placeOf(axis, step.frames[k]) : step.shape;
      shown.label(where, valueAt(step, frames, values, place));
      shown.point(place);
      if (step.frames) track.show(k, step.frames.length - 1, where);
      pictures.classList.toggle("xk-alone", !picture);
      paintExample(input, picture, place);
      return scale;
    },
  };
}

/** Where a frame stands on the axis of the walk. */
const placeOf = ({ name, values }: Axis, at: number): string =>
  values && at < values.length ? `${name} = ${values[at].toFixed(2)}` : `${name} = ${at + 1}`;

/** The value at the pointer: one of a map, as many as a picture has channels. */
function valueAt(step: Step, frames: Frames, values: Float32Array, place: number[]): string {
  if (place.length !== 2) return "";
  const i = pixelAt(place, frames.height, frames.width);
  if (step.map) return signed(values[i]);
  const n = frames.channels;
  return Array.from(values.subarray(i * n, (i + 1) * n), (v) => number(v, 2)).join(" ");
}

function paintExample(input: Panel, picture: Picture | undefined, place: number[]): void {
  input.element.hidden = !picture;
  if (!picture) return;
  picture.paint(input.canvas);
  input.label(`${picture.height}×${picture.width}`, picture.where(place));
  input.point(place);
}
