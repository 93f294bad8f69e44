import { describe, expect, test } from "vitest";
import { catalogueOf } from "../../../client/edit/catalogue.ts";
import { connect } from "../../../client/edit/graph.ts";
import { withGraphAt } from "../../../client/edit/level.ts";
import { broughtBy, isUnwired, misfitWords } from "../../../client/facts/judge.ts";
import { survey } from "../../../executor/index.ts";
import { documentBuilder, type Graph, newNode, structures } from "../../../graphs/document/index.ts";
import { describeNodes, type GraphError, nodes } from "../../../nodes/index.ts";
import type { Problem } from "../../../server/protocol.ts";

const target = { node: "7/3", port: "x" };
const size = { ...target, message: "Cannot use x (1×3×64×64) with model (?×3×32×32): its sides must be 32×32" };

describe("a wire brings", () => {
  test("a problem that was not there without it, that of its own end first", () => {
    const other = { node: "9", port: "images", message: "It is too large" };
    expect(broughtBy([], [other, size], target)).toBe(size);
    expect(broughtBy([], [other], target)).toBe(other);
  });
  test("nothing where the same was wrong before, even in other words", () => {
    const before = { node: "2", port: "classes", message: "Cannot read class “star”" };
    const after = { ...before, message: "Cannot read class “star”: give names: circle" };
    expect(broughtBy([before], [after], target)).toBeUndefined();
    expect(broughtBy([size], [size], target)).toBeUndefined();
  });
  test("what follows the missing wire that it replaces", () =>
    expect(broughtBy([{ ...target, message: "nothing is wired to it" }], [size], target)).toBe(size));
});

describe("what is not wired yet is no reason against a wire:", () => {
  const catalogue = catalogueOf(describeNodes(nodes));
  const unet = { channels: 3, outChannels: 3, height: 32, width: 32, classes: 10, predicts: "x0" };
  const known = { network: () => unet, image: () => ({}), tensor: () => ({}) } as never;
  const surveyed = (graph: Graph) => survey({ ...documentBuilder(nodes).document(), ...graph }, nodes, known).problems;
  const told = ({ path, port, message }: GraphError): Problem => ({
    ...(path !== undefined && { node: path }),
    ...(port !== undefined && { port }),
    message,
  });

  /** Problems that are a wire's fault, by wiring it in a graph of one level inside of another. */
  function misfits(document: Graph, level: readonly number[], inner: Graph, wire: [number, string, number, string]) {
    const before = withGraphAt(document, level, inner, catalogue);
    const after = withGraphAt(document, level, connect(inner, ...wire), catalogue);
    const problems = surveyed(after).map(told);
    const target = { node: [...level, wire[2]].join("/"), port: wire[3] };
    const count = problems.filter((one) => isUnwired(one, after, catalogue)).length;
    const fits = problems.filter((one) => !isUnwired(one, after, catalogue));
    return { count, brought: broughtBy(surveyed(before).map(told), fits, target) };
  }

  test.each([structures.subgraph, structures.loop, structures.differentiate])(
    "an input of a %s, wired inside before outside",
    (type) => {
      const b = documentBuilder(nodes);
      b.input("x", "tensor");
      b.add("guidegraph/reduce", {});
      const inner = b.graph();
      const [x, reduce] = inner.nodes;
      const node = newNode({ id: 1, type, inner }, catalogue.definitions);
      const document = { ...documentBuilder(nodes).document(), nodes: [node] };
      const { count, brought } = misfits(document, [1], inner, [x.id, x.outputs[0].name, reduce.id, "tensor"]);
      expect(count).toBeGreaterThan(0);
      expect(brought).toBeUndefined();
    },
  );

  test("labels that a network wants, which is wired before they are", () => {
    const b = documentBuilder(nodes);
    b.add("guidegraph/load-unet", { file: "unet.pt" });
    const noise = b.add("guidegraph/gaussian-noise", { height: 32 }).out("x_T");
    b.add("guidegraph/predict", { x: noise });
    const document = b.document();
    const [{ id: unet }, , { id: predict }] = document.nodes;
    expect(misfits(document, [], document, [unet, "model", predict, "model"]).brought).toBeUndefined();
  });
});

describe("a misfit is told in two sentences", () => {
  const phrase = "a tensor (x, 1 × 3 × 64 × 64)";
  test("what does not fit, then what would", () =>
    expect(misfitWords(phrase, target, size, undefined)).toBe(
      "A tensor (x, 1 × 3 × 64 × 64) does not fit “x”. Its sides must be 32×32.",
    ));
  test("with the whole message where another port is at fault", () =>
    expect(misfitWords(phrase, { ...target, port: "model" }, size, undefined)).toBe(
      `A tensor (x, 1 × 3 × 64 × 64) does not fit “model”. ${size.message}.`,
    ));
  test("with the name of the node where another one is", () =>
    expect(misfitWords(phrase, { node: "1", port: "x" }, size, "Predict")).toBe(
      `A tensor (x, 1 × 3 × 64 × 64) does not fit “x”. Predict: ${size.message}.`,
    ));
  test("with that name once, where the problem begins with it", () =>
    expect(misfitWords(phrase, target, { ...target, message: "“Decode Image” cannot be drawn" }, "Decode Image")).toBe(
      "A tensor (x, 1 × 3 × 64 × 64) does not fit “x”. “Decode Image” cannot be drawn.",
    ));
});
