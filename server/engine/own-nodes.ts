/** Nodes of one's own: modules named on the command line, never by a graph. */
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { type AnyNode, nodes, type Registry } from "../../nodes/index.ts";
import { fileAt } from "../files/file-at.ts";
import { UsageError } from "../flags/errors.ts";

/** The registry with what the modules export: definitions one by one, or a list of them. Throws one clear line. */
export async function registryWith(files: readonly string[] = []): Promise<Registry> {
  let registry: Registry = nodes;
  for (const file of files) {
    const definitions = await load(file);
    for (const definition of definitions) {
      if (Object.hasOwn(registry, definition.type))
        throw new Error(`Cannot add ${definition.type} from ${file}: there is such a node already`);
      registry = { ...registry, [definition.type]: definition };
    }
  }
  return registry;
}

async function load(file: string): Promise<AnyNode[]> {
  if ((await fileAt(file)) === undefined) throw new UsageError(`There is no file ${file} (--nodes)`);
  let exported: Record<string, unknown>;
  try {
    exported = await import(pathToFileURL(resolve(file)).href);
  } catch (error) {
    throw new Error(`Cannot load nodes from ${file}: ${error instanceof Error ? error.message : error}`);
  }
  const definitions = Object.values(exported).flat().filter(isDefinition);
  if (definitions.length === 0) throw new Error(`Cannot load nodes from ${file}: it exports no node definition`);
  return definitions;
}

const isDefinition = (value: unknown): value is AnyNode =>
  typeof value === "object" &&
  value !== null &&
  "type" in value &&
  typeof value.type === "string" &&
  value.type.startsWith("guidegraph/") &&
  "run" in value &&
  typeof value.run === "function";
