import { type Noise, philoxNoise, torchNoise } from "../../diffusion/index.ts";
import { atPort, facts, isUnread, knownNumber, sameSize } from "../checks.ts";
import type { Size } from "../kinds.ts";
import { defineNode, GraphError } from "../node.ts";
import * as port from "../port.ts";

export default defineNode({
  type: "guidegraph/gaussian-noise",
  version: 1,
  title: "Gaussian Noise",
  category: "process",
  description: "Draws the noise a batch starts from, and the stream that its steps take their noise from.",
  equation: "z ~ N(0, I)",
  reference: "th.randn",
  inputs: {
    labels: port.labels({ optional: true, help: "As many labels, as many pictures." }),
    model: port.model({ optional: true, help: "Supplies size and channels." }),
    schedule: port.schedule({ optional: true, help: "Counts torch's draws, to go on with them in later batches." }),
    seed: port.number({ default: 0, min: 0, max: Number.MAX_SAFE_INTEGER, integer: true, seed: true }),
    generator: port.text({
      default: "philox",
      choices: ["philox", "torch"],
      help: "philox gives sample 17 alike in any batch and on any machine; torch repeats torch.manual_seed on the CPU (CUDA draws other numbers).",
    }),
    batch: port.number({ default: 1, min: 1, max: 4096, integer: true, help: "Pictures a batch, without labels." }),
    size: port.number({ default: 0, min: 0, max: 4096, integer: true, help: "Pixels a side; 0: from the model." }),
    channels: port.number({ default: 0, min: 0, max: 64, integer: true, help: "0: from the model, else 3." }),
    stream: port.number({
      default: 0,
      min: 0,
      max: 2 ** 32 - 2,
      integer: true,
      help: "Another number gives independent draws of the same seed (philox only).",
    }),
  },
  outputs: {
    x_T: port.tensor({ meaning: "x" }),
    noise: port.noise(),
  },
  perBatch: true,
  infer: ({ labels, model }, known) => {
    const [batch, size, channels] = ["batch", "size", "channels"].map((name) => knownNumber(known.parameter(name)));
    const [generator, stream] = ["generator", "stream"].map((name) => known.parameter(name));
    if (generator === "torch" && typeof stream === "number") wantNoStream(stream);
    if (size === 0 && !model) throw noSize();
    const made = facts({
      batch: labels ? labels.batch : batch,
      size: size === 0 ? model?.size : size,
      channels: channels === 0 ? (isUnread(model) ? undefined : (model?.channels ?? 3)) : channels,
    });
    wantMemory(made);
    if (model) sameSize({ model: facts({ size: model.size, channels: model.channels }), size: made });
    return { x_T: { ...made, meaning: "x" }, noise: made };
  },
  run: ({ labels, model, schedule, seed, generator, batch, size, channels, stream }, world) => {
    const side = size || model?.facts.size;
    if (!side) throw noSize();
    const count = labels?.values.length ?? batch;
    const dims = [count, channels || (model?.facts.channels ?? 3), side, side];
    wantMemory({ batch: count, channels: dims[1], size: side });
    const { index, count: batches } = world.batch;
    const noise = atPort("seed", (): Noise => {
      if (generator === "philox") return philoxNoise({ seed, stream, dims, firstSample: index * count });
      wantNoStream(stream);
      const draws = schedule && 1 + schedule.count;
      if (batches > 1 && draws === undefined) throw noSchedule();
      const counted = { labels: labels?.drawn ?? 0, followed: index + 1 < batches, ...(draws ? { draws } : {}) };
      return torchNoise({ seed, dims, batch: index, ...counted });
    });
    return { x_T: noise.draw(0), noise };
  },
});

const MOST_VALUES = 2 ** 28; // a gibibyte of float32, of which a step holds several

function wantMemory({ batch = 1, channels = 1, size = 1 }: Size): void {
  if (batch * channels * size * size > MOST_VALUES)
    throw new GraphError(
      `Cannot hold ${batch}×${channels}×${size}×${size} values: a batch has at most ${MOST_VALUES}; sample in more batches`,
      "batch",
    );
}

const noSize = () => new GraphError("Cannot tell the size of the noise: set it, or wire a model", "size");

const noSchedule = () =>
  new GraphError(
    "Cannot go on with torch's draws in a second batch: wire the schedule, which tells how many there were",
    "schedule",
  );

function wantNoStream(stream: number): void {
  if (stream !== 0)
    throw new GraphError("Cannot give torch a stream: its draws are one sequence; use philox, or stream 0", "stream");
}
