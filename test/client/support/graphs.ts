/** Example graphs made small enough to run in a second or two, and the link that opens one. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { type GraphDocument, readDocument, setParameter, writeDocument } from "../../../graphs/document/index.ts";
import { nodes } from "../../../nodes/index.ts";
import { packageRoot } from "../../../server/files/package-root.ts";

const folder = join(packageRoot, "graphs");

export const example = (name: string): GraphDocument =>
  readDocument(readFileSync(join(folder, `${name}.json`), "utf8"));

/** One picture, a few steps. */
export function small(name: string, steps: string, classes = "3"): GraphDocument {
  const shorter = setParameter(example(name), "Diffusion Schedule.timestep_respacing", steps, nodes);
  return setParameter(shorter, "Wanted shape.classes", classes, nodes);
}

export const linkTo = (document: GraphDocument): string =>
  `/#graph=${gzipSync(JSON.stringify(writeDocument(document))).toString("base64url")}`;
