import { expect, test } from "vitest";
import {
  documentBuilder,
  type Graph,
  pieceByPiece,
  readDocument,
  readInPieces,
  writeDocument,
  writeInPieces,
} from "../../../graphs/document/index.ts";
import { pieceLength } from "../../../graphs/document/pieces.ts";
import { nodes } from "../../../nodes/index.ts";

/** Of `count` nodes and as many links, and beside them a subgraph of as many where it has one. */
function large(count: number): object {
  const b = documentBuilder(nodes, { title: "Large" });
  for (let i = 0; i < count / 2; i++) {
    const { out } = b.add("guidegraph/gaussian-noise", { height: 16 });
    b.add("guidegraph/decode-image", { x: out("x_T") });
  }
  return writeDocument(b.document());
}

async function counted<T>(pieces: Generator<void, T, void>): Promise<{ readonly made: T; readonly turns: number }> {
  let turns = 0;
  const made = await pieceByPiece(pieces, async () => turns++);
  return { made, turns };
}

test.each([10, 4 * pieceLength, 10 * pieceLength])(
  "a document of %i nodes is read and written in pieces, as it is at once",
  async (count) => {
    const json = JSON.parse(JSON.stringify(large(count)));
    const isSmall = count <= pieceLength;
    const read = await counted<Graph>(readInPieces(json));
    expect(read.made).toEqual(readDocument(json));
    // Nodes, then nodes and links with what is kept of them.
    expect(read.turns).toBe(isSmall ? 0 : (2.5 * count) / pieceLength - 2);
    const written = await counted(writeInPieces(read.made));
    expect(written.made).toEqual(json);
    expect(written.turns).toBe(isSmall ? 0 : (1.5 * count) / pieceLength - 2);
  },
);

test("what is wrong with a document is thrown from whichever piece finds it", async () => {
  const json = JSON.parse(JSON.stringify(large(4 * pieceLength)));
  json.nodes[1].id = json.nodes[0].id;
  expect(() => readDocument(json)).toThrow("Two nodes have the id");
  await expect(counted(readInPieces(json))).rejects.toThrow("Two nodes have the id");
});
