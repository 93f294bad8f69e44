/** What a run changed against the one before, in the fewest words: "scale 3 → 4.5", "rewired". */
import { type Graph, pathOf, plainGraph } from "../../graphs/document/index.ts";

interface Flat {
  readonly values: ReadonlyMap<string, unknown>;
  readonly wiring: string;
}

function flat(graph: Graph): Flat {
  const values = new Map<string, unknown>();
  const wires: string[] = [];
  const walk = (graph: Graph, outer: string) => {
    const { nodes, links } = plainGraph(graph);
    for (const { id, type, mode, properties, inner } of nodes) {
      const path = pathOf(outer, id);
      wires.push(`${path} ${type} ${mode}`);
      for (const [name, value] of Object.entries(properties)) values.set(`${path} ${name}`, value);
      if (inner) walk(inner, path);
    }
    for (const { from, output, to, input } of links) wires.push(`${outer}: ${from} ${output} ${to} ${input}`);
  };
  walk(graph, "");
  return { values, wiring: wires.sort().join("\n") };
}

/** Undefined when nothing changed. */
export function changesBetween(before: Graph, after: Graph): string | undefined {
  const [a, b] = [flat(before), flat(after)];
  if (a.wiring !== b.wiring) return "rewired";
  const changed = [...b.values].filter(([key, value]) => a.values.get(key) !== value);
  const [first] = changed;
  if (!first) return undefined;
  const [key, value] = first;
  const name = key.slice(key.indexOf(" ") + 1);
  return `${name} ${short(a.values.get(key))} → ${short(value)}${changed.length > 1 ? ` and ${changed.length - 1} more` : ""}`;
}

const short = (value: unknown): string => {
  const text = value === "" || value === undefined ? "none" : String(value);
  return text.length > 14 ? `${text.slice(0, 13)}…` : text;
};
