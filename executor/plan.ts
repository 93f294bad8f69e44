import type { GraphDocument } from "../graphs/document/index.ts";
import { GraphError, type Registry } from "../nodes/index.ts";
import { GraphErrors } from "./errors.ts";
import { survey } from "./survey.ts";
import type { KnownModels, Path, Plan } from "./types.ts";

/**
 * Plans a document: subgraphs dissolved, nodes in order, facts inferred, loops with bodies planned once.
 *
 * Without `targets` the whole document must be sound, and what its nodes with an effect (show, save) need is planned.
 * With `targets`, the paths of nodes to run to, only what they need is looked at. Throws GraphErrors with every problem.
 */
export function plan(document: GraphDocument, registry: Registry, known: KnownModels, targets?: readonly Path[]): Plan {
  const surveyed = survey(document, registry, known, targets);
  if (surveyed.problems.length > 0) throw new GraphErrors(surveyed.problems);
  const plan = surveyed.plan();
  if (plan.targets.length === 0)
    throw new GraphErrors([new GraphError("Nothing to run: no node shows or saves anything")]);
  return plan;
}
