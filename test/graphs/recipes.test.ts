import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { type Graph, readDocument, writeDocument } from "../../graphs/document/index.ts";
import { examples, samplerGraph, samplerNames } from "../../graphs/recipes/index.ts";

const read = (file: string): unknown => JSON.parse(readFileSync(`graphs/${file}`, "utf8"));
const recipes: Record<string, () => Graph> = {
  ...Object.fromEntries(Object.entries(examples).map(([name, make]) => [`${name}.json`, make])),
  ...Object.fromEntries(samplerNames.map((name) => [`samplers/${name}.json`, () => samplerGraph(name)])),
};

test.each(Object.entries(recipes))("graphs/%s is what its recipe makes (npm run graphs)", (file, make) => {
  expect(read(file)).toEqual(JSON.parse(JSON.stringify(writeDocument(make()))));
});

test("every file of graphs/ has a recipe, reads, and has a title and a description", () => {
  const files = [...readdirSync("graphs"), ...readdirSync("graphs/samplers").map((name) => `samplers/${name}`)];
  for (const file of files.filter((name) => name.endsWith(".json"))) {
    expect(recipes).toHaveProperty([file]);
    const { about } = readDocument(read(file));
    expect(about.title?.length, file).toBeGreaterThan(3);
    expect(about.description, file).toMatch(/\.$/);
  }
});

test("every example has a picture for its card, and no picture is left without one (npm run screenshots -- examples)", () => {
  const pictures = readdirSync("client/public/examples").map((name) => name.replace(/\.png$/, ""));
  expect(pictures.sort()).toEqual(Object.keys(examples).sort());
});
