/** Exported samplers in bare programs, in Node and in Chromium, beside `run`: sizes, times, and how many bytes differ. */
import { execFile } from "node:child_process";
import { mkdtempSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { exportCommand } from "../../server/cli/export.ts";
import { bareFolder, drawnBy, inBarePage } from "../support/bare-page.ts";
import { benchEngine, example, sample } from "./run-graph.ts";

const run = promisify(execFile);

/** Four pictures, so that all of it takes two minutes. */
const classes = { "Wanted shape.classes": "0,3,4,9" };

export async function exported(): Promise<void> {
  const engine = benchEngine({ threads: 0 });
  for (const name of ["guided-ddim", "guided-ddpm"]) {
    const folder = join(mkdtempSync(join(tmpdir(), "guidegraph-")), name);
    const quiet = { out() {}, err() {}, columns: undefined, signal: new AbortController().signal, environment: {} };
    const set = Object.entries(classes).flatMap(([target, value]) => ["--set", `${target}=${value}`]);
    const exporting = await timed(() => exportCommand.run([name, ...set, "-o", folder], quiet));
    await bareFolder(folder);
    const sizes = ["sampler.onnx", "step.onnx", "inputs.npz"].map((file) => {
      const { size } = statSync(join(folder, file));
      return `${file} ${(size / 1e6).toFixed(1)} MB`;
    });
    console.log(`\n${name}, exported in ${seconds(exporting.ms)}: ${sizes.join(", ")}`);
    // The first run loads the sessions.
    await sample(engine, example(name, classes));
    const expected = await sample(engine, example(name, classes));
    console.log(`  guidegraph run       ${seconds(expected.ms)}, sessions loaded`);
    const node = await timed(() => run(process.execPath, ["sample.mjs"], { cwd: folder }));
    const drawn = await drawnBy(folder);
    console.log(`  a script of Node     ${seconds(node.ms)} from start to end  ${differing(drawn, expected.pictures)}`);
    const page = await inBarePage(folder);
    console.log(
      `  a page of Chromium   ${seconds(page.ms)} from start to end  ${differing(page.bytes, expected.pictures)}`,
    );
  }
  await engine.networks.close();
}

async function timed<T>(work: () => Promise<T>): Promise<{ readonly ms: number }> {
  const begun = performance.now();
  await work();
  return { ms: performance.now() - begun };
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

function differing(found: ArrayLike<number>, expected: ArrayLike<number>): string {
  let [count, most] = [0, 0];
  for (let i = 0; i < expected.length; i++) {
    const by = Math.abs(found[i] - expected[i]);
    if (by > 0) count++;
    most = Math.max(most, by);
  }
  return `${count} of ${expected.length} bytes differ, by ${most} at most`;
}
