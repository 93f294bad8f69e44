/**
 * Brings graphs of older opsets to the operator forms of opset 18, so that everything else knows one form: axes and pads
 * became inputs, Split says its num_outputs, Softmax works on one axis, Upsample became Resize. Before opset 7 only what
 * broadcasts as later ones do.
 */
import type { Attributes, OnnxModel, OnnxNode } from "../ir.ts";
import type { AttributesOf, Operator } from "../operators.ts";
import type { GraphBuilder, Value } from "../rewrite/builder.ts";
import { is } from "../rewrite/pattern.ts";
import { rewrite } from "../rewrite/rewrite.ts";
import { type Row, type Rows, row, type View } from "../rewrite/row.ts";

const newestOpset = 18;

/** Throws a RangeError for what cannot be brought there. Models of opset 18 and later are returned as they are. */
export function upgrade(model: OnnxModel): OnnxModel {
  const opset = model.opsets.get("") ?? newestOpset;
  if (opset >= newestOpset) return model;
  wantLaterForms(model, opset);
  const upgraded = rewrite(withoutNotes(model), upgrades, { word: "upgrade", inner: true });
  return { ...upgraded, opsets: new Map([...upgraded.opsets, ["", newestOpset]]) };
}

/** Forms of before opset 9 that have no row: how they broadcast, or what they scan, is another thing. */
function wantLaterForms({ graph: { nodes } }: OnnxModel, opset: number): void {
  const isOld = ({ op, attributes }: OnnxNode): boolean =>
    (opset < 7 && (attributes.broadcast !== undefined || op === "PRelu")) ||
    (opset < 9 && (op === "Scan" || attributes.spatial === 0));
  const old = nodes.find(isOld);
  if (old)
    throw new RangeError(
      `Cannot read ${old.op} "${old.name}" in the form of opset ${opset}: export it with opset 9 or later`,
    );
}

/** Without attributes by which old operators told a runtime how to run them. */
const withoutNotes = (model: OnnxModel): OnnxModel => ({
  ...model,
  graph: {
    ...model.graph,
    nodes: model.graph.nodes.map((node) => {
      const { consumed_inputs: _, is_test: __, ...attributes } = node.attributes;
      return node.attributes.consumed_inputs || node.attributes.is_test !== undefined ? { ...node, attributes } : node;
    }),
  },
});

/** A condition: the form is that of opsets before the given one. */
const before =
  (until: number) =>
  (_: unknown, { opset }: { readonly opset: number }): boolean =>
    opset < until;

const without = (attributes: Attributes, name: string): Attributes => ({ ...attributes, [name]: undefined });

/** The node once more, with other inputs and attributes; without trailing inputs that are absent. */
const anew = (op: GraphBuilder, { node }: View, inputs: readonly Value[], attributes: Attributes) =>
  op.node(node.op, inputs, attributes, node.outputs.length);

/** An attribute that became the input behind the first. */
const attributeAsInput = (operator: Operator, name: string, until: number): Row =>
  row({
    pattern: is[operator]("x"),
    when: (_, { opset, node }) => opset < until && node.attributes[name] !== undefined,
    becomes: (op, { x }, view) =>
      anew(op, view, [x, op.int64(view.node.attributes[name] as number[])], without(view.node.attributes, name)),
  });

/** Until opset 12 all axes from `axis` on are one. */
const alongOneAxis = (operator: "Softmax" | "LogSoftmax" | "Hardmax"): Row =>
  row({
    pattern: is[operator]("x"),
    when: before(13),
    becomes(op, { x }, { attrs: { axis = 1 }, shape }) {
      const rank = shape(x)?.length;
      if (axis === -1 || axis + 1 === rank) return op[operator](x, { axis: -1 });
      return op.Reshape(op[operator](op.Flatten(x, { axis }), { axis: -1 }), op.Shape(x));
    },
  });

const floatInput = (op: GraphBuilder, value: unknown): Value => (value === undefined ? "" : op.float(Number(value)));

const resizeOfOpset10 = (mode: unknown = "nearest", rounding = "floor"): AttributesOf<"Resize"> => ({
  mode: mode === "bilinear" ? "linear" : String(mode),
  coordinate_transformation_mode: "asymmetric",
  nearest_mode: rounding,
});

/**
 * Nearest takes the value before a place along an axis that grows and, in onnxruntime, the one behind it along one that
 * shrinks. Axes do not mix: where some may shrink and some may grow, those that shrink are resized first.
 */
function nearestOfOpset10(op: GraphBuilder, x: Value, scales: Value, known: readonly number[] | undefined): Value {
  const resized = (x: Value, scales: Value, rounding: "floor" | "ceil"): Value =>
    op.Resize(x, null, scales, resizeOfOpset10("nearest", rounding));
  if (known?.every((scale) => scale >= 1)) return resized(x, scales, "floor");
  if (known?.every((scale) => scale <= 1)) return resized(x, scales, "ceil");
  return resized(resized(x, op.Min(scales, 1), "ceil"), op.Max(scales, 1), "floor");
}

const upgrades: Rows = {
  squeeze: attributeAsInput("Squeeze", "axes", 13),
  unsqueeze: attributeAsInput("Unsqueeze", "axes", 13),
  reduceSum: attributeAsInput("ReduceSum", "axes", 13),
  reduceMean: attributeAsInput("ReduceMean", "axes", 18),
  reduceMax: attributeAsInput("ReduceMax", "axes", 18),
  reduceMin: attributeAsInput("ReduceMin", "axes", 18),
  reduceProd: attributeAsInput("ReduceProd", "axes", 18),
  reduceL1: attributeAsInput("ReduceL1", "axes", 18),
  reduceL2: attributeAsInput("ReduceL2", "axes", 18),
  reduceLogSum: attributeAsInput("ReduceLogSum", "axes", 18),
  reduceLogSumExp: attributeAsInput("ReduceLogSumExp", "axes", 18),
  reduceSumSquare: attributeAsInput("ReduceSumSquare", "axes", 18),
  softmax: alongOneAxis("Softmax"),
  logSoftmax: alongOneAxis("LogSoftmax"),
  hardmax: alongOneAxis("Hardmax"),
  split: attributeAsInput("Split", "split", 13),
  splitEqually: row({
    pattern: is.Split("x", "sizes"),
    when: ({ sizes }, { opset }) => opset < 18 && sizes === "",
    becomes: (op, { x }, { node, attrs: { axis } }) =>
      op.add("Split", [x], { axis, num_outputs: node.outputs.length }, node.outputs.length),
  }),
  slice: row({
    pattern: is.Slice("x"),
    when: before(10),
    becomes(op, { x }, { node: { attributes } }) {
      const list = (name: string): Value => (attributes[name] ? op.int64(attributes[name] as number[]) : "");
      return op.Slice(x, list("starts"), list("ends"), list("axes"));
    },
  }),
  pad: row({
    pattern: is.Pad("x"),
    when: before(11),
    becomes: (op, { x }, { node: { attributes }, attrs: { mode } }) =>
      op.Pad(x, op.int64(attributes.pads as number[]), floatInput(op, attributes.value), { mode }),
  }),
  clip: row({
    pattern: is.Clip("x"),
    when: before(11),
    becomes: (op, { x }, { node: { attributes } }) =>
      op.Clip(x, floatInput(op, attributes.min), floatInput(op, attributes.max)),
  }),
  dropout: row({
    pattern: is.Dropout("x"),
    when: before(12),
    becomes: (op, { x }, view) => anew(op, view, [x], without(view.node.attributes, "ratio")),
  }),
  topK: row({
    pattern: is.TopK("x"),
    when: before(10),
    becomes: (op, { x }, { node: { attributes, outputs }, attrs: { axis } }) =>
      op.add("TopK", [x, op.int64([Number(attributes.k)])], { axis }, outputs.length),
  }),
  // Exporters name four more outputs, which are nothing outside of training.
  batchNormalization: row({
    pattern: is.BatchNormalization(),
    when: before(14),
    becomes: (op, _, { node, attrs: { epsilon, momentum } }) =>
      op.BatchNormalization(...node.inputs, { epsilon, momentum }),
  }),
  scatter: row({
    pattern: is.Scatter("x", "indices", "updates"),
    when: before(11),
    becomes: (op, { x, indices, updates }, { attrs }) => op.ScatterElements(x, indices, updates, attrs),
  }),
  roiAlign: row({
    pattern: is.RoiAlign("x", "rois", "batches"),
    when: before(16),
    becomes: (op, { x, rois, batches }, { attrs }) =>
      op.RoiAlign(x, rois, batches, { ...attrs, coordinate_transformation_mode: "output_half_pixel" }),
  }),
  upsample: row({
    pattern: is.Upsample("x", "scales"),
    when: before(10),
    becomes: (op, { x, scales }, { attrs }) =>
      op.Resize(x, null, scales || op.float(attrs.scales ?? []), resizeOfOpset10(attrs.mode)),
  }),
  resizeOfOpset10: row({
    pattern: is.Resize("x", "scales"),
    when: (_, { opset }) => opset === 10,
    becomes: (op, { x, scales }, { attrs: { mode = "nearest" }, numbers }) =>
      mode === "nearest"
        ? nearestOfOpset10(op, x, scales, numbers(scales))
        : op.Resize(x, null, scales, resizeOfOpset10(mode)),
  }),
  // Older opsets take a tensor without elements for an absent input.
  resize: row({
    pattern: is.Resize("x"),
    when: before(18),
    becomes: (op, { x }, { node, attrs, shape }) =>
      op.Resize(x, ...node.inputs.slice(1).map((input) => (shape(input)?.[0] === 0 ? null : input)), attrs),
  }),
};
