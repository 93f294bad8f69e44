import { type Noise, philoxNoise, torchNoise } from "../../diffusion/index.ts";
import { atPort, demanded, facts, isUnread, knownNumber, sameSize, sidesOf, wantSides } from "../checks.ts";
import type { Labels } from "../kinds.ts";
import { defineNode, GraphError } from "../node.ts";
import * as port from "../port.ts";
import { sideParameters, squareBefore } from "../sides.ts";
import type { Size } from "../size.ts";

export default defineNode({
  type: "guidegraph/gaussian-noise",
  version: 2,
  title: "Gaussian Noise",
  category: "process",
  description: "Draws the noise a batch starts from, and the stream that its steps take their noise from.",
  equation: "z ~ N(0, I)",
  reference: "th.randn",
  inputs: {
    labels: port.labels({ optional: true, help: "As many labels, as many pictures." }),
    model: port.model({ factsAlone: true, optional: true, help: "Supplies height, width and channels." }),
    schedule: port.schedule({ optional: true, help: "Counts torch's draws, to go on with them in later batches." }),
    seed: port.number({ default: 0, min: 0, max: Number.MAX_SAFE_INTEGER, integer: true, seed: true }),
    generator: port.text({
      default: "philox",
      choices: ["philox", "torch"],
      help: "philox gives sample 17 alike in any batch and on any machine; torch repeats torch.manual_seed on the CPU (CUDA draws other numbers).",
    }),
    batch: port.number({ default: 1, min: 1, max: 4096, integer: true, help: "Pictures a batch, without labels." }),
    ...sideParameters,
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
  migrations: squareBefore,
  perBatch: true,
  enters: true,
  levels: { x_T: "pure" },
  // torch's draws are one sequence, which each size goes through at its own pace.
  stream: (parameter) => {
    const all = [parameter("generator"), parameter("seed"), parameter("stream")];
    return all[0] === "philox" && !all.includes(undefined) ? all : undefined;
  },
  infer: ({ labels, model }, known) => {
    const names = ["batch", "height", "width", "channels"];
    const [batch, height, width, channels] = names.map((name) => knownNumber(known.parameter(name)));
    const [generator, stream] = ["generator", "stream"].map((name) => known.parameter(name));
    if (generator === "torch" && typeof stream === "number") wantNoStream(stream);
    if (height === 0 && !model) throw noSize();
    const made = facts({
      batch: labels ? labels.batch : batch,
      ...sidesOf(height, width, model),
      channels: channels === 0 ? (isUnread(model) ? undefined : (model?.channels ?? 3)) : channels,
    });
    wantMemory(made);
    if (model) {
      wantSides(model, made, "height");
      sameSize({ model: demanded(model), height: made });
    }
    return { x_T: { ...made, meaning: "x" }, noise: made };
  },
  run: ({ labels, model, schedule, seed, generator, batch, height, width, channels, stream }, world) => {
    const sides = sidesOf(height, width, model?.facts);
    if (!sides.height || !sides.width) throw noSize();
    const count = labels?.values.length ?? batch;
    const dims = [count, channels || (model?.facts.channels ?? 3), sides.height, sides.width];
    wantMemory({ batch: count, channels: dims[1], ...sides });
    const { index, count: batches } = world.batch;
    const noise = atPort("seed", (): Noise => {
      if (generator === "philox") return philoxNoise({ seed, stream, dims, firstSample: index * count });
      wantNoStream(stream);
      const draws = schedule && 1 + schedule.count;
      if (batches > 1 && draws === undefined) throw noSchedule();
      if (batches > 1) wantSameCount(labels, dims.slice(1));
      const counted = { labels: labels?.drawn ?? 0, followed: index + 1 < batches, ...(draws ? { draws } : {}) };
      return torchNoise({ seed, dims, batch: index, ...counted });
    });
    return { x_T: noise.draw(0), noise };
  },
});

const MOST_VALUES = 2 ** 28; // a gibibyte of float32, of which a step holds several

function wantMemory({ batch = 1, channels = 1, height = 1, width = 1 }: Size): void {
  if (batch * channels * height * width > MOST_VALUES)
    throw new GraphError(
      `Cannot hold ${batch}×${channels}×${height}×${width} values: a batch has at most ${MOST_VALUES}; sample in more batches`,
      "batch",
    );
}

const noSize = () => new GraphError("Cannot tell the size of the noise: set height, or wire a model", "height");

/** The reference draws labels and noise of all batches from one sequence: both must count it alike. */
function wantSameCount({ counted }: Labels = { values: [] }, picture: readonly number[]): void {
  if (counted && counted.join("×") !== picture.join("×"))
    throw new GraphError(
      `Cannot go on with torch's draws in a second batch: Class Labels counts them for pictures of ${counted.join("×")}, its network's, and these are ${picture.join("×")}; use philox, or sample in one batch`,
      "generator",
    );
}

const noSchedule = () =>
  new GraphError(
    "Cannot go on with torch's draws in a second batch: wire the schedule, which tells how many there were",
    "schedule",
  );

function wantNoStream(stream: number): void {
  if (stream !== 0)
    throw new GraphError("Cannot give torch a stream: its draws are one sequence; use philox, or stream 0", "stream");
}
