/** The planner in the browser, without a browser: what it asks of the server, and what it makes of the answers. */
import { describe, expect, test } from "vitest";
import { registryOf } from "../../../client/facts/registry.ts";
import { type Post, serverFiles } from "../../../client/facts/server-files.ts";
import { surveyDocument } from "../../../client/facts/survey-document.ts";
import { documentBuilder } from "../../../graphs/document/index.ts";
import { describeNodes } from "../../../nodes/describe.ts";
import { defineNode, nodes, port, type Registry } from "../../../nodes/index.ts";
import type { FactsRequest } from "../../../server/protocol.ts";
import { example } from "../support/graphs.ts";

const facts = { channels: 3, height: 32, width: 32, classes: 11, nullLabel: 10, predicts: "x0" };
const reply = (status: number, body: unknown) => ({ status, json: async () => body });

function server(answer: (request: FactsRequest) => ReturnType<typeof reply> | undefined) {
  const asked: FactsRequest[] = [];
  const post: Post = async (request) => {
    asked.push(request);
    const given = answer(request);
    if (!given) throw new TypeError("Failed to fetch");
    return given;
  };
  return { asked, files: serverFiles(post) };
}

describe("a document of ours", () => {
  test("is asked about where it draws the same twice", async () => {
    const b = documentBuilder(nodes, { title: "Twice" });
    const noise = b.add("guidegraph/gaussian-noise", { height: 8, width: 8 }).out("noise");
    const schedule = b.add("guidegraph/diffusion-schedule").out("schedule");
    const step = b.add("guidegraph/schedule-step", { schedule }).out("step");
    const [one, two] = [1, 2].map(() => b.add("guidegraph/draw-noise", { noise, step }).out("eps"));
    b.add("guidegraph/save-tensor", { tensor: b.add("guidegraph/add", { a: one, b: two }).out("tensor") });
    const { problems, notes } = await surveyDocument(b.document(), nodes, server(() => undefined).files);
    expect(problems).toEqual([]);
    expect(notes).toMatchObject([
      { node: "5", port: "noise", message: expect.stringMatching(/^It draws the very noise that “Draw Noise” draws/) },
    ]);
  });

  test("is known wire by wire, each file asked once", async () => {
    const { asked, files } = server(() => reply(200, facts));
    const first = await surveyDocument(example("guided-ddim"), nodes, files);
    await surveyDocument(example("guided-ddim"), nodes, files);
    expect(first.problems).toEqual([]);
    expect([...first.facts.values()]).toContainEqual({
      batch: 16,
      channels: 3,
      height: 32,
      width: 32,
      meaning: "gradient",
    });
    expect(asked).toHaveLength(2);
    files.forget();
    await surveyDocument(example("guided-ddim"), nodes, files);
    expect(asked).toHaveLength(4);
  });

  test("is refused with the server's words for a file", async () => {
    const { files } = server(() => reply(422, { errors: [{ message: "It differs", port: "sha256" }] }));
    const { problems } = await surveyDocument(example("guided-ddim"), nodes, files);
    expect(problems).toHaveLength(2);
    expect(problems).toContainEqual({ node: expect.any(String), port: "sha256", message: "It differs" });
  });

  test("is not refused for what an absent or busy server does not say, and asked again later", async () => {
    for (const answer of [undefined, reply(503, {})]) {
      const { asked, files } = server(() => answer);
      expect((await surveyDocument(example("guided-ddim"), nodes, files)).problems).toEqual([]);
      await surveyDocument(example("guided-ddim"), nodes, files);
      expect(asked.length).toBeGreaterThan(2);
    }
  });
});

test("a node that only the server has is judged by its ports alone", async () => {
  const own = defineNode({
    ...{ type: "guidegraph/own", version: 1, title: "Own", category: "mine", description: "Mine." },
    inputs: { x: port.tensor(), strength: port.number({ default: 1, min: 0 }) },
    outputs: { x: port.tensor() },
    infer: () => {
      throw new Error("The server's own");
    },
    run: ({ x }) => ({ x }),
  });
  const registry = registryOf(JSON.parse(JSON.stringify(describeNodes({ ...nodes, [own.type]: own } as Registry))));
  const graph = documentBuilder(registry, {}, { unchecked: true });
  const noise = graph.add("guidegraph/gaussian-noise", { height: 8 });
  const mine = graph.add("guidegraph/own", { x: noise.out("x_T"), strength: -1 });
  graph.add("guidegraph/decode-image", { x: mine.out("x") });
  const { files } = server(() => undefined);
  const { problems } = await surveyDocument(graph.document(), registry, files);
  expect(problems).toEqual([{ node: "2", port: "strength", message: "It must be a number of at least 0, not -1" }]);
});
