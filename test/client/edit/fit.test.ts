import { expect, test } from "vitest";
import { bestSlot, borderThatFits, insertable, missingInputs, offers, refusal } from "../../../client/edit/fit.ts";
import { disconnect } from "../../../client/edit/graph.ts";
import { wired } from "../../../client/edit/insert.ts";
import { graphAt } from "../../../client/edit/level.ts";
import { loopStart } from "../../../client/edit/loop-start.ts";
import type { LooseEnd } from "../../../client/edit/wish.ts";
import { type Graph, kindFits } from "../../../graphs/document/index.ts";
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

test("offers what makes a value, or where it ends, before what only changes it", () => {
  const sampler = idOf(outer, "subgraph");
  const first = (held: Partial<LooseEnd>) =>
    offers(catalogue, { node: sampler, slot: "x", side: "input", kind: "tensor", ...held })[0].description.title;
  expect(first({})).toBe("Gaussian Noise");
  expect(first({ kind: "model" })).toBe("Load UNet");
  expect(first({ kind: "cond_fn" })).toBe("Build cond_fn");
  expect(first({ side: "output", kind: "image" })).toBe("Preview");
});

test("missingInputs are the required ones that nothing feeds", () => {
  const node = outer.nodes.find(({ type }) => type === "guidegraph/build-cond-fn");
  const link = outer.links.find(({ to, input }) => to === node?.id && input === "classifier");
  expect(missingInputs(outer, node as never, catalogue)).toEqual([]);
  expect(missingInputs(disconnect(outer, link?.id as number), node as never, catalogue)).toEqual(["classifier"]);
});

test("offers begins with what is made for the wire and ends with a reroute", () => {
  const titles = offers(catalogue, gradient).map(({ description }) => description.title);
  expect(titles.slice(0, 2).toSorted()).toEqual(["Condition Mean", "Condition Score"]);
  expect(titles.at(-1)).toBe("Reroute");
});

test("insertable takes what passes in a wire and gives it on, whichever the wire is", () => {
  for (const { id, from, output } of inner.links) {
    const kind = inner.nodes.find((node) => node.id === from)?.outputs.find(({ name }) => name === output)?.type;
    const offered = insertable(catalogue, inner, id);
    expect(offered.map(({ title }) => title)).toContain("Reroute");
    for (const { type, inputs, outputs } of offered)
      if (type !== "guidegraph/reroute") {
        const fits = (port: { kind: string }) =>
          port.kind === "any" || kindFits(String(kind), port.kind) || kindFits(port.kind, String(kind));
        expect([type, inputs.some(fits), outputs.some(fits)]).toEqual([type, true, true]);
      }
  }
});

test("a sampler of the library takes a wire where an input of its graph is of the kind", () => {
  const sampler = graphAt(outer, [7]) as Graph;
  expect(borderThatFits(sampler, { ...gradient, kind: "schedule", slot: "schedule" })).toBe("schedule");
  expect(borderThatFits(sampler, { ...gradient, kind: "cond_fn", slot: "cond_fn" })).toBe("cond_fn");
  expect(borderThatFits(sampler, { ...gradient, kind: "image" })).toBeUndefined();
  expect(borderThatFits(sampler, { ...gradient, side: "input", kind: "tensor", slot: "x" })).toBe("x");
});

test("a parameter that is no slot takes a wire of its kind, and is one then", () => {
  const noise = idOf(outer, "gaussian-noise");
  const number: LooseEnd = { node: 99, slot: "value", side: "output", kind: "number" };
  expect(refusal(outer, catalogue, number, noise, "seed")).toBeUndefined();
  expect(refusal(outer, catalogue, { ...number, kind: "tensor" }, noise, "seed")).toContain("does not fit “seed”");
  const wish = { from: idOf(outer, "load-unet"), output: "model", to: noise, input: "seed" };
  const next = wired(outer, catalogue, wish);
  expect(next.nodes.find(({ id }) => id === noise)?.inputs).toContainEqual({ name: "seed", type: "number" });
  expect(next.links.at(-1)).toMatchObject(wish);
});

test("a new Sampling Loop comes with step, x and a hint", () => {
  const { nodes, links } = loopStart(catalogue);
  expect(nodes.map(({ type, properties }) => [type, properties.name])).toEqual([
    ["guidegraph/input", "step"],
    ["guidegraph/input", "x"],
    ["guidegraph/output", "x"],
    ["guidegraph/note", undefined],
  ]);
  expect(links).toHaveLength(1);
});
