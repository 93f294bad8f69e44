/**
 * Many samples: what memory they take, how fast parts are put together, and what a second device is worth. With the command
 * line, as people run it.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { documentBuilder, writeDocument } from "../../graphs/document/index.ts";
import { nodes } from "../../nodes/index.ts";
import { packageRoot } from "../../server/files/package-root.ts";
import { testCache } from "../support/cli.ts";
import { machines } from "./machines.ts";
import { median } from "./statistics.ts";

const [few, many] = [1_000, 50_000];
const batch = 50;
const rounds = 5;
/** Of a run on two devices so many batches are counted, behind those in which they start. */
const counted = 16;

export async function scale(): Promise<void> {
  console.log("\nScale: many samples, with the command line");
  const folder = mkdtempSync(join(tmpdir(), "guidegraph-bench-scale-"));
  try {
    const graph = join(folder, "noise.json");
    writeFileSync(graph, JSON.stringify(tinyPictures()));
    await memory(folder, graph);
    await parts(folder, graph);
    await efficiency(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
  await machines();
}

/** Noise as pictures of 16×16, with labels. */
function tinyPictures(): object {
  const b = documentBuilder(nodes, { title: "Noise" });
  const labels = b.add("guidegraph/class-labels", { num_classes: 10, count: batch }).out("labels");
  const x = b.add("guidegraph/gaussian-noise", { labels, height: 16 }).out("x_T");
  const images = b.add("guidegraph/decode-image", { x }).out("image");
  b.add("guidegraph/save-npz", { images, labels });
  return writeDocument(b.document());
}

async function memory(folder: string, graph: string): Promise<void> {
  const peaks: number[] = [];
  for (const count of [few, many]) {
    const run = ["run", graph, "--backend", "cpu", "--out", join(folder, `all-${count}`)];
    const { peak, ms } = await ran([...run, "--batches", String(count / batch)]);
    peaks.push(peak);
    console.log(
      `  ${count} pictures of 16×16: ${mebibytes(peak)} at most, ${(count / (ms / 1_000)).toFixed(0)} a second`,
    );
  }
  console.log(`  memory of ${many} over that of ${few}: ${(peaks[1] / peaks[0]).toFixed(2)}  (flat)`);
}

async function parts(folder: string, graph: string): Promise<void> {
  const out = join(folder, "parts");
  for (const from of [0, many / 2])
    await ran(["run", graph, "--backend", "cpu", "--out", out, "--range", `${from}..${from + many / 2}`]);
  const given = readdirSync(out).filter((name) => name.endsWith(".npz"));
  const { err } = await ran(["gather", ...given.map((name) => join(out, name)), "-o", join(folder, "gathered.npz")]);
  console.log(`  gather: ${err.trim()}`);
}

/**
 * Batches a second of two devices with a thread each, over twice those of one; and what the machine gives at all, which shares
 * caches, memory and clock between its cores: two runs that know nothing of each other, over the same.
 */
async function efficiency(folder: string): Promise<void> {
  const [devices, machine]: number[][] = [[], []];
  for (let round = 0; round < rounds; round++) {
    const one = await rate(folder, "cpu", 1, `${round}-1`);
    const two = await rate(folder, "cpu*2", 2, `${round}-2`);
    const apart = await Promise.all(["a", "b"].map((name) => rate(folder, "cpu", 1, `${round}-${name}`)));
    devices.push(two / (2 * one));
    machine.push((apart[0] + apart[1]) / (2 * one));
  }
  const shares = devices.map((share, round) => share / machine[round]);
  console.log(
    `  two devices of one thread, over twice one of one: ${median(devices).toFixed(3)}  (≥ 0.95 where two cores are idle)`,
  );
  console.log(
    `  two runs apart, over the same: ${median(machine).toFixed(3)}; two devices over those: ${median(shares).toFixed(3)}`,
  );
}

async function rate(folder: string, devices: string, threads: number, name: string): Promise<number> {
  const at: number[] = [];
  const set = ["--set", "Diffusion Schedule.timestep_respacing=ddim10", "--set", "Wanted shape.classes=3,5"];
  const args = ["run", "guided-ddim", ...set, "--batches", String(2 * counted), "--json", "--out", join(folder, name)];
  await ran([...args, "--devices", devices, "--threads", String(threads)], (line) => {
    if (JSON.parse(line).type === "batch") at.push(performance.now());
  });
  const last = at.slice(-counted - 1);
  return counted / ((last[counted] - last[0]) / 1_000);
}

interface Ran {
  /** Bytes that the process held at most (on Linux). */
  readonly peak: number;
  readonly ms: number;
  readonly err: string;
}

/** Throws with what it said, where it fails. */
async function ran(args: readonly string[], heard: (line: string) => void = () => {}): Promise<Ran> {
  const began = performance.now();
  const bin = join(packageRoot, "server", "guidegraph.mjs");
  const child = spawn(process.execPath, [bin, ...args], { env: { ...process.env, GUIDEGRAPH_CACHE: testCache } });
  let [err, peak] = ["", 0];
  child.stderr.on("data", (chunk) => {
    err += chunk;
  });
  createInterface({ input: child.stdout }).on("line", heard);
  const look = setInterval(() => {
    peak = Math.max(peak, peakOf(child.pid as number));
  }, 50);
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  clearInterval(look);
  if (code !== 0) throw new Error(`guidegraph ${args.join(" ")}: ${err}`);
  return { peak, ms: performance.now() - began, err };
}

function peakOf(pid: number): number {
  try {
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) * 1_024;
  } catch {
    return 0;
  }
}

const mebibytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(0)} MiB`;
