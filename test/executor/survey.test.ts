/** What one look at a document finds: facts of its wires, and all that is wrong at once. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type KnownModels, survey, describe as told } from "../../executor/index.ts";
import { documentBuilder, type GraphDocument, readDocument, setParameter } from "../../graphs/document/index.ts";
import { GraphError, type NetworkFacts, nodes, type Registry } from "../../nodes/index.ts";
import { packageRoot } from "../../server/files/package-root.ts";
import { toys } from "./toys.ts";

const folder = join(packageRoot, "graphs");
const names = readdirSync(folder).filter((name) => name.endsWith(".json"));
const example = (name: string) => readDocument(readFileSync(join(folder, name), "utf8"));

const shapes: NetworkFacts = { channels: 3, height: 32, width: 32, classes: 10, predicts: "x0", learnSigma: true };
const known: KnownModels = {
  network: (role) =>
    role === "unet" ? { ...shapes, classes: 11, nullLabel: 10 } : { ...shapes, classNames: ["star"] },
  image: (id) => ({ content: id, batch: 2048, channels: 3, height: 32, width: 32 }),
  tensor: () => ({ type: "float32", dims: [2, 3, 4, 4], content: "array" }),
};
const missing: KnownModels = {
  ...known,
  network: (_, { file }) => {
    throw new GraphError(`Model "${file}" is in no models folder`, "file");
  },
};
const registry = nodes as Registry;
const problemsOf = (document: GraphDocument, files = known) => survey(document, registry, files).problems.map(told);

describe("facts", () => {
  test("of every output, inside an open loop too, under its path and name", () => {
    const document = example("guided-ddim.json");
    const facts = new Map(
      survey(document, registry, known)
        .outputs()
        .map(({ path, output, facts }) => [`${path} ${output}`, facts]),
    );
    const typed = (type: string) => {
      const find = (graph: GraphDocument, path: string): string | undefined =>
        graph.nodes
          .map((node) => {
            const here = path === "" ? `${node.id}` : `${path}/${node.id}`;
            return node.type === `guidegraph/${type}` ? here : node.inner && find(node.inner, here);
          })
          .find((found) => found !== undefined);
      return find(document, "");
    };
    const size = { batch: 16, channels: 3, height: 32, width: 32 };
    expect(facts.get(`${typed("mean-variance")} pred_xstart`)).toEqual({ ...size, meaning: "x0" });
    expect(facts.get(`${typed("guidance-gradient")} gradient`)).toEqual({ ...size, meaning: "gradient" });
    expect(facts.get(`${typed("diffusion-schedule")} schedule`)).toMatchObject({ count: 25 });
    // What a subgraph gives, and what enters it, are known by the names of its slots.
    expect(facts.get(`${typed("decode-image")} image`)).toMatchObject(size);
    expect([...facts.keys()].filter((key) => key.endsWith(" value")).length).toBeGreaterThan(5);
  });

  test("go on behind what is wrong, as far as they do not depend on it", () => {
    const { outputs, problems } = survey(example("guided-ddim.json"), registry, missing);
    expect(problems.length).toBeGreaterThan(0);
    expect(outputs().map(({ facts }) => facts)).toContainEqual({ batch: 16, meaning: "x" });
  });
});

describe("problems", () => {
  test.each(names)("%s without its models lacks these and nothing else", (name) => {
    for (const problem of problemsOf(example(name), missing)) expect(problem).toMatch(/^node [\d/]+, file: Model /);
  });

  test("a missing model hides neither a bad respacing in the schedule wired to it nor a missing wire", () => {
    let document = setParameter(example("guided-ddim.json"), "Diffusion Schedule.timestep_respacing", "37x", nodes);
    const preview = document.nodes.find(({ type }) => type === "guidegraph/preview");
    document = { ...document, links: document.links.filter(({ to }) => to !== preview?.id) };
    const found = problemsOf(document, missing);
    expect(found).toContainEqual(expect.stringMatching(/timestep_respacing: .*37x/));
    expect(found).toContainEqual(expect.stringMatching(/images: Preview needs "images"/));
    expect(found.filter((problem) => problem.includes("in no models folder"))).toHaveLength(2);
    expect(found).toHaveLength(4);
  });

  test("a class out of range is told where it was typed", () => {
    const document = setParameter(example("guided-ddim.json"), "Wanted shape.classes", "3,12", nodes);
    const id = document.nodes.find(({ title }) => title === "Wanted shape")?.id;
    const at = `node ${id}, classes: Cannot use label 12: the classifier has 10 classes, 0 to 9`;
    expect(problemsOf(document)).toEqual([at]);
  });

  test("a class out of range that came through a subgraph is told at the outer node", () => {
    const graph = documentBuilder(registry);
    const classifier = graph.add("guidegraph/load-classifier", { file: "c.pt" });
    const inner = graph.subgraph("Wanted", { class: "17" }, (body) => {
      const labels = body.add("guidegraph/class-labels", { classes: body.input("class", "text") });
      body.output("labels", "labels", labels.out("labels"));
    });
    graph.add("guidegraph/build-cond-fn", { classifier: classifier.out("classifier"), labels: inner.out("labels") });
    expect(problemsOf(graph.document())).toEqual([
      "node 2, class: Cannot use label 17: the classifier has 10 classes, 0 to 9",
    ]);
  });

  test("a definition that stumbles over what is not known is not to blame", () => {
    const { registry } = toys();
    const stumbling = {
      ...registry["guidegraph/show"],
      infer: ({ x }: { x: { nested: { deep: number } } }) => ({ is: x.nested.deep }),
    } as never;
    const graph = documentBuilder(registry, {}, { unchecked: true });
    const constant = graph.add("guidegraph/constant", { size: -1 });
    graph.add("guidegraph/show", { x: constant.out("x") });
    const found = survey(graph.document(), { ...registry, "guidegraph/show": stumbling }, known).problems.map(told);
    expect(found).toEqual(["node 1, size: It must be a whole number from 1 to 64, not -1"]);
  });

  test("an empty document has none: that there is nothing to run is told when it is run", () =>
    expect(problemsOf({ nodes: [], links: [], groups: [], about: { versions: {} } })).toEqual([]));
});
