/** What one graph does otherwise than another that it was a copy of, a short sentence each. */
import { differing, type Graph, type GraphNode, offOf, plainGraph } from "../../graphs/document/index.ts";
import type { Catalogue } from "./catalogue.ts";
import { titleOf } from "./level.ts";

/** From the inside of `before` to that of `after`; nodes are the same where id and type are. */
export function differences(before: Graph, after: Graph, catalogue: Catalogue): string[] {
  const [a, b] = [plainGraph(before), plainGraph(after)];
  const name = (node: GraphNode) => titleOf(node, catalogue);
  const twin = (graph: Graph, node: GraphNode) =>
    graph.nodes.find(({ id, type }) => id === node.id && type === node.type);
  const added = b.nodes.filter((node) => !twin(a, node));
  const gone = a.nodes.filter((node) => !twin(b, node));
  const kept = b.nodes.flatMap((now): [GraphNode, GraphNode][] => {
    const was = twin(a, now);
    return was ? [[was, now]] : [];
  });
  return [
    ...gone.map((node) => `${name(node)} is gone`),
    ...added.map((node) => `${name(node)} is new`),
    ...kept.flatMap(([was, now]) => [
      ...changedNode(was, now, name),
      ...changedWires(a, b, now, name),
      ...(was.inner && now.inner ? differences(was.inner, now.inner, catalogue) : []),
    ]),
  ];
}

function changedNode(was: GraphNode, now: GraphNode, name: (node: GraphNode) => string): string[] {
  const names = [...new Set([...Object.keys(was.properties), ...Object.keys(now.properties)])];
  const values = names.filter((key) => was.properties[key] !== now.properties[key]);
  return [
    ...(name(was) === name(now) ? [] : [`${name(was)} is called ${name(now)}`]),
    ...(was.mode === now.mode ? [] : [`${name(now)} ${offOf(now) === undefined ? "runs again" : `is ${offOf(now)}`}`]),
    ...values.map(
      (key) => `${name(now)}: ${key} ${differing(was.properties[key], now.properties[key], roomFor).join(" → ")}`,
    ),
  ];
}

function changedWires(a: Graph, b: Graph, { id }: GraphNode, name: (node: GraphNode) => string): string[] {
  const entering = (graph: Graph) =>
    new Map(graph.links.filter(({ to }) => to === id).map((link) => [link.input, link]));
  const giver = (graph: Graph, node: number) => {
    const found = graph.nodes.find((one) => one.id === node);
    return found ? name(found) : `${node}`;
  };
  const [was, now] = [entering(a), entering(b)];
  return [...new Set([...was.keys(), ...now.keys()])].flatMap((input) => {
    const [before, after] = [was.get(input), now.get(input)];
    if (before?.from === after?.from && before?.output === after?.output) return [];
    const where = `${giver(b, id)}: ${input}`;
    return after ? [`${where} from ${giver(b, after.from)}`] : [`${where} is not wired`];
  });
}

/** Letters of a value. */
const roomFor = 18;
