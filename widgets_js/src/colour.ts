// Colours from the tokens that the matplotlib figures use too: blue for, orange against, cividis for magnitudes.

import tokens from "../../xaikit/show/tokens.json";

export { tokens };
export type Scheme = "light" | "dark";

const LEVELS = 511;
/** Small values are lifted so that they can be seen; the legend is drawn by the same function, so it stays honest. */
const LIFT = 0.6;

/** #rrggbb as three numbers from 0 to 255. */
export const channels = (hex: string): number[] => [1, 3, 5].map((k) => parseInt(hex.slice(k, k + 2), 16));

/** Colours that tell neighbours apart, as channels. */
export const WHEEL = /* @__PURE__ */ tokens.categories.slice(0, 7).map((hex) => channels(hex));

/** Evenly spaced colours between the stops. */
function ramp(stops: string[], lift: (t: number) => number): Uint8ClampedArray {
  const table = new Uint8ClampedArray(3 * LEVELS);
  const colours = stops.map(channels);
  for (let k = 0; k < LEVELS; k++) {
    const place = lift(k / (LEVELS - 1)) * (stops.length - 1);
    const low = Math.min(stops.length - 2, Math.floor(place));
    for (let c = 0; c < 3; c++) {
      table[3 * k + c] = colours[low][c] + (place - low) * (colours[low + 1][c] - colours[low][c]);
    }
  }
  return table;
}

const signedLift = (t: number): number => 0.5 + 0.5 * Math.sign(t - 0.5) * Math.abs(2 * t - 1) ** LIFT;

const tables = {
  light: { signed: ramp(tokens.diverging.light, signedLift), magnitude: ramp(tokens.magnitude, (t) => t ** LIFT) },
  dark: { signed: ramp(tokens.diverging.dark, signedLift), magnitude: ramp(tokens.magnitude, (t) => t ** LIFT) },
};

export interface Scale {
  limit: number;
  signed: boolean;
  scheme: Scheme;
}

const tableOf = (scale: Scale): Uint8ClampedArray => tables[scale.scheme][scale.signed ? "signed" : "magnitude"];

/** The place of a value in the table of colours. */
function level(value: number, scale: Scale): number {
  const t = scale.signed ? 0.5 + value / (2 * scale.limit) : value / scale.limit;
  return Math.round(Math.min(1, Math.max(0, t)) * (LEVELS - 1));
}

/** The colour of one value, three channels from 0 to 255. */
export function colourOf(value: number, scale: Scale): number[] {
  const l = 3 * level(value, scale);
  return Array.from(tableOf(scale).slice(l, l + 3));
}

/** How much light a channel from 0 to 255 gives, 0 to 1 (WCAG 2). */
const light = (channel: number): number => (channel <= 10 ? channel / 3295 : ((channel / 255 + 0.055) / 1.055) ** 2.4);

/** Black or white, whichever stands out more on a colour: always 4.5 to 1 at least. */
export const inkOn = ([r, g, b]: number[]): string => {
  const luminance = 0.2126 * light(r) + 0.7152 * light(g) + 0.0722 * light(b);
  return (luminance + 0.05) ** 2 > 1.05 * 0.05 ? "#000" : "#fff";
};

/** Paint numbers as a map; over a grey picture where one is given, the stronger the value the more of its colour. */
export function paintMap(
  canvas: HTMLCanvasElement,
  values: Float32Array,
  width: number,
  scale: Scale,
  grey?: Float32Array,
): void {
  const table = tableOf(scale);
  draw(canvas, width, values.length / width, (data) => {
    for (let i = 0, j = 0; i < values.length; i++, j += 4) {
      const l = 3 * level(values[i], scale);
      const share = grey ? Math.min(1, 1.3 * Math.min(1, Math.abs(values[i]) / scale.limit) ** LIFT) : 1;
      const under = grey ? grey[i] : 0;
      data[j] = under + share * (table[l] - under);
      data[j + 1] = under + share * (table[l + 1] - under);
      data[j + 2] = under + share * (table[l + 2] - under);
      data[j + 3] = 255;
    }
  });
}

/** Paint a picture with values in [0, 1], one channel or three. */
export function paintPicture(canvas: HTMLCanvasElement, values: Float32Array, width: number, n: number): void {
  draw(canvas, width, values.length / n / width, (data) => {
    for (let i = 0, j = 0; j < data.length; i += n, j += 4) {
      for (let c = 0; c < 3; c++) data[j + c] = 255 * values[i + (n < 3 ? 0 : c)];
      data[j + 3] = 255;
    }
  });
}

/** Paint pixel by pixel: `colour` gives three channels from 0 to 255, or null to leave what is there. */
export function paintPixels(
  canvas: HTMLCanvasElement,
  width: number,
  height: number,
  colour: (i: number) => number[] | null,
): void {
  draw(
    canvas,
    width,
    height,
    (data) => {
      for (let i = 0, j = 0; j < data.length; i++, j += 4) {
        const rgb = colour(i);
        if (!rgb) continue;
        [data[j], data[j + 1], data[j + 2]] = rgb;
        data[j + 3] = 255;
      }
    },
    true,
  );
}

function draw(
  canvas: HTMLCanvasElement,
  width: number,
  height: number,
  fill: (data: Uint8ClampedArray) => void,
  onto = false,
): void {
  if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height];
  const context = canvas.getContext("2d", { willReadFrequently: true }); // kept in main memory, where the pixels are made
  if (!context) return;
  const image = onto ? context.getImageData(0, 0, width, height) : context.createImageData(width, height);
  fill(image.data);
  context.putImageData(image, 0, 0);
}

/** A picture as the quiet grey that an overlay is drawn on, at another resolution where need be. */
export function greyOf(values: Float32Array, n: number, from: number[], to: number[], scheme: Scheme): Float32Array {
  const [low, span] = scheme === "light" ? [120, 125] : [26, 105];
  const grey = new Float32Array(to[0] * to[1]);
  for (let row = 0; row < to[0]; row++) {
    for (let column = 0; column < to[1]; column++) {
      const there = Math.floor((row * from[0]) / to[0]) * from[1] + Math.floor((column * from[1]) / to[1]);
      const light =
        n < 3 ? values[there] : 0.3 * values[3 * there] + 0.59 * values[3 * there + 1] + 0.11 * values[3 * there + 2];
      grey[row * to[1] + column] = low + span * Math.min(1, Math.max(0, light));
    }
  }
  return grey;
}

/** The colours of a scale as a CSS gradient, from left to right. */
export function gradient(scale: Scale): string {
  const table = tableOf(scale);
  const stops = Array.from({ length: 33 }, (_, k) => {
    const l = 3 * Math.round((k / 32) * (LEVELS - 1));
    return `rgb(${table[l]},${table[l + 1]},${table[l + 2]})`;
  });
  return `linear-gradient(90deg,${stops.join(",")})`;
}
