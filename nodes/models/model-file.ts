/** How a graph names a model: shared by the nodes that load one. */
import { headChoices, layoutChoices, valueChoices } from "../../onnx/adapt/choices.ts";
import type { ModelFile } from "../known.ts";
import { GraphError } from "../node.ts";
import * as port from "../port.ts";

export const modelParameters = {
  file: port.text({ default: "", file: "model", help: "A file of the models folder." }),
  sha256: port.text({ default: "", pins: "file", help: "SHA-256 of the file in hex; empty accepts any." }),
  flags: port.text({
    default: "",
    help: "The reference's model flags, as typed on its command line, where the file and its card do not tell: --num_heads 4; --weights raw where it has averaged ones too.",
  }),
};

/** How a file of somebody else is fitted to the sampler's pictures, N×C×H×W in −1 … 1. */
export const fitParameters = {
  values: port.text({
    default: "auto",
    choices: valueChoices,
    help: "The values it wants its pictures in; auto tells by the file, else takes the sampler's own.",
  }),
  resize: port.text({
    default: "auto",
    help: "auto: to the size that the file fixes, where it takes no timestep; none; or pixels, such as 224.",
  }),
  layout: port.text({
    default: "auto",
    choices: layoutChoices,
    help: "Where its channels are; auto tells by the shape.",
  }),
};

export const headParameters = {
  head: port.text({
    default: "auto",
    choices: headChoices,
    help: "How its answer is read: one of many classes (softmax), each by itself (sigmoid), yes or no (bernoulli), or a score whose own gradient guides.",
  }),
};

type Parameter = keyof typeof modelParameters | keyof typeof fitParameters | keyof typeof headParameters;

/**
 * The file that the parameters name, or undefined while a wire supplies one of them. `fit`: parameters that go into its
 * flags where they are chosen. Throws a GraphError when no file is chosen.
 */
export function modelFile(
  parameter: (name: Parameter) => unknown,
  fit: readonly Parameter[] = [],
): ModelFile | undefined {
  const [file, sha256, flags, ...chosen] = ["file", "sha256", "flags", ...fit].map((name) =>
    parameter(name as Parameter),
  );
  if (file === "") throw new GraphError("Cannot load a model: choose a file", "file");
  if (typeof file !== "string" || typeof sha256 !== "string" || typeof flags !== "string") return undefined;
  if (!chosen.every((choice) => typeof choice === "string")) return undefined;
  const typed = fit.flatMap((name, i) =>
    chosen[i] === "auto" || chosen[i] === "" ? [] : [`--${name} "${chosen[i]}"`],
  );
  return { file, sha256, flags: [...(flags === "" ? [] : [flags]), ...typed].join(" ") };
}
