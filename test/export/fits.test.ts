/** Sizes that are known only when the networks are put in: an export that would not run is refused by the node where they meet. */
import { afterAll, expect, test } from "vitest";
import { plan } from "../../executor/index.ts";
import { type Exported, exportPlan } from "../../export/index.ts";
import { documentBuilder, type GraphDocument, type InnerBuilder, type Wire } from "../../graphs/document/index.ts";
import { type AnyNode, GraphError, nodes, type Ports } from "../../nodes/index.ts";
import { type GraphBuilder, graphBuilder, type Value, writeModel } from "../../onnx/index.ts";
import { withKnown } from "../../runtime/index.ts";
import { drawn } from "../support/drawn-cases.ts";
import { feedsOf, opened, surroundings } from "../support/exported.ts";
import { memoryNetworks } from "../support/memory-networks.ts";

/** Of whose output the file says nothing but that it has four axes. */
const shapes: Readonly<Record<string, (op: GraphBuilder, x: Value) => Value>> = {
  same: (op, x) => op.Neg(x),
  taller: (op, x) => op.Concat(x, op.Slice(x, op.int64([0]), op.int64([1]), op.int64([2])), { axis: 2 }),
  deeper: (op, x) => op.Concat(x, x, { axis: 1 }),
  mixed: (op, x) => op.Conv(x, op.float(Array(27).fill(1), [3, 3, 3, 1]), { pads: [1, 0, 1, 0] }),
};
const content = new Map<string, Uint8Array>();
for (const [name, make] of Object.entries(shapes)) {
  const op = graphBuilder();
  const x = op.input("x", "float32", ["N", 3, "height", "width"]);
  op.output("y", make(op, x), "float32", ["N", "K", "H", "W"]);
  content.set(`${name}.onnx`, await writeModel(op.model(name)));
}
const networks = memoryNetworks(content);
afterAll(() => networks.close());

async function exportOf(document: GraphDocument): Promise<Exported> {
  const around = { ...surroundings, networks };
  return exportPlan(await withKnown(around, (known) => plan(document, nodes, known)), around);
}

type At = Pick<InnerBuilder, "add">;
const applied = (b: At, name: string, x: Wire): Wire => {
  const network = b.add("guidegraph/load-network", { file: `${name}.onnx` }).out("network");
  return b.add("guidegraph/apply-network", { network, x }).out("tensor");
};

/** The error of an export, if there is one; else it runs. */
async function refusal(document: GraphDocument): Promise<GraphError | undefined> {
  const exported = await exportOf(document).catch((error: unknown) => error as GraphError);
  if (exported instanceof Error) return exported;
  await (await opened(exported.sampler)).run(feedsOf(exported));
  return undefined;
}

function around(build: (b: ReturnType<typeof documentBuilder>, x: Wire) => Wire): GraphDocument {
  const b = documentBuilder(nodes);
  const x = b.add("guidegraph/gaussian-noise", { batch: 2, height: 4, width: 4, channels: 3 }).out("x_T");
  b.add("guidegraph/save-tensor", { tensor: build(b, x) });
  return b.document();
}

/** Nodes that take tensors alone, with each of these ports. */
const cases = drawn.flatMap((definition: AnyNode) => {
  const ports = Object.entries(definition.inputs as Ports);
  const tensors = ports.filter(([, { kind, parameter }]) => kind === "tensor" && !parameter).map(([name]) => name);
  const others = ports.some(([, port]) => port.kind !== "tensor" && !port.parameter && !port.optional);
  const [output] = Object.entries<Ports[string]>(definition.outputs).find(([, { kind }]) => kind === "tensor") ?? [];
  // The indices of a Gather are one a sample.
  if (output === undefined || others || tensors.length < 2 || definition.type === "guidegraph/gather") return [];
  return tensors.flatMap((odd) =>
    ["same", "taller", "deeper"].map(
      (shape) => [definition.title, shape, odd, definition.type, tensors, output] as const,
    ),
  );
});

let refused = 0;

test.each(cases)("%s, given what the network “%s” makes at “%s”", async (_, shape, odd, type, tensors, output) => {
  const document = around((b, x) => {
    const given = tensors.map((port) => [port, port === odd ? applied(b, shape, x) : x]);
    return b.add(type as "guidegraph/add", Object.fromEntries(given), "Met").out(output as "tensor");
  });
  const met = document.nodes.find(({ title }) => title === "Met")!;
  const error = await refusal(document);
  if (shape === "same") expect(error).toBeUndefined();
  if (error) refused++;
  if (error) expect([error.path, error.message]).toEqual([`${met.id}`, expect.stringMatching(/do not fit/)]);
});

test("of those, some are refused", () => expect(refused).toBeGreaterThan(10));

const summed = (b: At, x: Wire) =>
  b.add("guidegraph/add", { a: applied(b, "taller", x), b: applied(b, "same", x) }, "Met").out("tensor");
const inLoop = (b: ReturnType<typeof documentBuilder>, x: Wire): Wire => {
  const schedule = b.add("guidegraph/diffusion-schedule", { timestep_respacing: "4" }).out("schedule");
  const loop = b.loop("L", { schedule, x }, (inner) => {
    const x = inner.input("x", "tensor");
    const mean = inner.add("guidegraph/reduce", { tensor: summed(inner, x), by: "mean" }).out("tensor");
    inner.output("x", "tensor", inner.add("guidegraph/scale", { tensor: x, scale: mean }).out("tensor"));
  });
  return loop.out("x");
};

test.each<[string, (b: ReturnType<typeof documentBuilder>, x: Wire) => Wire]>([
  ["of two networks", summed],
  ["of a network that reads another", (b, x) => applied(b, "mixed", applied(b, "deeper", x))],
  ["in a loop", inLoop],
])("sizes that do not fit, %s, are told with their node", async (_, build) => {
  const error = await refusal(around(build));
  expect(error).toBeInstanceOf(GraphError);
  expect(error).toMatchObject({ path: expect.any(String), message: expect.stringMatching(/do not fit, .*×/) });
});
