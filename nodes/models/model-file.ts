/** How a graph names a model: shared by the nodes that load one. */
import type { ModelFile } from "../known.ts";
import { GraphError } from "../node.ts";
import * as port from "../port.ts";

export const modelParameters = {
  file: port.text({ default: "", file: "model", help: "A file of the models folder." }),
  sha256: port.text({ default: "", pins: "file", help: "SHA-256 of the file in hex; empty accepts any." }),
  flags: port.text({
    default: "",
    help: "The reference's model flags, as typed on its command line, where the file and its card do not tell: --num_heads 4.",
  }),
};

/** The file that the parameters name, or undefined while a wire supplies one of them. Throws a GraphError when none is chosen. */
export function modelFile(parameter: (name: keyof typeof modelParameters) => unknown): ModelFile | undefined {
  const [file, sha256, flags] = (["file", "sha256", "flags"] as const).map(parameter);
  if (file === "") throw new GraphError("Cannot load a model: choose a file", "file");
  if (typeof file !== "string" || typeof sha256 !== "string" || typeof flags !== "string") return undefined;
  return { file, sha256, flags };
}
