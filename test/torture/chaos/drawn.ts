/** What every row of chaos draws, what became of it, and what is wrong with that. */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { documentBuilder, writeDocument } from "../../../graphs/document/index.ts";
import { registryWith } from "../../../server/engine/own-nodes.ts";
import { packageRoot } from "../../../server/files/package-root.ts";
import { temporaryFolder, testCache } from "../../support/cli.ts";
import { onOneThread } from "../../support/one-thread.ts";

/** Its pictures take their time, and it notes each batch that is begun in the file of GUIDEGRAPH_BEGUN. */
export const slow: string = join(packageRoot, "test", "fixtures", "nodes", "slow.mjs");
const registry = await registryWith([slow]);
const perBatch = 2;

/** Pictures of noise, with labels: by another seed others, so that nobody has them in a cache. */
export function graphOf(seed: number, ms: number): object {
  const b = documentBuilder(registry, { title: "Noise" });
  const labels = b.add("guidegraph/class-labels", { num_classes: 10, count: perBatch, seed }).out("labels");
  const x = b.add("guidegraph/gaussian-noise", { labels, height: 16, seed }).out("x_T");
  const decoded = b.add("guidegraph/decode-image", { x }).out("image");
  const images = b.add("guidegraph/slow-pictures", { images: decoded, ms }).out("images");
  b.add("guidegraph/save-npz", { images, labels });
  b.add("guidegraph/save-png", { images, name: "noise" });
  return writeDocument(b.document());
}

/** What one row came to. */
export interface Drawn {
  /** SHA-256 by name. */
  readonly files: Readonly<Record<string, string>>;
  /** The batches that were told to be done, as they were told. */
  readonly told: readonly number[];
  /** How often a batch was begun. */
  readonly begun: number;
  /** How often what was given out had to be given out again: shards of machines, batches where there are none. */
  readonly again: number;
  /** What was done to it. */
  readonly faults: number;
}

export interface Row {
  readonly figures: Readonly<Record<string, number>>;
  /** Sentences; none where all is well. */
  readonly broken: readonly string[];
}

/** Holds what came against one go without any fault. */
export function judged(wanted: Readonly<Record<string, string>>, drawn: Drawn, batches: number): Row {
  const { files, told, begun, again, faults } = drawn;
  const names = Object.keys(wanted);
  const lost = names.filter((name) => files[name] === undefined);
  const others = Object.keys(files).filter((name) => wanted[name] === undefined);
  const differing = names.filter((name) => files[name] !== undefined && files[name] !== wanted[name]);
  const twice = told.filter((batch, i) => told.indexOf(batch) !== i);
  return {
    figures: {
      faults,
      "batches drawn": begun,
      "of them again": begun - batches,
      "given out again": again,
      "results twice": twice.length,
      "files lost": lost.length,
      "files the same": names.length - lost.length - differing.length,
    },
    broken: [
      ...(lost.length > 0 ? [`${lost.length} files are not there: ${lost.slice(0, 5).join(", ")}`] : []),
      ...(others.length > 0 ? [`${others.length} files are too many: ${others.slice(0, 5).join(", ")}`] : []),
      ...(differing.length > 0 ? [`${differing.length} files differ: ${differing.slice(0, 5).join(", ")}`] : []),
      ...(twice.length > 0 ? [`Batches ${twice.join(", ")} were told twice`] : []),
      ...(again > faults ? [`${again} were given out again for ${faults} faults`] : []),
    ],
  };
}

export interface RunProcess {
  readonly child: ReturnType<typeof spawn>;
  readonly told: readonly number[];
  /** Its status; null where it was killed. */
  readonly ended: Promise<number | null>;
}

/** `guidegraph run` in a process of its own. */
export function startRun(graph: string, out: string, args: readonly string[], environment: NodeJS.ProcessEnv = {}) {
  const devices = args.includes("--devices") ? [] : ["--backend", "cpu"];
  const run = onOneThread(["run", graph, "--nodes", slow, ...devices, "--out", out, "--json", ...args]);
  const child = spawn(process.execPath, [join(packageRoot, "server", "guidegraph.mjs"), ...run], {
    stdio: ["ignore", "pipe", "ignore"],
    env: { ...process.env, GUIDEGRAPH_CACHE: testCache, ...environment },
  });
  const told: number[] = [];
  let rest = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      const event = JSON.parse(line) as { readonly type: string; readonly index: number };
      if (event.type === "batch") told.push(event.index);
    }
  });
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  return { child, told, ended } satisfies RunProcess;
}

export function written(graph: object): string {
  const path = join(temporaryFolder(), "graph.json");
  writeFileSync(path, JSON.stringify(graph));
  return path;
}

export const filesIn = (folder: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(folder, { withFileTypes: true })
      .filter((one) => one.isFile())
      .map(({ name }) => [name, hashOf(readFileSync(join(folder, name)))]),
  );
const hashOf = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** One go, which waits for nothing. */
export async function inOneGo(graph: object, batches: number): Promise<Record<string, string>> {
  const out = temporaryFolder();
  const { ended } = startRun(written(graph), out, ["--batches", `${batches}`], { SLOWER: "0" });
  if ((await ended) !== 0) throw new Error("One go without any fault failed");
  return filesIn(out);
}

/** How many batches were begun, by the file that they were noted in. */
export const begunIn = (path: string): number =>
  existsSync(path) ? readFileSync(path, "utf8").split("\n").filter(Boolean).length : 0;

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await sleep(50);
}
