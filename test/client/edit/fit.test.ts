import { expect, test } from "vitest";
import { bestSlot, missingInputs, offers, refusal } from "../../../client/edit/fit.ts";
import { disconnect } from "../../../client/edit/graph.ts";
import { graphAt } from "../../../client/edit/level.ts";
import type { LooseEnd } from "../../../client/edit/wish.ts";
import type { Graph } from "../../../graphs/document/index.ts";
import { catalogue } from "../support/catalogue.ts";
import { example } from "../support/graphs.ts";

const outer = example("guided-ddim");
const inner = graphAt(outer, [7, 9]) as Graph;
const idOf = (graph: Graph, type: string) =>
  graph.nodes.find((node) => node.type === `guidegraph/${type}`)?.id as number;
const gradient: LooseEnd = {
  node: idOf(inner, "guidance-gradient"),
  slot: "gradient",
  side: "output",
  kind: "tensor",
  meaning: "gradient",
};

test("refusal names what does not fit, what the input takes, and the slot that would take the wire", () => {
  const score = idOf(inner, "condition-score");
  expect(refusal(inner, catalogue, gradient, score, "prediction")).toBe(
    "A gradient does not fit “prediction”. This input takes what Mean & Variance gives. “gradient” would take it.",
  );
  expect(refusal(inner, catalogue, gradient, score, "gradient")).toBeUndefined();
});

test("refusal sees a circle, and a node that would feed itself", () => {
  const held: LooseEnd = { node: idOf(inner, "mean-variance"), slot: "mean", side: "output", kind: "tensor" };
  expect(refusal(inner, catalogue, held, idOf(inner, "predict"), "x")).toMatch(/circle/);
  expect(refusal(inner, catalogue, held, held.node, "x")).toMatch(/itself/);
});

test("bestSlot takes a free slot before one that is wired", () => {
  expect(bestSlot(inner, catalogue, gradient, idOf(inner, "condition-score"))).toBe("x");
  expect(bestSlot(inner, catalogue, gradient, idOf(inner, "ddpm-step"))).toBeUndefined();
});

test("offers lists every node that takes the wire, with the port it would use", () => {
  const offered = offers(catalogue, gradient).map(({ description, port }) => `${description.title} ${port}`);
  expect(offered).toContain("Condition Score gradient");
  expect(offered).toContain("Scale tensor");
  expect(offered.some((one) => one.startsWith("Load UNet"))).toBe(false);
});

test("missingInputs are the required ones that nothing feeds", () => {
  const node = outer.nodes.find(({ type }) => type === "guidegraph/build-cond-fn");
  const link = outer.links.find(({ to, input }) => to === node?.id && input === "classifier");
  expect(missingInputs(outer, node as never, catalogue)).toEqual([]);
  expect(missingInputs(disconnect(outer, link?.id as number), node as never, catalogue)).toEqual(["classifier"]);
});
