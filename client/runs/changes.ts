/**
 * What a run changed against the one before, in the fewest words and what is new first, since there may be room for no more:
 * "scale 4.5, was 3", "Condition Score bypassed".
 */
import { differing, type Graph, type GraphNode, offOf, pathOf, plainGraph } from "../../graphs/document/index.ts";

type TitleOf = (node: GraphNode) => string;

interface Flat {
  /** By path. */
  readonly nodes: ReadonlyMap<string, GraphNode>;
  /** By path and name. */
  readonly values: ReadonlyMap<string, unknown>;
  /** What feeds each input, by path and name. */
  readonly wires: ReadonlyMap<string, string>;
}

function flat(graph: Graph): Flat {
  const nodes = new Map<string, GraphNode>();
  const values = new Map<string, unknown>();
  const wires = new Map<string, string>();
  const walk = (graph: Graph, outer: string) => {
    const plain = plainGraph(graph);
    for (const node of plain.nodes) {
      const path = pathOf(outer, node.id);
      nodes.set(path, node);
      // A hash says again what the file says.
      for (const [name, value] of Object.entries(node.properties))
        if (name !== "sha256") values.set(`${path} ${name}`, value);
      if (node.inner) walk(node.inner, path);
    }
    for (const { from, output, to, input } of plain.links)
      wires.set(`${pathOf(outer, to)} ${input}`, `${from} ${output}`);
  };
  walk(graph, "");
  return { nodes, values, wires };
}

/** Undefined when nothing changed. `titleOf` is how a person calls a node. */
export function changesBetween(before: Graph, after: Graph, titleOf: TitleOf): string | undefined {
  const [a, b] = [flat(before), flat(after)];
  const all = [
    ...nodeChanges(a, b, titleOf),
    ...modeChanges(a, b, titleOf),
    ...wireChanges(a, b, titleOf),
    ...valueChanges(a, b),
  ];
  const [first] = all;
  return first && `${first}${all.length > 1 ? ` and ${all.length - 1} more` : ""}`;
}

/** What is shown beside the graph ("8/3 gradient"), and was not before. */
export function looksBetween(before: ReadonlySet<string>, after: ReadonlySet<string>): string | undefined {
  const [first, ...more] = [...after].filter((one) => !before.has(one));
  return (
    first && `with ${first.slice(first.indexOf(" ") + 1)} shown${more.length > 0 ? ` and ${more.length} more` : ""}`
  );
}

function nodeChanges({ nodes: a }: Flat, { nodes: b }: Flat, titleOf: TitleOf): string[] {
  const isOther = (node: GraphNode, than: GraphNode | undefined) => than?.type !== node.type;
  const come = [...b].filter(([path, node]) => isOther(node, a.get(path)));
  const gone = [...a].filter(([path, node]) => isOther(node, b.get(path)));
  return [
    ...come.map(([, node]) => `with ${titleOf(node)}`),
    ...(come.length === 0 ? gone.map(([, node]) => `without ${titleOf(node)}`) : []),
  ];
}

const modeChanges = ({ nodes: a }: Flat, { nodes: b }: Flat, titleOf: TitleOf): string[] =>
  [...b].flatMap(([path, node]) => {
    const was = a.get(path);
    return was && was.type === node.type && was.mode !== node.mode
      ? [`${titleOf(node)} ${offOf(node) ?? "on again"}`]
      : [];
  });

/** Nodes of both whose inputs are fed by something else. */
function wireChanges(a: Flat, b: Flat, titleOf: TitleOf): string[] {
  const moved = [...new Set([...a.wires.keys(), ...b.wires.keys()])].filter(
    (key) => a.wires.get(key) !== b.wires.get(key),
  );
  const paths = new Set(moved.map((key) => key.slice(0, key.indexOf(" "))));
  return [...paths].flatMap((path) => {
    const node = b.nodes.get(path);
    return node && a.nodes.get(path)?.type === node.type ? [`${titleOf(node)} rewired`] : [];
  });
}

const valueChanges = (a: Flat, b: Flat): string[] =>
  [...b.values].flatMap(([key, value]) => {
    const [path, name] = [key.slice(0, key.indexOf(" ")), key.slice(key.indexOf(" ") + 1)];
    const before = a.values.get(key);
    if (!a.nodes.has(path) || before === value) return [];
    const [now, was] = differing(value, before, roomFor);
    return [`${name} ${now}, was ${was}`];
  });

/** Letters of a value. */
const roomFor = 14;
