/** A graph file: JSON, or a PNG or NPZ that carries one; or a bundled example, by its name. */
import { stat } from "node:fs/promises";
import { basename, join } from "node:path";
import {
  type GraphDocument,
  noGraphInPicture,
  openDocument,
  setParameter,
  whyNoJson,
} from "../../graphs/document/index.ts";
import { examples } from "../../graphs/recipes/index.ts";
import type { Registry } from "../../nodes/index.ts";
import { headBytes, looksLikeJson, sayOther } from "../../onnx/index.ts";
import { graphKeyword, isPng, keywordsOf, readNpzText, readText } from "../../runtime/index.ts";
import { didYouMean, meant } from "../../spelling/index.ts";
import { fileAccess } from "../files/disk-source.ts";
import { bundledGraphs } from "../files/package-root.ts";
import { readBytes } from "../files/read-bytes.ts";
import { UsageError } from "../flags/errors.ts";
import { withTitles } from "./titles.ts";

/** A picture may be ten times as large as a graph, and both are read whole. */
const maxFileBytes = 20 * 2 ** 20;

/** Throws one clear line when there is no such file or no graph in it, a DocumentError for what is wrong in the graph. */
export async function readGraph(name: string): Promise<GraphDocument> {
  const found = await stat(name).catch(() => undefined);
  if (found?.isDirectory()) throw new UsageError(`${name} is a folder: name the graph in it`);
  const path = found?.isFile() ? name : exampleFile(name);
  const { document, notes } = openDocument(await jsonIn(path));
  for (const note of notes) process.stderr.write(`${path}: ${note}\n`);
  return document;
}

async function jsonIn(path: string): Promise<unknown> {
  if (path.endsWith(".npz")) return graphOfSamples(path);
  const found = await stat(path);
  if (found.size > maxFileBytes) throw new Error(`${path} has ${found.size} bytes, a graph at most ${maxFileBytes}`);
  const bytes = await readBytes(path);
  if (isPng(bytes)) return parse(path, textOf(path, bytes));
  const head = bytes.subarray(0, headBytes);
  const other = looksLikeJson(head) ? undefined : (sayOther(head, "a graph") ?? sayModel(path, head));
  if (other) throw new Error(`Cannot read ${path}: ${other}`);
  return parse(path, new TextDecoder().decode(bytes));
}

/** Models are what every other command takes. */
function sayModel(path: string, head: Uint8Array): string | undefined {
  if (path.endsWith(".onnx")) return "it is an ONNX model, not a graph: models inspect tells of it";
  const isZip = [0x50, 0x4b, 0x03, 0x04].every((byte, i) => head[i] === byte);
  return isZip ? "it is a zip archive, as checkpoints are, not a graph" : undefined;
}

export const exampleNames: readonly string[] = Object.keys(examples);

function exampleFile(name: string): string {
  if (exampleNames.includes(name)) return join(bundledGraphs, `${name}.json`);
  const offers = meant(basename(name, ".json"), exampleNames);
  throw new UsageError(`There is no graph file ${name}${didYouMean(offers, { what: "the example " })}`);
}

/** The samples themselves are not read: there may be gigabytes. */
async function graphOfSamples(path: string): Promise<unknown> {
  const text = await readNpzText(await fileAccess(path, path), graphKeyword).catch((error: Error) => {
    throw new Error(`Cannot read ${path}: ${error.message}`);
  });
  if (text === undefined) throw new Error(`${path} holds samples without the graph that made them`);
  return (parse(path, text) as { readonly graph?: unknown }).graph;
}

function textOf(path: string, bytes: Uint8Array): string {
  let text: string | undefined;
  try {
    text = readText(bytes, graphKeyword);
  } catch (error) {
    throw new Error(`Cannot read ${path}: ${error instanceof Error ? error.message : error}`);
  }
  if (text === undefined)
    throw new Error(`${path} is a picture without a graph: ${noGraphInPicture(keywordsOf(bytes))}`);
  return text;
}

function parse(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`${path} is no graph: ${whyNoJson(text, error)}`);
  }
}

/** Applies `--set "Node title.parameter=value"`, in order. */
export const withSettings = (
  document: GraphDocument,
  settings: readonly string[] | undefined,
  registry: Registry,
): Promise<GraphDocument> =>
  withTitles(document, registry, () =>
    (settings ?? []).reduce((document, setting) => {
      const equals = setting.indexOf("=");
      if (equals < 0) throw new UsageError(`--set takes "Node title.parameter=value", not "${setting}"`);
      return setParameter(document, setting.slice(0, equals), setting.slice(equals + 1), registry);
    }, document),
  );
