import { fromLayout, type Layout, layouts, nchwDims, samplesOf, toUnitRange } from "../../diffusion/index.ts";
import { atPort, facts } from "../checks.ts";
import type { Meaning } from "../kinds.ts";
import { defineNode, GraphError } from "../node.ts";
import { taken, takenParameters } from "../pictures/taken.ts";
import * as port from "../port.ts";
import { meaningParameter } from "./meaning.ts";

export default defineNode({
  type: "guidegraph/load-tensor",
  version: 1,
  title: "Load Tensor",
  category: "tensors",
  description: "Loads an array of numbers as it is: a scan, a latent, a mask, a map, a gradient.",
  equation: "x = 2 · (v − low) / (high − low) − 1",
  reference: "numpy.load",
  inputs: {
    file: port.text({ default: "", file: "tensor", help: "NPY or NPZ of the images folder." }),
    array: port.text({ default: "", help: "Which array of an NPZ, by its name; empty: the only one." }),
    layout: port.text({
      default: "NCHW",
      choices: layouts,
      help: "What its axes are: samples, channels, height, width. One that it lacks is 1 long.",
    }),
    low: port.number({ default: 0, help: "The value that becomes −1; as high as high: values stay as they are." }),
    high: port.number({ default: 0, help: "The value that becomes 1: 255 with low 0 for bytes." }),
    meaning: meaningParameter,
    ...takenParameters,
  },
  outputs: { tensor: port.tensor() },
  enters: true,
  infer: (_, known) => {
    const names = ["file", "array", "layout", "low", "high", "meaning", "first", "count"] as const;
    const [file, array, layout, low, high, meaning, first, count] = names.map((name) => known.parameter(name));
    if (file === "") throw noFile();
    if (typeof low === "number" && typeof high === "number") wantRange(low, high);
    const meant = typeof meaning === "string" && meaning !== "" ? (meaning as Meaning) : undefined;
    if (typeof file !== "string" || typeof array !== "string" || typeof layout !== "string")
      return { tensor: facts({ meaning: meant }) };
    const { dims } = known.tensor(file, array);
    const [stored, channels, height, width] = atPort("layout", () => nchwDims(dims, layout as Layout));
    const batch = [first, count].includes(undefined) ? undefined : taken(stored, Number(first), Number(count));
    return { tensor: facts({ batch, channels, height, width, meaning: meant }) };
  },
  run: async ({ file, array, layout, low, high, first, count }, world) => {
    if (file === "") throw noFile();
    wantRange(low, high);
    const loaded = await world.tensors.load(file, array);
    const all = atPort("layout", () => fromLayout(loaded, layout as Layout));
    const some = samplesOf(all, first, taken(all.dims[0], first, count)!);
    return { tensor: low === high ? some : toUnitRange(some, low, high) };
  },
});

const noFile = () => new GraphError("Cannot load a tensor: choose a file", "file");

function wantRange(low: number, high: number): void {
  if (high < low) throw new GraphError(`Cannot map ${low} to −1 and ${high} to 1: high must be above low`, "high");
}
