/** From a node of a document to what its card says: slots, the parameters worth room, one line of facts. */
import {
  type GraphNode,
  isBorder,
  offOf,
  own,
  type PortShape,
  portsOf,
  structures,
} from "../../graphs/document/index.ts";
import { titleOf } from "../edit/level.ts";
import { parametersOf, type ShownParameter } from "../edit/parameters.ts";
import { snapped } from "./card.ts";
import type { CardLook, CardSlot, NoteLook } from "./card-look.ts";
import type { Givens } from "./givens.ts";

type Ports = Readonly<Record<string, PortShape & { readonly meaning?: string }>>;

export function cardLook(node: GraphNode, givens: Givens): CardLook {
  const { catalogue, caption } = givens;
  const known = portsOf(node, catalogue.definitions);
  const ports: { inputs: Ports; outputs: Ports } = known ?? { inputs: {}, outputs: {} };
  const isReroute = node.type === structures.reroute;
  const isNote = node.type === structures.note;
  const slot =
    (of: Ports, wired: readonly string[]) =>
    ({ name, type }: GraphNode["inputs"][number]): CardSlot => {
      const meaning = isReroute ? givens.meaning : own(of, name)?.meaning;
      return {
        name,
        kind: String(type),
        wired: wired.includes(name),
        missing: givens.missing.includes(name),
        ...(meaning && { meaning }),
      };
    };
  const inputs = node.inputs.map(slot(ports.inputs, givens.wiredInputs));
  const outputs = node.outputs.map(slot(ports.outputs, givens.wiredOutputs));
  const border = isBorder(node);
  const main = outputs[0] ?? inputs[0];
  return {
    form: isReroute ? "reroute" : isNote ? "note" : "node",
    title: titleOf(node, catalogue),
    kind: main?.kind ?? "",
    ...(main?.meaning && { meaning: main.meaning }),
    inputs: border ? inputs.map((one) => ({ ...one, name: String(node.properties.name ?? one.name) })) : inputs,
    outputs: border ? outputs.map((one) => ({ ...one, name: String(node.properties.name ?? one.name) })) : outputs,
    rows: isNote ? [] : rowsOf(node, ports.inputs, givens),
    ...(caption && { caption }),
    shows: showsPicture(node) || givens.isWatched,
    opens: node.inner !== undefined,
    unknown: known === undefined,
    pinned: node.look.pinned === true,
    off: offOf(node),
    ...(isNote && { note: noteOf(node) }),
  };
}

const [narrowest, widest] = [120, 640];

const noteOf = ({ properties, title, size }: GraphNode): NoteLook => ({
  text: String(own(properties, "text") ?? ""),
  ...(title !== undefined && title !== "Note" && { heading: title }),
  width: snapped(Math.min(widest, Math.max(narrowest, size[0]))),
});

const roomFor = 6;

/**
 * On the card: what differs from its default, the first, the second unless it is an empty text, and texts that say something when
 * they are empty; no hash of a file, and what few set only where somebody did.
 */
function rowsOf(
  node: GraphNode,
  ports: Readonly<Record<string, PortShape>>,
  { classes, renewed }: Givens,
): ShownParameter[] {
  const plain = parametersOf(node, ports).filter(
    ({ parameter, value }) => parameter.pins === undefined && (!parameter.aside || value !== parameter.default),
  );
  const all = plain.map((row) => {
    if (row.name === "classes" && classes !== undefined) return { ...row, shown: classes };
    return renewed.includes(row.name) ? { ...row, shown: `↻ ${row.shown}` } : row;
  });
  const isEmptyText = ({ parameter }: ShownParameter) => parameter.default === "" && !parameter.choices;
  return all
    .filter(
      (row, i) =>
        i === 0 ||
        (i === 1 && !isEmptyText(row)) ||
        (row.parameter.empty !== undefined && !row.parameter.choices) ||
        row.value !== row.parameter.default,
    )
    .slice(0, roomFor);
}

/** Previews, and what holds a loop: there x₀ is seen as it forms. */
function showsPicture(node: GraphNode): boolean {
  if (node.type === "guidegraph/preview" || node.type === structures.loop) return true;
  return node.inner?.nodes.some(showsLoop) ?? false;
}
const showsLoop = (node: GraphNode): boolean =>
  node.type === structures.loop || (node.inner?.nodes.some(showsLoop) ?? false);
