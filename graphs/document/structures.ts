/** What holds, borders or explains a graph: node types that this folder knows by name, whatever the registry says. */
export const structures = {
  subgraph: "guidegraph/subgraph",
  loop: "guidegraph/sampling-loop",
  differentiate: "guidegraph/differentiate",
  input: "guidegraph/input",
  output: "guidegraph/output",
  reroute: "guidegraph/reroute",
  note: "guidegraph/note",
} as const;

export type StructureType = (typeof structures)[keyof typeof structures];

interface Typed {
  readonly type: string;
}

/** A subgraph, a loop or a Differentiate, whose ports are those of the graph inside it. */
export const holdsGraph = ({ type }: Typed): boolean =>
  type === structures.subgraph || type === structures.loop || type === structures.differentiate;

/** A graph input or output: `properties.name` and `properties.kind` say which port of the node around it is meant. */
export const isBorder = ({ type }: Typed): boolean => type === structures.input || type === structures.output;

/** The one slot of a graph input or output, and of a reroute on each side. */
export const graphSlot = "value";

/** The kind of a reroute through which nothing passes. */
export const anyKind = "*";

/** Whether an input takes all that an output may give: a slot of several kinds names them, as litegraph writes it. */
export const kindFits = (output: string, input: string): boolean =>
  output === input || output.split(",").every((kind) => input.split(",").includes(kind));
