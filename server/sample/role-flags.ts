/**
 * The flags of one network of a command that has two: which input and output of an ONNX file is what, and how it is fitted. A
 * node and a card call them by the plain name; here each is called by the network that it is of.
 */
import { flagsIn } from "../../nodes/index.ts";
import type { Role } from "../../onnx/index.ts";
import type { Flags } from "../flags/grammar.ts";

const name = (help: string) => ({ type: "text", help, value: "NAME" }) as const;

export const unetNames = {
  unet_x: name("ONNX: its input that takes the picture (the rank-4 float one)"),
  unet_t: name("ONNX: its input that takes the timestep (the rank-1 one)"),
  unet_y: name("ONNX: its input that takes labels (y)"),
  unet_low_res: name("ONNX: its input that takes the small picture (low_res)"),
  unet_condition: name("ONNX: its input that takes the condition (condition)"),
  unet_out: name("ONNX: its output, the prediction (the rank-4 one)"),
  unet_layout: name("ONNX: auto, NCHW or NHWC"),
} satisfies Flags;

export const classifierNames = {
  logits: name("ONNX: the classifier's output of logits (the rank-2 one)"),
  classifier_x: name("ONNX: its input that takes the picture (the rank-4 float one)"),
  classifier_t: name("ONNX: its input that takes the timestep (the rank-1 one)"),
  classifier_values: name("ONNX: values of its pictures: auto, [-1, 1], [0, 1], [0, 255], ImageNet, CLIP"),
  classifier_resize: name("ONNX: what its pictures are resized to: auto, none, or pixels"),
  classifier_layout: name("ONNX: auto, NCHW or NHWC"),
  classifier_head: name("ONNX: how its logits are read: auto, softmax, sigmoid, bernoulli or score"),
} satisfies Flags;

const tables: Readonly<Record<Role, Flags>> = { unet: unetNames, classifier: classifierNames };
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
