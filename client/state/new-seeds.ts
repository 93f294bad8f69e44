/** Seeds that are new after each run. */
import type { Catalogue } from "../edit/catalogue.ts";
import { setProperty } from "../edit/graph.ts";
import { graphAt, withGraphAt } from "../edit/level.ts";
import { documentOf, editedDocument, pathIn, type Tab } from "./tab.ts";

export const isRenewing = (tab: Tab, id: number, name: string): boolean =>
  tab.renewed.has(`${pathIn(tab, id)} ${name}`);

/** A seed is new after each run; or no more, when it was. */
export function renewing(tab: Tab, id: number, name: string): Tab {
  const seed = `${pathIn(tab, id)} ${name}`;
  const renewed = new Set(tab.renewed);
  if (!renewed.delete(seed)) renewed.add(seed);
  return { ...tab, renewed };
}

/**
 * With new seeds where they are to be: of a document that has run since they were drawn. So the seed that a card shows is the
 * one that its picture was made with. `draw` gives the next.
 */
export function withNewSeeds(tab: Tab, draw: () => number, catalogue: Catalogue): Tab {
  if (tab.run === undefined && tab.next.length === 0) return tab;
  let document = documentOf(tab);
  for (const seed of tab.renewed) {
    const [path, name] = [seed.slice(0, seed.indexOf(" ")), seed.slice(seed.indexOf(" ") + 1)];
    const ids = path.split("/").map(Number);
    const level = ids.slice(0, -1);
    const graph = graphAt(document, level);
    const next = graph && setProperty(graph, ids[ids.length - 1], name, draw(), catalogue);
    if (next) document = withGraphAt(document, level, next, catalogue);
  }
  return editedDocument(tab, document, "new seeds");
}
