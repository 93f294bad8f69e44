/** From a model as a graph names it to the listed file, checked against its SHA-256. */
import { GraphError, type ModelFile } from "../../nodes/index.ts";
import { notHere } from "../not-here.ts";
import type { Files, ModelSource } from "./host.ts";

export interface FoundModel {
  readonly source: ModelSource;
  readonly sha256: string;
}

/** Throws a GraphError at `file` when no folder has it, at `sha256` when those that have it hold something else. */
export async function findModel(files: Files, { file, sha256 }: ModelFile): Promise<FoundModel> {
  if (file === "") throw new GraphError("No model file is chosen", "file");
  const sources = await files.models(file);
  if (sources.length === 0) throw await notHere(files, "model", file, sha256 === "" ? "" : ` (sha256 ${sha256})`);
  const found: string[] = [];
  for (const source of sources) {
    const actual = await source.sha256();
    if (sha256 === "" || actual === sha256.toLowerCase()) return { source, sha256: actual };
    found.push(actual);
  }
  throw new GraphError(
    `Model "${file}" differs from the one this graph was made with: its sha256 is ${found.join(" and ")}, expected ${sha256}; clear sha256 to use it all the same`,
    "sha256",
  );
}
