import { pick, type Tensor } from "../../diffusion/index.ts";
import { atPort, facts, labelled, labelsFor, numbersSizes, sameSize, wantLabels } from "../checks.ts";
import { defineNode, GraphError } from "../node.ts";
import * as port from "../port.ts";
import { channelsOf } from "../prediction/drawn.ts";

export default defineNode({
  type: "guidegraph/pick",
  version: 1,
  title: "Pick",
  category: "losses",
  description: "Takes one channel of each sample: of logits the wanted class, of a picture a colour.",
  equation: "y = x[:, k]",
  reference: "gather, logits[range(n), y], channel",
  inputs: {
    tensor: port.tensor({ help: "N×C×H×W; logits are N×classes×1×1." }),
    labels: port.labels({ optional: true, help: "Which channel of each sample, or one for all, in place of index." }),
    index: port.numbers({ default: 0, min: 0, help: "Which channel, or one a sample. The first is 0." }),
  },
  outputs: { tensor: port.tensor({ own: true, help: "N×1×H×W; of logits a number a sample." }) },
  infer: ({ tensor, labels, index }, known) => {
    const typed = labels ? undefined : known.parameter("index");
    const channels = tensor?.channels;
    if (channels !== undefined) for (const index of listOf(typed)) wantChannel(index, channels);
    if (tensor?.channels !== undefined) wantLabels(labels, { classes: tensor.channels }, "tensor");
    const size = sameSize({ tensor, labels: labelled(labels), ...numbersSizes({ index }) });
    return { tensor: { ...facts({ batch: size.batch, height: size.height, width: size.width }), channels: 1 } };
  },
  run: ({ tensor, labels, index }) => ({
    tensor: atPort(labels ? "labels" : "index", () =>
      pick(tensor, labels ? perLabel(labels.values, tensor.dims[0]) : index),
    ),
  }),
  draw: ({ tensor, labels, index }, drawing) => {
    const { op } = drawing;
    const channels = channelsOf(drawing, tensor);
    const each = op.float(
      Array.from({ length: channels }, (_, k) => k),
      [1, channels, 1, 1],
    );
    const check = (values: readonly number[]) =>
      wantLabels({ max: Math.max(...values) }, { classes: channels }, "tensor");
    const wanted = labels
      ? op.Unsqueeze(op.Cast(labels.each(check, tensor), { to: "float32" }), op.int64([1, 2, 3]))
      : index;
    const isWanted = op.Cast(op.Equal(each, wanted), { to: "float32" });
    const picked = op.ReduceSum(op.Mul(tensor, isWanted), op.int64([1]));
    // Labels are checked. A graph cannot refuse an index: a channel that is not there is 0 / 0, which is refused.
    return { tensor: labels ? picked : op.Div(picked, op.ReduceSum(isWanted, op.int64([1]))) };
  },
});

/** What is known of numbers, one for all or one a sample. */
const listOf = (typed: unknown): Iterable<number> =>
  typeof typed === "number" ? [typed] : ((typed as Tensor | undefined)?.data ?? []);

function wantChannel(index: number, channels: number): void {
  if (Number.isInteger(index) && index >= 0 && index < channels) return;
  throw new GraphError(`Cannot pick ${index}: there are the channels 0 to ${channels - 1}`, "index");
}

const perLabel = (values: readonly number[], batch: number) => ({
  dims: [batch, 1, 1, 1],
  data: Float32Array.from(labelsFor(values, batch)),
});
