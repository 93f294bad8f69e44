/** The editor without a page: its server answers what a test says. */
import { Editor } from "../../../client/actions/editor.ts";
import type {} from "../../../client/panels/overlays/table.ts";
import type { Api } from "../../../client/runs/api.ts";
import type { Runs } from "../../../client/runs/runs.ts";
import { initialState, put, type State } from "../../../client/state/state.ts";
import { newTab } from "../../../client/state/tab.ts";
import { added, shown } from "../../../client/state/tabs.ts";
import type { GraphDocument } from "../../../graphs/document/index.ts";
import { catalogue } from "./catalogue.ts";

export interface World {
  readonly api?: Partial<Api>;
  readonly runs?: Partial<Runs>;
  readonly state?: Partial<State>;
}

export function editorWith({ api = {}, runs = {}, state = {} }: World = {}): Editor {
  const editor = new Editor({
    api: api as Api,
    state: initialState("dark", 1440),
    openRuns: () =>
      ({
        connected: true,
        byId: new Map(),
        all: [],
        keepGraph: () => {},
        watched: () => new Set(),
        ...runs,
      }) as unknown as Runs,
  });
  editor.apply(put({ catalogue, ...state }));
  return editor;
}

/** A document in a tab of its own, in front. */
export function opened(editor: Editor, name: string, document: GraphDocument): string {
  const tab = newTab(name, document);
  editor.apply(added(tab));
  editor.apply(shown(tab.key));
  return tab.key;
}
