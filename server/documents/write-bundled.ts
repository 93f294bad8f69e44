/** Writes the examples and the sampler library to graphs/, from their recipes: `npm run graphs`. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Graph, writeDocument } from "../../graphs/document/index.ts";
import { examples, samplerGraph, samplerNames } from "../../graphs/recipes/index.ts";

const folder = join(process.cwd(), "graphs");
const write = (file: string, graph: Graph): void =>
  writeFileSync(join(folder, file), `${JSON.stringify(writeDocument(graph), null, 1)}\n`);

mkdirSync(join(folder, "samplers"), { recursive: true });
for (const [name, example] of Object.entries(examples)) write(`${name}.json`, example());
for (const name of samplerNames) write(`samplers/${name}.json`, samplerGraph(name));
