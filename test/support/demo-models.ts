/**
 * The demo networks as golden/demo was made with them. They are kept as float16, and the next eight bits of every weight
 * beside the runs (models/half.py): 19 bits in all, with which the reference's numbers are met.
 */
import { copyFileSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readCheckpoint } from "../../onnx/index.ts";
import { bundledModels } from "../../server/files/package-root.ts";
import { fileSource } from "./files.ts";
import { goldenFile } from "./golden-file.ts";
import { readNpz } from "./npz.ts";
import { type StoredTensor, writeCheckpoint } from "./write-checkpoint.ts";

/** A folder of them, with their cards. */
export async function demoModels(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "guidegraph-demo-"));
  for (const [name, { data }] of Object.entries(readNpz(goldenFile("demo", "rest.npz")))) {
    copyFileSync(join(bundledModels, `${name}.json`), join(folder, `${name}.json`));
    const halves = await readCheckpoint(fileSource(join(bundledModels, `${name}.pt`)));
    const tensors: StoredTensor[] = [];
    let at = 0;
    for (const [name, tensor] of halves) {
      const values = await tensor.readFloat32();
      const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
      for (let i = 0; i < bits.length; i++) bits[i] += 32 * (Number(data[at++]) - 128);
      const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
      tensors.push({ name, type: "float32", dims: tensor.dims, bytes: () => bytes });
    }
    writeCheckpoint(join(folder, `${name}.pt`), tensors);
  }
  return folder;
}
