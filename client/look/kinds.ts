/**
 * How a kind looks: hue is the family, shape is the kind, hollow means recipe (made once, used at every step). Three cues,
 * so that colour is never the only one.
 */
import type { Kind } from "../../nodes/kinds.ts";
import type { Theme } from "./theme.ts";

export type Shape = "triangle" | "circle" | "ring" | "square" | "tag" | "diamond" | "wide" | "bar";

interface Family {
  readonly dark: string;
  readonly light: string;
}

const guidance = { dark: "#EC6A0A", light: "#C27208" };
const tensor = { dark: "#72BFFC", light: "#1B6BAA" };
const network = { dark: "#A676E4", light: "#5F0AA6" };
const label = { dark: "#F58EAC", light: "#862E62" };
const time = { dark: "#C6C41A", light: "#5E6000" };
const picture = { dark: "#68F08F", light: "#00481A" };
const plain = { dark: "#DDE9F8", light: "#7C828B" };

export interface KindLook {
  readonly family: Family;
  readonly shape: Shape;
  readonly recipe: boolean;
}

const looks: Readonly<Record<Kind, KindLook>> = {
  cond_fn: { family: guidance, shape: "triangle", recipe: true },
  noise: { family: tensor, shape: "circle", recipe: true },
  tensor: { family: tensor, shape: "circle", recipe: false },
  prediction: { family: tensor, shape: "ring", recipe: false },
  model: { family: network, shape: "square", recipe: true },
  model_output: { family: network, shape: "square", recipe: false },
  network: { family: network, shape: "ring", recipe: true },
  classifier: { family: label, shape: "tag", recipe: true },
  labels: { family: label, shape: "tag", recipe: false },
  schedule: { family: time, shape: "diamond", recipe: true },
  step: { family: time, shape: "diamond", recipe: false },
  image: { family: picture, shape: "wide", recipe: false },
  text: { family: plain, shape: "bar", recipe: true },
  number: { family: plain, shape: "bar", recipe: false },
  "number,tensor": { family: plain, shape: "bar", recipe: false },
  boolean: { family: plain, shape: "bar", recipe: false },
};

const gradient: KindLook = { family: guidance, shape: "triangle", recipe: false };
const unknown: KindLook = { family: plain, shape: "bar", recipe: false };

/** `meaning` gives a gradient its own look; its kind is tensor, so it goes wherever a tensor goes. */
export const lookOf = (kind: string, meaning?: string): KindLook =>
  meaning === "gradient" ? gradient : Object.hasOwn(looks, kind) ? looks[kind as Kind] : unknown;

export const hueOf = (look: KindLook, theme: Theme): string => look.family[theme];

/** The outline of a slot's shape, centred on 0, 0, about 10 px wide. */
export function shapePath(shape: Shape): Path2D {
  const path = new Path2D();
  if (shape === "circle" || shape === "ring") path.arc(0, 0, 4.5, 0, 2 * Math.PI);
  else if (shape === "square") path.roundRect(-4.5, -4.5, 9, 9, 1.5);
  else if (shape === "wide") path.roundRect(-5.5, -3.75, 11, 7.5, 1);
  else if (shape === "bar") path.roundRect(-5, -2, 10, 4, 2);
  else polygon(path, corners[shape]);
  return path;
}

const corners: Readonly<Record<"triangle" | "diamond" | "tag", readonly (readonly [number, number])[]>> = {
  triangle: [
    [-5.5, -4.5],
    [5.5, -4.5],
    [0, 5.5],
  ],
  diamond: [
    [0, -5.5],
    [5.5, 0],
    [0, 5.5],
    [-5.5, 0],
  ],
  tag: [
    [-5.5, -4],
    [1.5, -4],
    [5.5, 0],
    [1.5, 4],
    [-5.5, 4],
  ],
};

function polygon(path: Path2D, points: readonly (readonly [number, number])[]): void {
  for (const [i, [x, y]] of points.entries()) i === 0 ? path.moveTo(x, y) : path.lineTo(x, y);
  path.closePath();
}
