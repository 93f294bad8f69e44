/** What cards say beside their document: of files, of classes, of the library. */
import type { Lookups } from "../canvas/givens.ts";
import { originOf, standing } from "../edit/origin.ts";
import { classNamesFor, namedClasses } from "../state/class-names.ts";
import { fileFacts } from "../state/file-facts.ts";
import { isRenewing } from "../state/new-seeds.ts";
import type { State } from "../state/state.ts";
import { activeTab } from "../state/tabs.ts";
import { watchedOutput } from "../state/watching.ts";

export function lookups(state: State): Lookups {
  const tab = activeTab(state);
  return {
    catalogue: state.catalogue,
    fileFacts: (node) => fileFacts(state, tab, node),
    renews: (id, name) => tab !== undefined && isRenewing(tab, id, name),
    watched: (id) => tab && watchedOutput(tab, id),
    classes: (node) => {
      const names = classNamesFor(state, node);
      return names && namedClasses(String(node.properties.classes ?? ""), names);
    },
    origin: (graph) => {
      const origin = originOf(graph, state.samplers);
      return origin && `${origin.name} · ${standing(origin)}`;
    },
  };
}
