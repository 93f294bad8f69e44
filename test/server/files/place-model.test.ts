import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { cardOfFlags, cardOfText, type ModelCard } from "../../../server/files/model-card.ts";
import { placeModel } from "../../../server/files/place-model.ts";
import { WaitingModels } from "../../../server/files/waiting-models.ts";
import { temporaryFolder } from "../../support/cli.ts";

type Files = Readonly<Record<string, string>>;

function folderOf(files: Files): string {
  const folder = temporaryFolder();
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

const filesOf = (folder: string): Files =>
  Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), "utf8")]));

let count = 0;

/** A file that came whole, of these bytes, elsewhere on the disk. */
function arrived(text: string, folder = temporaryFolder()) {
  const path = join(folder, `.upload.${count++}.tmp`);
  writeFileSync(path, text);
  return { path, sha256: createHash("sha256").update(text).digest("hex") };
}

const heads = cardOfFlags({ num_heads: 4 });
const { text } = heads;
const own = cardOfText('{ "num_heads": 4, "made by": "a friend" }');
const answered = cardOfFlags({ image_size: 8, num_heads: 4 }, { num_heads: 4 });

test.each<[string, Files, ModelCard | undefined, Files | RegExp]>([
  ["nothing is there", {}, heads, { "net.pt": "a", "net.json": text }],
  ["nothing is there, and it needs no card", {}, undefined, { "net.pt": "a" }],
  ["a card is there", { "net.json": text }, undefined, { "net.pt": "a", "net.json": text }],
  ["the same is there", { "net.pt": "a", "net.json": text }, heads, { "net.pt": "a", "net.json": text }],
  ["it is there without a card", { "net.pt": "a" }, heads, { "net.pt": "a", "net.json": text }],
  [
    "a card says more",
    { "net.json": '{"num_heads":4,"width":1}' },
    heads,
    { "net.pt": "a", "net.json": '{"num_heads":4,"width":1}' },
  ],
  ["a card says all that was answered", { "net.json": text }, answered, { "net.pt": "a", "net.json": text }],
  ["a card lacks what is known", { "net.json": text }, cardOfFlags({ image_size: 8 }), /another card net\.json/],
  ["a card says another thing", { "net.json": '{"num_heads":2}' }, heads, /another card net\.json/],
  ["a card is none", { "net.json": "[" }, heads, /another card net\.json/],
  ["somebody's own says the same", { "net.json": text }, own, { "net.pt": "a", "net.json": text }],
  ["somebody's own says less", { "net.json": text }, cardOfText("{}"), /another card net\.json/],
  ["another model has the name", { "net.pt": "b" }, heads, /another file of this name/],
  ["a model beside it has no card", { "net.onnx": "b" }, heads, /would be that of net\.onnx too/],
  [
    "a model beside it has the same card",
    { "net.onnx": "b", "net.json": text },
    heads,
    { "net.onnx": "b", "net.pt": "a", "net.json": text },
  ],
  ["no model is beside it", { "net.txt": "b" }, heads, { "net.txt": "b", "net.pt": "a", "net.json": text }],
])("a model and its card are placed together or not at all: %s", async (_, before, card, after) => {
  const folder = folderOf(before);
  const placed = placeModel(arrived("a"), folder, "net.pt", card);
  if (after instanceof RegExp) {
    await expect(placed).rejects.toThrow(after);
    expect(filesOf(folder)).toEqual(before);
  } else {
    expect(await placed).toBe(!("net.pt" in before));
    expect(filesOf(folder)).toEqual(after);
  }
});

test("of several at once the first has the name, with its own card", async () => {
  const folder = temporaryFolder();
  const cards = [1, 2, 4].map((num_heads) => cardOfFlags({ num_heads }));
  const all = await Promise.allSettled(
    cards.flatMap((card, i) =>
      [`${i}`, `${i}`, "other"].map((bytes) => placeModel(arrived(bytes), folder, "net.pt", card)),
    ),
  );
  expect(all.map((one) => (one.status === "fulfilled" ? one.value : "refused"))).toEqual([
    ...[true, false, "refused"],
    ...Array(6).fill("refused"),
  ]);
  expect(filesOf(folder)).toEqual({ "net.pt": "0", "net.json": cards[0].text });
});

test("one that waits is settled by one who asks, and waits on where it is refused", async () => {
  const folder = folderOf({ "net.json": '{"num_heads":2}' });
  const waiting = new WaitingModels(folder);
  const { id } = await waiting.add(arrived("a", folder), "net.pt");
  await expect(waiting.settle(id, heads)).rejects.toThrow(/another card/);
  const both = await Promise.allSettled([waiting.settle(id, undefined), waiting.settle(id, heads)]);
  expect(both).toMatchObject([{ value: true }, { reason: { reason: "absent" } }]);
  expect(filesOf(folder)).toEqual({ "net.pt": "a", "net.json": '{"num_heads":2}' });
});
