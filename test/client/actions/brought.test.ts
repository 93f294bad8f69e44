import { zipSync } from "fflate";
import { expect, test } from "vitest";
import { type Brought, paired, sorted } from "../../../client/actions/brought.ts";
import { encodePng } from "../../../runtime/codecs/index.ts";

const bytes = (...parts: (string | readonly number[])[]) =>
  Uint8Array.from(
    parts.flatMap((part) => (typeof part === "string" ? Array.from(part, (c) => c.charCodeAt(0)) : part)),
  );
const png = encodePng({ dims: [1, 2, 2, 3], data: new Uint8Array(12) });

/** What a file is called says nothing but of text. */
const cases: Readonly<Record<Brought, readonly (readonly [name: string, content: Uint8Array | string])[]>> = {
  picture: [
    ["a.pt", Buffer.concat(Array.isArray(png) ? png : [png])],
    ["b", bytes([0xff, 0xd8, 0xff, 0xe0], "JFIF")],
    ["c.webp", bytes("RIFF", [1, 0, 0, 0], "WEBPVP8 ")],
  ],
  samples: [["a.zip", zipSync({ "arr_0.npy": new Uint8Array(4) })]],
  array: [
    ["a.npz", zipSync({ "mask.npy": new Uint8Array(4) })],
    ["torn.npz", bytes([1, 2])],
    ["c", bytes([0x93], "NUMPY", [1, 0])],
  ],
  model: [
    ["a.pt", zipSync({ "archive/data.pkl": new Uint8Array(4) })],
    ["b", bytes([0x80, 2, 0x8a])],
    ["c.safetensors", bytes([16, 0, 0, 0, 0, 0, 0, 0], '{"a":{}}')],
    ["page.pt", "<html>"],
  ],
  graph: [
    ["a.json", '{ "nodes": [], "links": [] }'],
    ["prompt", '{ "3": { "class_type": "KSampler", "inputs": {} } }'],
    ["torn.json", '{ "nodes": ['],
    ["notes.txt", "what I did"],
    ["empty", ""],
  ],
  card: [
    ["a.json", '{ "num_heads": 4, "classes": ["cat", "dog"] }'],
    ["b", '\n{ "image_size": 64, "made by": "a friend" }'],
  ],
};

for (const [is, files] of Object.entries(cases))
  test.for(files)(`${is}: %s`, async ([name, content]) => {
    const file = new File([typeof content === "string" ? content : Uint8Array.from(content)], name);
    expect((await sorted(file)).is).toBe(is);
  });

test.each(["<", "{", "[", " <", " {", "\xff\xd8\xff", "PK", "BM", "\x1f\x8b"])(
  "safetensors is a model though its header’s length begins as %j",
  async (begins) => {
    const length = bytes(begins, new Array(8 - begins.length).fill(0));
    const size = new DataView(length.buffer).getUint32(0, true);
    const file = new File([length, "{", " ".repeat(Math.min(size, 1e6))], "unet.safetensors");
    expect(await sorted(file)).toEqual({ file, is: "model" });
  },
);

test.each([
  ["film.gif", "GIF89a", "it is a picture (GIF): save it as PNG, JPEG or WebP"],
  ["paper.pdf", "%PDF-1.4", "it is a PDF, not a graph, a model, a picture or an array"],
  [
    "unet.pt",
    "version https://git-lfs.github.com/spec/v1",
    "it is a Git LFS pointer: fetch the file itself (git lfs pull)",
  ],
  [
    "model.safetensors.index.json",
    '{"metadata": {}, "weight_map": {}}',
    "it is the index of a checkpoint in parts: join the parts, and save one state_dict()",
  ],
  ["unet.safetensors", "", "it is empty"],
  ["graph.json", "<!DOCTYPE html>", "it is a web page: was it saved instead of the file?"],
])("%s of another program is refused as what it is", async (name, content, refused) => {
  expect((await sorted(new File([content], name))).refused).toBe(refused);
});

test("a folder, which browsers hand over as a file that cannot be read, is refused", async () => {
  const folder = new File([], "photos");
  folder.slice = () => ({ arrayBuffer: () => Promise.reject(new DOMException("", "NotFoundError")) }) as Blob;
  expect((await sorted(folder)).refused).toMatch(
    /^it cannot be read: it is a folder, .* pictures that are dropped together are one batch$/,
  );
});

test("a model and its card go together by their name, and the only two in any case", () => {
  const brought = (is: Brought, name: string) => ({ file: new File([], name), is });
  const names = (files: Parameters<typeof paired>[0]) => {
    const { models, rest } = paired(files);
    return [models.map(({ file, card }) => [file.name, card?.name]), rest.map(({ file }) => file.name)];
  };
  const [a, b, other] = [brought("card", "a.json"), brought("model", "B.pt"), brought("card", "b.json")];
  expect(names([a, b])).toEqual([[["B.pt", "a.json"]], []]);
  expect(names([a, b, other])).toEqual([[["B.pt", "b.json"]], ["a.json"]]);
  expect(names([a, b, brought("model", "c.pt")])).toEqual([
    [
      ["B.pt", undefined],
      ["c.pt", undefined],
    ],
    ["a.json"],
  ]);
  expect(names([brought("picture", "x.png"), b])).toEqual([[["B.pt", undefined]], ["x.png"]]);
});
