/**
 * Numbers as colours. The maps are curves of our own in Oklab (Ottosson 2020, bottosson.github.io/posts/oklab), where equal
 * steps look equal: lightness goes evenly from end to end, so that a map is read the same in grey.
 */
import { cosOfTurns } from "./elementary.ts";
import { type Pictures, planes, type Tensor } from "./tensor.ts";

/** Lightness 0 … 1, chroma, and hue in degrees, at 0 ≤ v ≤ 1. */
type Curve = (v: number) => readonly [lightness: number, chroma: number, hue: number];

const curves = {
  /** From dark violet over green to light yellow. */
  sequential: (v) => [0.22 + 0.72 * v, 0.085 + 0.095 * v ** 4, 305 - 200 * v],
  /** Blue, white in the middle, red. */
  diverging: (v) => [0.96 - 0.84 * Math.abs(v - 0.5), 0.34 * Math.abs(v - 0.5), v < 0.5 ? 255 : 27],
  grey: (v) => [v, 0, 0],
} as const satisfies Readonly<Record<string, Curve>>;

export type ColourMap = keyof typeof curves;
export const colourMaps = Object.keys(curves) as readonly ColourMap[];

/** Red, green and blue of Oklab's lightness, chroma and hue, as bytes of sRGB; what a screen cannot show is clipped. */
function srgb([lightness, chroma, hue]: ReturnType<Curve>): number[] {
  const [a, b] = [chroma * cosOfTurns(hue / 360), chroma * cosOfTurns(hue / 360 - 0.25)];
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const linear = [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ];
  return linear.map((value) => {
    const shown = value <= 0.0031308 ? 12.92 * value : 1.055 * value ** (1 / 2.4) - 0.055;
    return Math.round(255 * Math.min(1, Math.max(0, shown)));
  });
}

const steps = 256;
const tables = new Map<ColourMap, Uint8Array>();

/** Bytes of red, green and blue, from the lowest value to the highest. */
export function colourTable(map: ColourMap): Uint8Array {
  const made =
    tables.get(map) ??
    Uint8Array.from(Array.from({ length: steps }, (_, i) => srgb(curves[map](i / (steps - 1)))).flat());
  tables.set(map, made);
  return made;
}

export interface Coloured {
  readonly pictures: Pictures;
  /** What the ends of the colours stand for, N×1×1×1. */
  readonly low: Tensor;
  readonly high: Tensor;
}

/**
 * N×1×H×W as pictures; what lies beyond the range has the colour of its end. Without a range each sample has its own, from its lowest
 * to its highest value; diverging, as far below 0 as above. Throws a RangeError for values that are NaN or infinite, for
 * several channels, and for what is no N×C×H×W.
 */
export function coloured({ dims, data }: Tensor, map: ColourMap, range?: readonly [number, number]): Coloured {
  const [n, c, height, width] = planes(dims);
  if (c !== 1) throw new RangeError(`Cannot colour ${c} channels: a colour map shows one number a pixel`);
  const table = colourTable(map);
  const area = height * width;
  const pixels = new Uint8Array(3 * n * area);
  const [low, high] = [new Float32Array(n), new Float32Array(n)];
  for (let i = 0; i < n; i++) {
    const values = data.subarray(i * area, (i + 1) * area);
    [low[i], high[i]] = range ?? rangeOf(values, map === "diverging");
    // A sample of one value everywhere is in the middle of its colours, diverging, and else at their beginning.
    const scale = high[i] > low[i] ? (steps - 1) / (high[i] - low[i]) : 0;
    const begin = scale === 0 && map === "diverging" ? steps / 2 : 0;
    for (let p = 0; p < area; p++) {
      const at = Math.round(begin + Math.min(steps - 1, Math.max(0, scale * (values[p] - low[i]))));
      for (let k = 0; k < 3; k++) pixels[3 * (i * area + p) + k] = table[3 * at + k];
    }
  }
  const ends = (values: Float32Array): Tensor => ({ dims: [n, 1, 1, 1], data: values });
  return { pictures: { dims: [n, height, width, 3], data: pixels }, low: ends(low), high: ends(high) };
}

function rangeOf(values: Float32Array, isSymmetric: boolean): readonly [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (value - value !== 0) throw new RangeError(`Cannot colour ${value}: every value must be finite`);
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  const most = Math.max(high, -low);
  return isSymmetric ? [-most, most] : [low, high];
}
