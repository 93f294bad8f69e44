/** From a node of a document to what its card says: slots, the parameters worth room, one line of facts. */
import {
  type Graph,
  type GraphNode,
  graphSlot,
  own,
  type PortShape,
  portsOf,
  realSource,
  structures,
} from "../../graphs/document/index.ts";
import type { Catalogue } from "../edit/catalogue.ts";
import { missingInputs } from "../edit/fit.ts";
import { titleOf } from "../edit/level.ts";
import { type CardLook, type CardSlot, grid, type NoteLook, type Row } from "./card.ts";

/** What is known beside the document: captions of model files by their id. */
export interface Surroundings {
  readonly catalogue: Catalogue;
  readonly fileFacts: (file: string) => string | undefined;
  /** Outputs of a node whose values are to be seen while its loop runs. */
  readonly watched: (id: number) => string | undefined;
  /** A list of labels in words, where the classes have names. */
  readonly classes: (node: GraphNode) => string | undefined;
  /** Where the graph inside a node came from, and how it stands to that. */
  readonly origin: (graph: Graph) => string | undefined;
}

type Ports = Readonly<Record<string, PortShape & { readonly meaning?: string }>>;

export function cardLook(node: GraphNode, graph: Graph, around: Surroundings): CardLook {
  const { catalogue } = around;
  const known = portsOf(node, catalogue.definitions);
  const ports: { inputs: Ports; outputs: Ports } = known ?? { inputs: {}, outputs: {} };
  const fed = new Set(graph.links.filter(({ to }) => to === node.id).map(({ input }) => input));
  const used = new Set(graph.links.filter(({ from }) => from === node.id).map(({ output }) => output));
  const missing = new Set(known ? missingInputs(graph, node, catalogue) : []);
  const isReroute = node.type === structures.reroute;
  const passing = isReroute ? meaningOf(node, graph, catalogue) : undefined;
  const isNote = node.type === structures.note;
  const slot =
    (of: Ports, wired: ReadonlySet<string>) =>
    ({ name, type }: GraphNode["inputs"][number]): CardSlot => {
      const meaning = isReroute ? passing : own(of, name)?.meaning;
      return {
        name,
        kind: String(type),
        wired: wired.has(name),
        missing: missing.has(name),
        ...(meaning && { meaning }),
      };
    };
  const inputs = node.inputs.map(slot(ports.inputs, fed));
  const outputs = node.outputs.map(slot(ports.outputs, used));
  const border = node.type === structures.input || node.type === structures.output;
  const main = border ? (outputs[0] ?? inputs[0]) : (outputs[0] ?? inputs[0]);
  const caption = captionOf(node, around);
  return {
    form: isReroute ? "reroute" : isNote ? "note" : "node",
    title: titleOf(node, catalogue),
    kind: main?.kind ?? "",
    ...(main?.meaning && { meaning: main.meaning }),
    inputs: border ? inputs.map((one) => ({ ...one, name: String(node.properties.name ?? one.name) })) : inputs,
    outputs: border ? outputs.map((one) => ({ ...one, name: String(node.properties.name ?? one.name) })) : outputs,
    rows: isNote ? [] : rowsOf(node, ports.inputs, around.classes(node)),
    ...(caption && { caption }),
    shows: showsPicture(node) || around.watched(node.id) !== undefined,
    opens: node.inner !== undefined,
    unknown: known === undefined,
    pinned: node.look.pinned === true,
    mode: node.mode,
    ...(isNote && { note: noteOf(node) }),
  };
}

/** What passes through a reroute is what its real source says it gives. */
function meaningOf({ id }: GraphNode, graph: Graph, { definitions }: Catalogue): string | undefined {
  const source = realSource(graph, { node: id, slot: graphSlot });
  const giver = source && graph.nodes.find((node) => node.id === source.node);
  const ports: { outputs: Ports } | undefined = giver && portsOf(giver, definitions);
  return source && own(ports?.outputs, source.slot)?.meaning;
}

const [narrowest, widest] = [120, 640];

const noteOf = ({ properties, title, size }: GraphNode): NoteLook => ({
  text: String(own(properties, "text") ?? ""),
  ...(title !== undefined && title !== "Note" && { heading: title }),
  width: Math.round(Math.min(widest, Math.max(narrowest, size[0])) / grid) * grid,
});

/** All parameters that are no slots, for the inspector. */
export function parametersOf(node: GraphNode, ports: Readonly<Record<string, PortShape>>): Row[] {
  return Object.entries(ports).flatMap(([name, { kind, parameter }]): Row[] => {
    if (!parameter || node.inputs.some((slot) => slot.name === name)) return [];
    const value = own(node.properties, name) ?? parameter.default;
    return [{ name, kind, parameter, value, shown: shownValue(value, parameter) }];
  });
}

const roomFor = 6;

/** On the card: what differs from its default, the first, and the second unless it is an empty text; no hash of a file. */
function rowsOf(node: GraphNode, ports: Readonly<Record<string, PortShape>>, classes: string | undefined): Row[] {
  const plain = parametersOf(node, ports).filter(({ parameter }) => parameter.pins === undefined);
  const all =
    classes === undefined ? plain : plain.map((row) => (row.name === "classes" ? { ...row, shown: classes } : row));
  const isEmptyText = ({ parameter }: Row) => parameter.default === "" && !parameter.choices;
  return all
    .filter((row, i) => i === 0 || (i === 1 && !isEmptyText(row)) || row.value !== row.parameter.default)
    .slice(0, roomFor);
}

function shownValue(value: unknown, { choices, file }: Row["parameter"]): string {
  if (value === "" && file) return "choose a file";
  if (value === "" && choices) return "from model";
  return typeof value === "number" ? String(Number(value.toPrecision(12))) : String(value);
}

function captionOf(node: GraphNode, { fileFacts, origin }: Surroundings): string | undefined {
  const file = own(node.properties, "file");
  if (typeof file === "string" && file !== "") return fileFacts(file);
  if (node.type === "guidegraph/save-png") return "PNG carries this graph";
  return node.inner && origin(node.inner);
}

/** Previews, and what holds a loop: there x₀ is seen as it forms. */
function showsPicture(node: GraphNode): boolean {
  if (node.type === "guidegraph/preview" || node.type === structures.loop) return true;
  return node.inner?.nodes.some(showsLoop) ?? false;
}
const showsLoop = (node: GraphNode): boolean =>
  node.type === structures.loop || (node.inner?.nodes.some(showsLoop) ?? false);
