import type { DocumentSummary } from "../../server/protocol.ts";

/** Those that say every word of the query, in what they are called, what they do or where they belong. */
export function findDocuments(documents: readonly DocumentSummary[], query: string): readonly DocumentSummary[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  return documents.filter(({ name, title = "", description = "", group = "" }) => {
    const all = [name, title, description, group].join(" ").toLowerCase();
    return words.every((word) => all.includes(word));
  });
}
