/** What holds, borders or explains a graph: node types that this folder knows by name, whatever the registry says. */
export const structures = {
  subgraph: "guidegraph/subgraph",
  loop: "guidegraph/sampling-loop",
  input: "guidegraph/input",
  output: "guidegraph/output",
  reroute: "guidegraph/reroute",
  note: "guidegraph/note",
} as const;

/**
 * The one slot of a graph input or output, whose `properties.name` and `properties.kind` say what it is, and of a reroute
 * on each side.
 */
export const graphSlot = "value";

/** The kind of a reroute through which nothing passes. */
export const anyKind = "*";
