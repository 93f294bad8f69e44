import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { plan } from "../../../executor/index.ts";
import { migrateFormat, readDocument, writeDocument } from "../../../graphs/document/index.ts";
import { eventsOf, nothingKnown, toys } from "../../executor/toys.ts";

const fixture = readFileSync(new URL("../../fixtures/documents/format-0.json", import.meta.url), "utf8");

test("a file of format 0 becomes one of the current format and runs", async () => {
  const document = readDocument(fixture);
  expect(document.about).toEqual({ title: "Twice two", description: "A file of format 0.", versions: {} });
  expect(document.nodes.map(({ type }) => type)).toEqual([
    "guidegraph/constant",
    "guidegraph/subgraph",
    "guidegraph/show",
  ]);
  expect(document.nodes[1].inner?.nodes.map(({ type, properties }) => [type, properties])).toEqual([
    ["guidegraph/input", { name: "x", kind: "tensor" }],
    ["guidegraph/scale", { factor: 2 }],
    ["guidegraph/output", { name: "x", kind: "tensor" }],
  ]);
  const { registry, shown } = toys();
  await eventsOf(plan(document, registry, nothingKnown));
  expect(shown).toEqual([4]);
});

test("what was migrated is written as the current format and reads the same", () => {
  const document = readDocument(fixture);
  const written = writeDocument(document) as { extra: object };
  expect(written.extra).toMatchObject({ guidegraph: { format: 1, title: "Twice two" } });
  expect(readDocument(written)).toEqual(document);
});

test("migrating does not change what it is given", () => {
  const json = JSON.parse(fixture);
  migrateFormat(json);
  expect(json).toEqual(JSON.parse(fixture));
});
