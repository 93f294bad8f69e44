/** Problems with the titles of their nodes, which a person knows better than their paths. */
import type { Plan } from "../../executor/index.ts";
import type { Graph, GraphDocument } from "../../graphs/document/index.ts";
import type { Registry } from "../../nodes/index.ts";
import { flattened } from "./errors.ts";

/** Does something with a document. What goes wrong at one of its nodes is thrown with that node's title. */
export async function withTitles<T>(document: GraphDocument, registry: Registry, work: () => T): Promise<Awaited<T>> {
  try {
    return await work();
  } catch (error) {
    const problems = flattened(error);
    if (problems.every(({ path }) => path === undefined)) throw error;
    const errors = problems.map((problem) => {
      const title = problem.path === undefined ? undefined : titleAt(document, problem.path.split("/"), registry);
      return { ...problem, ...(title !== undefined && { title }) };
    });
    throw Object.assign(new Error(errors.map(({ message }) => message).join("\n")), { errors });
  }
}

/** What a person calls the node at a path. */
export const titleOf = (document: GraphDocument, path: string, registry: Registry): string =>
  titleAt(document, path.split("/"), registry) ?? path;

function titleAt({ nodes }: Graph, [id, ...inner]: readonly string[], registry: Registry): string | undefined {
  const node = nodes.find((one) => String(one.id) === id);
  if (node && inner.length > 0) return node.inner && titleAt(node.inner, inner, registry);
  return node && (node.title ?? (Object.hasOwn(registry, node.type) ? registry[node.type].title : undefined));
}

/** What a person should know of a plan before it runs, a line each. */
export const planNotes = (document: GraphDocument, { notes = [] }: Plan, registry: Registry): string[] =>
  notes.map(({ path = "", port, message }) => {
    const at = port === undefined ? "" : `, ${port}`;
    return `note: “${titleOf(document, path, registry)}”${at}: ${message}`;
  });
