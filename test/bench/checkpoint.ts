/** A 1.2 GB checkpoint: peak memory of its first load over the file, and the second load over a bare session. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { checkpointOf, unet1200MB } from "./models.ts";
import { interleaved } from "./statistics.ts";

const rounds = 3;
const child = fileURLToPath(new URL("./load-checkpoint.js", import.meta.url));

export async function checkpoint(): Promise<void> {
  const path = checkpointOf(unet1200MB);
  const { size } = statSync(path);
  const cache = mkdtempSync(join(tmpdir(), "guidegraph-bench-cache-"));
  try {
    const first = load("engine", cache);
    console.log(`\nCheckpoint of ${(size / 2 ** 30).toFixed(2)} GiB, float32`);
    console.log(
      `  first load   peak memory / file    ${(first.peakBytes / size).toFixed(2)}  (≤ 2.5)  ${first.ms.toFixed(0)} ms`,
    );
    const folder = join(cache, "models");
    const model = readdirSync(folder).find((name) => name.endsWith(".onnx"));
    if (!model) throw new Error(`No built model in ${folder}`);
    const [second, bare] = await interleaved(
      rounds,
      [async () => load("engine", cache).ms, async () => load("session", join(folder, model)).ms],
      1,
    );
    const times = `${second.toFixed(0)} ms / ${bare.toFixed(0)} ms`;
    console.log(`  second load  time / bare session   ${(second / bare).toFixed(3)}  (≤ 1.2)  ${times}`);
  } finally {
    rmSync(cache, { recursive: true });
  }
}

interface Loaded {
  /** From asking for the network to its session being there; the start of the process is not counted. */
  readonly ms: number;
  readonly peakBytes: number;
}

/** In a process of its own, so that its peak is its own. */
function load(how: "engine" | "session", where: string): Loaded {
  const { status, stdout, stderr } = spawnSync(process.execPath, [child, how, where], { encoding: "utf8" });
  if (status !== 0) throw new Error(`Loading failed: ${stderr}`);
  return JSON.parse(stdout);
}
