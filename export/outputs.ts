/** What an exported graph gives: what its nodes would have shown and saved, and what of them is left out. */
import type { NodeStep, Path } from "../executor/index.ts";
import { GraphError, type Kind, safeStem, type Value } from "../nodes/index.ts";
import type { DrawnPictures } from "../runtime/index.ts";
import type { Names } from "./names.ts";
import type { ExportSheet } from "./sheet.ts";
import { moved, type Traced, type Wired } from "./traced.ts";

/** A node that is not in the exported graph. */
export interface LeftOut {
  readonly path: Path;
  readonly title: string;
  /** A sentence without its subject. */
  readonly why: string;
}

/** What a node that shows or saves is given. */
export interface End {
  readonly node: Pick<NodeStep, "path" | "title">;
  readonly port: string;
  readonly kind: Kind;
  readonly traced: Traced;
  /** What its file is called, as it was typed. */
  readonly file: string | undefined;
}

export interface GraphOutput {
  readonly name: string;
  readonly value: Value;
  readonly is: "x" | "pictures" | "tensor";
  /** The node that shows or saves it in GuideGraph. */
  readonly node: Pick<NodeStep, "path" | "title">;
}

export const leftOutOf = ({ path, title, definition }: NodeStep, isInside: boolean): LeftOut => {
  const does = definition.conclude ? "measures" : definition.saves ? "saves a file" : "shows pictures";
  return { path, title, why: isInside ? `it ${does} in each step` : `it ${does}; what it is given is an output` };
};

/** What a node calls its file. */
export function fileIn(inputs: Wired): string | undefined {
  const [, name] = inputs.find(([port]) => port === "name") ?? [];
  const [value] = name?.is === "known" ? name.known.values : [];
  return typeof value === "string" ? value : undefined;
}

/**
 * The outputs, the last node's first. Pictures that are only laid out or coloured before they are shown leave as they were before;
 * those nodes are left out too. `left`: nodes that were left out before, the others having ends. Throws a GraphError for a tensor
 * that cannot be drawn, and where nothing is left.
 */
export function graphOutputs(
  ends: readonly End[],
  sheet: ExportSheet,
  names: Names,
  left: readonly LeftOut[],
): { readonly outputs: GraphOutput[]; readonly leftOut: LeftOut[] } {
  const outputs: GraphOutput[] = [];
  const leftOut = new Map<Path, LeftOut>();
  const add = (name: string, is: GraphOutput["is"], value: Value, node: GraphOutput["node"]) => {
    if (outputs.some((output) => output.value === value)) return;
    const free = names.free(name, `${node.title}.${is}`, `${node.path}.${is}`);
    outputs.push({ name: free, value, is, node });
  };
  const follow = (traced: Traced, { kind, node, file }: Omit<End, "port" | "traced">): void => {
    if (traced.is === "known") return;
    if (traced.is === "lost") {
      if (kind !== "image") throw traced.problem;
      const { path, title } = traced.node;
      leftOut.set(path, {
        path,
        title,
        why: `${traced.problem.message.replace(/^.*?: /, "")}; what it is given is an output`,
      });
      for (const one of traced.behind) follow(one, { kind: one.is === "drawn" ? one.kind : kind, node, file });
      return;
    }
    if (traced.kind === "tensor")
      add(
        file ? safeStem(file) : "tensor",
        "tensor",
        moved("tensor", traced.value(), traced.sheet, sheet) as Value,
        node,
      );
    if (traced.kind !== "image" || traced.known) return;
    const { bytes, x } = traced.value() as DrawnPictures;
    if (x !== undefined) add("x", "x", x, traced.node ?? node);
    add("pictures", "pictures", bytes, traced.node ?? node);
  };
  for (const { traced, ...end } of [...ends].reverse()) follow(traced, end);
  const [first] = left;
  if (outputs.length === 0 && ends.length === 0 && first)
    throw new GraphError(
      `Nothing to export: “${first.title}” is left out, since ${first.why}; let a Collect gather what it is given, and save that behind the loop`,
      undefined,
      first.path,
    );
  if (outputs.length === 0)
    throw new GraphError(
      "Nothing to export: nothing that is shown or saved depends on noise, labels or files that enter the graph",
    );
  return { outputs, leftOut: [...leftOut.values()] };
}
