/** What a structure calls its own, its graph cannot call something else: every structure, every name, every kind. */
import { describe, expect, test } from "vitest";
import { GraphErrors, plan } from "../../executor/index.ts";
import { emptyGraph, holdsGraph, newNode, structures } from "../../graphs/document/index.ts";
import { isStructure, kindList, nodes, type Registry, type Structure } from "../../nodes/index.ts";
import { nothingKnown } from "./toys.ts";

/** A structure whose graph has one input or output more, of that name and kind. */
function problemsOf({ type, title }: Structure, side: "input" | "output", name: string, kind: string): string[] {
  const border = newNode({ id: 1, type: structures[side], set: { name, kind }, pos: [0, 0] }, nodes);
  const inner = { ...emptyGraph, nodes: [border] };
  const node = { ...newNode({ id: 1, type, title, pos: [0, 0] }, nodes), inner };
  const document = { ...emptyGraph, nodes: [node] };
  try {
    plan(document, nodes, nothingKnown);
    return [];
  } catch (error) {
    if (!(error instanceof GraphErrors)) throw error;
    return error.errors.flatMap(({ path, port, message }) => (path === "1/1" ? [`${port}: ${message}`] : []));
  }
}

const holding = Object.values(nodes as Registry).flatMap((entry) =>
  isStructure(entry) && holdsGraph(entry) ? [entry] : [],
);
const own = (ports: Structure["inputs"]) => Object.entries(ports).map(([name, { kind }]) => [name, kind] as const);

describe.each(holding.map((one) => [one.title, one] as const))("of a %s", (_, structure) => {
  const entering = [...own(structure.gives), ...own(structure.inputs)];
  test("an input called as one of its own is of its kind", () => {
    for (const [name, owned] of entering)
      for (const kind of kindList) {
        const isAlike = kind.split(",").includes(owned);
        const refused = `name: "${name}" is the ${structure.title}'s own, a ${owned}: rename this input, or make it a ${owned}`;
        expect(problemsOf(structure, "input", name, kind), `${name} as ${kind}`).toEqual(isAlike ? [] : [refused]);
      }
  });

  const leaving = own(structure.outputs);
  test("no output is called as what it gives itself", () => {
    for (const [name] of leaving)
      for (const kind of kindList)
        expect(problemsOf(structure, "output", name, kind)).toEqual([
          `name: "${name}" is what the ${structure.title} itself gives: rename this output`,
        ]);
  });

  test("other names are free, of whatever kind", () => {
    for (const side of ["input", "output"] as const)
      for (const kind of kindList)
        expect(problemsOf(structure, side, "other", kind).filter((one) => one.includes("own"))).toEqual([]);
  });
});
