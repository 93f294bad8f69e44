/** What a new Sampling Loop holds: the step that the loop gives, the x that it carries, and what to do with them. */
import { documentBuilder, type Graph } from "../../graphs/document/index.ts";
import type { Catalogue } from "./catalogue.ts";

const hint =
  "One step of the loop. “step” comes from the schedule, “x” from the step before: wire what makes the next x between the two. " +
  "An output named like an input is carried from step to step.";

export function loopStart({ definitions }: Catalogue): Graph {
  const inner = documentBuilder(definitions);
  inner.input("step", "step");
  inner.output("x", "tensor", inner.input("x", "tensor"));
  inner.add("guidegraph/note", { text: hint });
  return inner.graph();
}
