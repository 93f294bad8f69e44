/** Sizes that do not fit, at every drawn node: refused in the house's words, with the node, in a run as before one. */
import { expect, test } from "vitest";
import type { Tensor } from "../../diffusion/index.ts";
import { GraphError, type Ports } from "../../nodes/index.ts";
import { dims, graphOf, type Placed, portsOf, randomTensor } from "../support/drawn.ts";
import { cases, drawn, inputsOf, makers, plain, readers } from "../support/drawn-cases.ts";

const [batch, channels, side] = [dims[0], dims[1], dims[2]];
/** Sizes beside the usual one. */
const misfits = [
  [batch + 1, channels, side, side],
  [batch, channels + 2, side, side],
  [batch, channels, side + 1, side],
  [batch, channels, side],
  [batch * channels * side * side],
  [batch, 1, 1, 1],
  [batch + 1, 1, 1, 1],
];

const isTensor = (value: unknown): value is Tensor => (value as Tensor | undefined)?.data instanceof Float32Array;

const all = drawn.flatMap((definition) => {
  const [variant] = cases[definition.type] ?? plain;
  const given = inputsOf(definition, variant);
  const tensors = Object.keys(portsOf(definition)).filter((port) => isTensor(given[port]));
  const by = Object.entries(portsOf(definition)).flatMap(([port, { kind }]) =>
    makers[kind] && port in given ? [[port, makers[kind]] as const] : [],
  );
  return by.flatMap(([variable, maker]) =>
    [...tensors, "the variable"].map((port) => [definition.title, port, variable, definition, given, maker] as const),
  );
});

test.each(all)("%s, with another size at “%s”, by %s", async (_, port, variable, definition, given, maker) => {
  if (port === variable) return;
  for (const size of misfits) {
    const other = port === "the variable" ? {} : { [port]: randomTensor(9, size) };
    const inputs = Object.fromEntries(Object.entries({ ...given, ...other }).map(([name, value]) => [name, { value }]));
    const node: Placed = { path: "5", definition, inputs: { ...inputs, [variable]: maker.from } };
    const at = randomTensor(7, port === "the variable" ? size : dims);
    for (const [output, { kind }] of Object.entries<Ports[string]>(definition.outputs)) {
      const reader = readers[kind]?.(["5", output]);
      if (!reader) continue;
      const error = await graphOf([...maker.nodes, node, ...reader.nodes], reader.of)
        .run(at, [{ of: "5", output }])
        .then(
          () => undefined,
          (error: unknown) => error,
        );
      if (error === undefined) continue;
      const { message, path } = error as GraphError;
      const what = `${output} of ${size.join("×")}: ${message}`;
      expect(error, what).toBeInstanceOf(GraphError);
      expect(message, what).not.toMatch(
        /status code|onnxruntime|\bOp \(|\bNode \(|node "|cannot be computed|Cannot load/,
      );
      // What comes out without a number is told by the output that holds it; labels of a cond_fn are of the node that made it.
      if (!/NaN|labels/.test(message)) expect(path, what).toBeDefined();
    }
  }
});
