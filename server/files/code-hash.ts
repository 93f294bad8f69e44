/** What tells one version of our code from another. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { isJoined, packageRoot } from "./package-root.ts";

/** SHA-256 of the code in a folder and below it, in hex. */
export function codeHash(folder: string): string {
  const hash = createHash("sha256");
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => /\.[jt]s$/.test(name));
  for (const name of files.sort()) hash.update(name).update(readFileSync(join(folder, name)));
  return hash.digest("hex");
}

/** Of onnx/, as it runs: what another version of it built is not taken for its own. server/join.mjs wrote down what it joined. */
export const builderHash = (): string =>
  isJoined
    ? readFileSync(join(packageRoot, "dist", "joined", "builder"), "utf8")
    : codeHash(fileURLToPath(new URL("../../onnx/", import.meta.url)));
