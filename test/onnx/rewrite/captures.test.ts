import { expect, test } from "vitest";
import { graphBuilder, type OnnxNode } from "../../../onnx/index.ts";
import { renameValues, usesOf } from "../../../onnx/rewrite/captures.ts";

/** A Scan whose body reads x and w from outside and names its own step "y", as the graph outside does too. */
function scan(): OnnxNode {
  const body = graphBuilder("body/");
  const y = body.input("y", "float32", [2]);
  body.output("body/z", body.Add(body.Mul(y, "w"), "x"), "float32");
  const op = graphBuilder();
  op.add("Scan", ["first", "y"], { body: body.graph("body"), num_scan_inputs: 1 }, 1);
  return op.nodes[0];
}

test("a node uses its inputs and what its inner graphs take from outside", () => {
  expect(new Set(usesOf(scan()))).toEqual(new Set(["first", "y", "w", "x"]));
});

test("values are renamed inside too, but not those that an inner graph defines itself", () => {
  const renamed = renameValues(scan(), (name) => `${name}'`);
  expect(new Set(usesOf(renamed))).toEqual(new Set(["first'", "y'", "w'", "x'"]));
  expect(renamed.outputs).toEqual(["Scan.0'"]);
  const { nodes, inputs } = renamed.attributes.body as ReturnType<ReturnType<typeof graphBuilder>["graph"]>;
  expect(inputs.map(({ name }) => name)).toEqual(["y"]);
  expect(nodes[0].inputs).toEqual(["y", "w'"]);
});
