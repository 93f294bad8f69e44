/** Files of the golden cases. Checkpoints that are not kept are drawn once and stay in the temporary folder. */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { classifierFlags, type GoldenCase, readJson, unetFlags } from "./golden.ts";
import { drawNetworks } from "./golden-weights.ts";
import { type StoredTensor, writeCheckpoint } from "./write-checkpoint.ts";

const kept = fileURLToPath(new URL("../fixtures/golden/", import.meta.url));

/** Another version of what draws them draws into a folder of its own. */
const version = createHash("sha256");
for (const file of ["golden-weights.ts", "write-checkpoint.ts", "../fixtures/golden/ties.json"])
  version.update(readFileSync(new URL(file, import.meta.url)));
const drawn = join(tmpdir(), `guidegraph-golden-${version.digest("hex").slice(0, 16)}`);

export function goldenFile(name: string, file: string): string {
  const path = join(kept, name, file);
  if (existsSync(path) || !file.endsWith(".pt")) return path;
  const folder = join(drawn, name);
  if (!existsSync(join(folder, file))) draw(name, folder);
  return join(folder, file);
}

function draw(name: string, folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const [file, tensors] of Object.entries(drawnCheckpoints(name))) {
    const part = join(folder, `${file}.${process.pid}`);
    writeCheckpoint(part, tensors);
    renameSync(part, join(folder, file));
  }
}

/** The tensors of a case's checkpoints by file. */
export function drawnCheckpoints(name: string): Record<string, StoredTensor[]> {
  const flags: GoldenCase = readJson(`${name}/case.json`);
  const classifier = classifierFlags(flags);
  const ties = flags.half ? readJson("ties.json")[name] : {};
  const [unet, ...rest] = drawNetworks(flags.weights_seed, [
    { role: "unet", flags: unetFlags(flags), ties: ties.model },
    ...(classifier ? [{ role: "classifier" as const, flags: classifier, ties: ties.classifier }] : []),
  ]);
  return { "model.pt": unet, ...(rest.length > 0 && { "classifier.pt": rest[0] }) };
}
