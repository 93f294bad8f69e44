import { takeSamples, wantSample } from "../../diffusion/index.ts";
import { atPort, facts, knownNumber } from "../checks.ts";
import { defineNode } from "../node.ts";
import * as port from "../port.ts";
import { sameMeaning } from "../tensors/meaning.ts";
import { drawnSamples } from "./drawn-samples.ts";

export default defineNode({
  type: "guidegraph/take-samples",
  version: 1,
  title: "Take Samples",
  category: "batch",
  description:
    "Takes neighbouring samples of a batch: of a trajectory that a Collect gave those of one step, say, or one picture of many.",
  equation: "y = x[first … first + count − 1]",
  reference: "slice, x[i:i + n], stored trajectory",
  inputs: {
    tensor: port.tensor(),
    first: port.number({
      default: 0,
      min: 0,
      integer: true,
      help: "Number of the first sample that is taken: of a trajectory of n samples n · taken for those of the loop's own step.",
    }),
    count: port.number({ default: 1, min: 1, max: 4096, integer: true, help: "How many." }),
  },
  outputs: { tensor: port.tensor() },
  infer: ({ tensor }, known) => {
    const [first, count] = ["first", "count"].map((name) => knownNumber(known.parameter(name)));
    const { batch, channels, height, width } = tensor ?? {};
    wantThere(batch, first, count);
    return { tensor: { ...facts({ batch: count, channels, height, width }), ...sameMeaning(tensor) } };
  },
  run: ({ tensor, first, count }) => {
    wantThere(tensor.dims[0], first, count);
    return {
      tensor: atPort("first", () =>
        takeSamples(
          tensor,
          Array.from({ length: count }, (_, i) => first + i),
        ),
      ),
    };
  },
  draw: ({ tensor, first, count }, drawing) => {
    const { op } = drawing;
    const places = op.float(
      Array.from({ length: count.fixed }, (_, i) => i),
      [count.fixed],
    );
    return { tensor: drawnSamples(drawing, tensor, op.Add(first.value, places)) };
  },
});

/** Throws a GraphError for samples that a batch does not have. */
function wantThere(batch: number | undefined, first: number | undefined, count: number | undefined): void {
  if (batch === undefined || first === undefined || count === undefined) return;
  atPort("first", () => wantSample(first, batch));
  atPort("count", () => wantSample(first + count - 1, batch, `${count} samples from ${first} on`));
}
