// Arrays as they come from Python: bytes, shape, and a linear map back to numbers (see xaikit/widgets/wire.py).

export interface Wire {
  view: DataView | ArrayBuffer | Uint8Array;
  dtype: "uint8" | "uint16" | "float32";
  shape: number[];
  scale: number | number[];
  offset: number | number[];
  limit?: number;
  signed?: boolean;
}

/** The bytes, wherever in a buffer they lie. */
export function bytesOf(view: Wire["view"]): Uint8Array {
  if (view instanceof ArrayBuffer) return new Uint8Array(view);
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}

/** An array of float32, copied where its bytes do not start at a multiple of four. */
export function floats(wire: Wire): Float32Array {
  const bytes = bytesOf(wire.view);
  if (wire.dtype !== "float32") throw new Error(`numbers travel as float32, not ${wire.dtype}`);
  if (bytes.byteLength !== 4 * wire.shape.reduce((a, b) => a * b, 1))
    throw new Error("an array lost some of its bytes");
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
  return new Float32Array(aligned.buffer, aligned.byteOffset, aligned.byteLength / 4);
}

/** A stack of pictures (n, height, width, channels) or maps (n, height, width) in uint8. */
export class Frames {
  readonly n: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly limit: number;
  readonly signed: boolean;
  private bytes: Uint8Array;

  constructor(private wire: Wire) {
    if (wire.dtype !== "uint8") throw new Error(`pictures travel as uint8, not ${wire.dtype}`);
    [this.n, this.height, this.width] = wire.shape;
    this.channels = wire.shape[3] ?? 1;
    this.limit = wire.limit ?? 1;
    this.signed = wire.signed ?? false;
    this.bytes = bytesOf(wire.view);
    if (this.bytes.length !== this.n * this.size * this.channels) throw new Error("an array lost some of its bytes");
  }

  /** Pixels in one frame. */
  get size(): number {
    return this.height * this.width;
  }

  /** Frame k as numbers, channels last. */
  values(k: number): Float32Array {
    const length = this.size * this.channels;
    const [scale, offset] = [pick(this.wire.scale, k), pick(this.wire.offset, k)];
    const out = new Float32Array(length);
    for (let i = 0, j = k * length; i < length; i++, j++) out[i] = offset + scale * this.bytes[j];
    return out;
  }
}

/** Layers of region numbers (n, height, width) in uint16. */
export class Labels {
  readonly n: number;
  readonly height: number;
  readonly width: number;
  private numbers: Uint16Array;

  constructor(wire: Wire) {
    if (wire.dtype !== "uint16") throw new Error(`region numbers travel as uint16, not ${wire.dtype}`);
    [this.n, this.height, this.width] = wire.shape;
    const bytes = bytesOf(wire.view);
    if (bytes.byteLength !== 2 * this.n * this.height * this.width) throw new Error("an array lost some of its bytes");
    const aligned = bytes.byteOffset % 2 === 0 ? bytes : bytes.slice();
    this.numbers = new Uint16Array(aligned.buffer, aligned.byteOffset, aligned.byteLength / 2);
  }

  /** Layer k. */
  values(k: number): Uint16Array {
    const size = this.height * this.width;
    return this.numbers.subarray(k * size, (k + 1) * size);
  }
}

const pick = (value: number | number[], k: number): number => (Array.isArray(value) ? value[k] : value);

/** The sums of the first 1, 2, …, n frames. */
export function runningSums(frames: Frames): Float32Array[] {
  const sums: Float32Array[] = [];
  for (let k = 0; k < frames.n; k++) {
    const next = frames.values(k);
    const last = sums[k - 1];
    if (last) for (let i = 0; i < next.length; i++) next[i] += last[i];
    sums.push(next);
  }
  return sums;
}

/** A place (row, column) in [0, 1) → the index of the pixel there. */
export function pixelAt(place: number[], height: number, width: number): number {
  const row = Math.min(height - 1, Math.max(0, Math.floor(place[0] * height)));
  const column = Math.min(width - 1, Math.max(0, Math.floor(place[1] * width)));
  return row * width + column;
}
