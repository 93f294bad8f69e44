import type { NetworkOutput } from "../handles.ts";
import { GraphError } from "../node.ts";

/** Of the outputs of a network the one of that name, "" for the first. Throws a GraphError that lists the outputs there are. */
export function outputNamed(outputs: readonly NetworkOutput[], name: string): NetworkOutput {
  const found = name === "" ? outputs[0] : outputs.find((output) => output.name === name);
  if (found) return found;
  const shown = outputs.map(
    ({ name, dims }) => `"${name}"${dims ? ` ${dims.map((dim) => dim ?? "?").join("×")}` : ""}`,
  );
  const typed = name.length > 60 ? `${name.slice(0, 60)}…` : name;
  throw new GraphError(`The network has no output "${typed}": there are ${shown.join(", ")}`, "output");
}
