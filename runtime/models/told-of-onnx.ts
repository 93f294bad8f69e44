/** What is known of an ONNX file beside its shapes: what it takes labels by, what `convert` noted, its card, and what was typed. */
import {
  type ModelFlags,
  type OnnxGraph,
  type OnnxModel,
  othersInCard,
  parseCard,
  parseModelFlags,
  readCard,
  unrunnable,
} from "../../onnx/index.ts";
import { isRoleName } from "./role-names.ts";

interface Told {
  /** Of what is told twice the later: graph, note, card, typed. */
  readonly flags: ModelFlags;
  /** What was found in the graph alone, and in its card for nothing, a sentence each. */
  readonly notes: readonly string[];
  /** What whoever wires it has to know, in words for its card. */
  readonly said: readonly string[];
  /** Why it will not be loaded, in words. */
  readonly unrunnable?: string;
}

/** `labels`: the name of the input that takes them. Throws a SyntaxError for a bad card or bad flags. */
export function toldOfOnnx(
  model: OnnxModel,
  labels: string | undefined,
  card: string | undefined,
  typed: string,
): Told {
  const { graph, metadata } = model;
  const read = readCard(card ?? "{}");
  const others = othersInCard({ ...read, others: read.others.filter((name) => !isRoleName(name)) });
  const told: ModelFlags = {
    ...parseCard(metadata.get("flags") ?? "{}"),
    ...read.flags,
    ...parseModelFlags(typed),
  };
  const amiss = unrunnable(model).join("; ");
  const about = amiss === "" ? {} : { unrunnable: amiss };
  const said = isTraining(graph) ? ["exported while training: what it says of a picture depends on its batch"] : [];
  const rows = labels === undefined || told.num_classes !== undefined ? undefined : rowsFor(graph, labels);
  if (rows === undefined) return { flags: told, notes: others, said, ...about };
  const note = `it takes ${rows} labels, as many as its table of them has rows: --num_classes says otherwise`;
  return { flags: { ...told, num_classes: rows }, notes: [note, ...others], said, ...about };
}

/** Exported without model.eval(), it takes means and variances from the batch that it is asked about. */
const isTraining = ({ nodes }: OnnxGraph): boolean =>
  nodes.some(
    ({ op, attributes, outputs }) =>
      op === "BatchNormalization" && (attributes.training_mode === 1 || outputs.filter(Boolean).length > 1),
  );

/** How many rows the table has in which labels are looked up (nn.Embedding): a Gather from weights K×D. */
function rowsFor({ nodes, initializers }: OnnxGraph, labels: string): number | undefined {
  const names = new Set([labels]);
  for (const { op, inputs, outputs } of nodes) {
    if (op === "Cast" && names.has(inputs[0])) names.add(outputs[0]);
    const dims = op === "Gather" && names.has(inputs[1]) ? initializers.get(inputs[0])?.dims : undefined;
    if (dims?.length === 2) return dims[0];
  }
  return undefined;
}
