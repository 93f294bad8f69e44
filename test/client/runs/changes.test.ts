import { expect, test } from "vitest";
import { titleOf } from "../../../client/edit/level.ts";
import { changesBetween as changes, looksBetween } from "../../../client/runs/changes.ts";
import { type Graph, type GraphNode, setParameter } from "../../../graphs/document/index.ts";
import { nodes } from "../../../nodes/index.ts";
import { catalogue } from "../support/catalogue.ts";
import { example } from "../support/graphs.ts";

const before = example("guided-ddim");
const changesBetween = (a: Graph, b: Graph) => changes(a, b, (node) => titleOf(node, catalogue));

test("changesBetween names the parameter that was turned, at any depth, or says that wires moved", () => {
  const turned = setParameter(before, "Build cond_fn.scale", 4.5, nodes);
  expect(changesBetween(before, turned)).toBe("scale 4.5, was 22");
  expect(changesBetween(before, setParameter(turned, "Noise.seed", 7, nodes))).toBe("scale 4.5, was 22 and 1 more");
  expect(changesBetween(before, { ...before, links: before.links.slice(1) })).toMatch(/ rewired$/);
  const bypassed = before.nodes.map(
    (node): GraphNode => (node.type === "guidegraph/build-cond-fn" ? { ...node, mode: 4 } : node),
  );
  expect(changesBetween(before, { ...before, nodes: bypassed })).toBe("Build cond_fn bypassed");
  const hashed = setParameter(before, "Load UNet.sha256", "0".repeat(64), nodes);
  expect(changesBetween(before, hashed)).toBeUndefined();
  const fewer = before.nodes.filter(({ type }) => type !== "guidegraph/save-npz");
  expect(changesBetween(before, { ...before, nodes: fewer })).toBe("without Save NPZ");
  expect(changesBetween(before, { ...before, groups: [{ title: "g", bounding: [0, 0, 1, 1] }] })).toBeUndefined();
});

test("looksBetween names what is shown anew", () => {
  const [none, gradient] = [new Set<string>(), new Set(["8/3 gradient"])];
  expect(looksBetween(none, gradient)).toBe("with gradient shown");
  expect(looksBetween(gradient, new Set([...gradient, "8/2 x", "8 x0"]))).toBe("with x shown and 1 more");
  expect(looksBetween(gradient, gradient)).toBeUndefined();
  expect(looksBetween(gradient, none)).toBeUndefined();
});
