import { expect, test } from "vitest";
import { changesBetween } from "../../../client/runs/changes.ts";
import { setParameter } from "../../../graphs/document/index.ts";
import { nodes } from "../../../nodes/index.ts";
import { example } from "../support/graphs.ts";

const before = example("guided-ddim");

test("changesBetween names the parameter that was turned, at any depth, or says that wires moved", () => {
  const turned = setParameter(before, "Build cond_fn.scale", 4.5, nodes);
  expect(changesBetween(before, turned)).toBe("scale 22 → 4.5");
  expect(changesBetween(before, setParameter(turned, "Noise.seed", 7, nodes))).toBe("scale 22 → 4.5 and 1 more");
  expect(changesBetween(before, { ...before, links: before.links.slice(1) })).toBe("rewired");
  expect(changesBetween(before, { ...before, groups: [{ title: "g", bounding: [0, 0, 1, 1] }] })).toBeUndefined();
});
