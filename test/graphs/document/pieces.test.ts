import { expect, test } from "vitest";
import {
  canonical,
  contentHash,
  documentBuilder,
  type Graph,
  hashInPieces,
  type LevelBuilder,
  type Pieces,
  pieceByPiece,
  readDocument,
  readInPieces,
  setInPieces,
  writeDocument,
  writeInPieces,
} from "../../../graphs/document/index.ts";
import { nodes } from "../../../nodes/index.ts";

/** Of `count` nodes beside the subgraphs that they lie in, and half as many links. */
function large(count: number, subgraphs: number): object {
  const b = documentBuilder(nodes, { title: "Large" });
  const fill = (inner: Pick<LevelBuilder, "add">, pairs: number) => {
    for (let i = 0; i < pairs; i++)
      inner.add("guidegraph/decode-image", { x: inner.add("guidegraph/gaussian-noise", { height: 16 }).out("x_T") });
  };
  if (subgraphs === 0) fill(b, count / 2);
  for (let i = 0; i < subgraphs; i++) b.subgraph(`Part ${i}`, {}, (inner) => fill(inner, count / subgraphs / 2));
  return JSON.parse(JSON.stringify(writeDocument(b.document())));
}

/** How often a generator pauses on its way. */
async function counted<T>(pieces: Pieces<T>): Promise<{ readonly made: T; readonly pauses: number }> {
  let pauses = 0;
  const made = await pieceByPiece(pieces, () => {
    pauses++;
    return undefined;
  });
  return { made, pauses };
}

test.each([
  [400, 0],
  [400, 20],
  [400, 200],
])("a document of %i nodes in %i subgraphs pauses behind each node and link", async (count, subgraphs) => {
  const json = large(count, subgraphs);
  const [all, links] = [count + subgraphs, count / 2];
  const read = await counted<Graph>(readInPieces(json));
  expect(read.made).toEqual(readDocument(json));
  // Whether they are of the schema, what they are, and what is kept of them; and three steps of the whole.
  expect(read.pauses).toBe(3 * all + 3 * links + 3);
  const written = await counted(writeInPieces(read.made));
  expect(written.made).toEqual(json);
  expect(written.pauses).toBe(all + links);
  const hashed = await counted(hashInPieces(read.made));
  expect(hashed.made).toBe(contentHash(read.made));
  expect(hashed.pauses).toBeGreaterThan(2 * all + links);
});

test("settings pause one by one", async () => {
  const document = readDocument(large(4, 0));
  const settings = [1, 3, 1].map((id, i) => [`${id}.height`, 32 + i] as const);
  const { made, pauses } = await counted<Graph>(setInPieces(document, settings, nodes));
  expect(made.nodes.map(({ properties: { height } }) => height)).toEqual([34, undefined, 33, undefined]);
  expect(pauses).toBe(settings.length);
});

test("others have their turn wherever it is asked for", async () => {
  const turns: number[] = [];
  function* pieces(): Pieces<string> {
    for (let i = 0; i < 4; i++) yield;
    return "made";
  }
  let asked = 0;
  const made = pieceByPiece(pieces(), () => (++asked % 2 === 0 ? Promise.resolve(turns.push(asked)) : undefined));
  expect(await made).toBe("made");
  expect(turns).toEqual([2, 4]);
});

test.each([
  [{ b: [1, { d: undefined, c: null }, undefined], a: "x" }, '{"a":"x","b":[1,{"c":null},null]}'],
  [undefined, "null"],
  [[[], {}], "[[],{}]"],
])("%j is written as %s, whatever the order of its keys", (value, text) => {
  expect(canonical(value)).toBe(text);
});

test("what is wrong with a document is thrown from whichever piece finds it", async () => {
  const json = large(400, 0) as { nodes: { id: number }[] };
  json.nodes[1].id = json.nodes[0].id;
  expect(() => readDocument(json)).toThrow("Two nodes have the id");
  await expect(counted(readInPieces(json))).rejects.toThrow("Two nodes have the id");
});
