/**
 * The flags of one network of a command that has two: which input and output of an ONNX file is what, and how it is fitted. A
 * node and a card call them by the plain name; here each is called by the network that it is of.
 */
import { flagsIn } from "../../nodes/index.ts";
import type { Role } from "../../onnx/index.ts";
import type { Flags } from "../flags/grammar.ts";

const name = (help: string) => ({ type: "text", help: `ONNX: ${help}`, value: "NAME" }) as const;

/** As a node, a card and commands that take one file call them. */
export const nameFlags = {
  x: name("its input that takes the picture (the rank-4 float one)"),
  t: name("its input that takes the timestep (the rank-1 one)"),
  y: name("its input that takes labels (y)"),
  low_res: name("its input that takes the small picture (low_res)"),
  condition: name("its input that takes the condition (condition)"),
  out: name("a UNet's output, the prediction (the rank-4 one)"),
  logits: name("a classifier's output of logits (the rank-2 one)"),
  values: name("values of its pictures: auto, [-1, 1], [0, 1], [0, 255], ImageNet, CLIP"),
  resize: name("what its pictures are resized to: auto, none, or pixels"),
  layout: name("auto, NCHW or NHWC"),
  head: name("how a classifier's logits are read: auto, softmax, sigmoid, bernoulli or score"),
} satisfies Flags;

type Named = keyof typeof nameFlags;

const calledBy = <R extends Role, N extends Named>(role: R, names: readonly N[]) =>
  Object.fromEntries(names.map((one) => [`${role}_${one}`, nameFlags[one]])) as {
    readonly [K in N as `${R}_${K}`]: (typeof nameFlags)[K];
  };

export const unetRoleFlags = calledBy("unet", ["x", "t", "y", "low_res", "condition", "out", "layout"]);

export const classifierRoleFlags = {
  logits: nameFlags.logits,
  ...calledBy("classifier", ["x", "t", "values", "resize", "layout", "head"]),
};

const tables: Readonly<Record<Role, Flags>> = { unet: unetRoleFlags, classifier: classifierRoleFlags };
const plainName = (flag: string): string => flag.replace(/^(?:unet|classifier)_/, "");

/** Those of one network as the text that its node takes. */
export const roleFlagsText = (given: Readonly<Record<string, unknown>>, role: Role): string =>
  Object.keys(tables[role])
    .flatMap((flag) => (given[flag] === undefined ? [] : [`--${plainName(flag)} "${given[flag]}"`]))
    .join(" ");

/** What is said of one network, by the flags of the command. */
export function inRoleFlags(message: string, role: Role): string {
  const flags = new Map(Object.keys(tables[role]).map((flag) => [plainName(flag), flag]));
  if (role === "classifier") flags.set("weights", "classifier_weights");
  return flagsIn(message)
    .map(({ text, flag = "" }) => (flags.has(flag) ? `--${flags.get(flag)}` : text))
    .join("");
}
