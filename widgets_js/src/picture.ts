// The example that is explained, unpacked once: as it is, and as the grey that maps are laid over.

import { greyOf, paintPicture, type Scheme } from "./colour";
import { Frames, type Wire } from "./wire";

export class Picture {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly values: Float32Array;

  constructor(wire: Wire) {
    const frames = new Frames(wire);
    ({ height: this.height, width: this.width, channels: this.channels } = frames);
    this.values = frames.values(0);
  }

  /** Paint it, or other values of its shape. */
  paint(canvas: HTMLCanvasElement, values = this.values): void {
    paintPicture(canvas, values, this.width, this.channels);
  }

  /** As the quiet grey under a map of another size. */
  grey(map: { height: number; width: number }, scheme: Scheme): Float32Array {
    return greyOf(this.values, this.channels, [this.height, this.width], [map.height, map.width], scheme);
  }

  /** Where the pointer is, in words. */
  where(place: number[]): string {
    if (!place.length) return "point at a pixel";
    return `row ${Math.floor(place[0] * this.height)}, column ${Math.floor(place[1] * this.width)}`;
  }
}
