import { expect, test, vi } from "vitest";
import type { Editor } from "../../../client/actions/editor.ts";
import { updateCopy } from "../../../client/actions/library.ts";
import { catalogueOf } from "../../../client/edit/catalogue.ts";
import { newTab } from "../../../client/state/tab.ts";
import { readDocument } from "../../../graphs/document/index.ts";

/** A document whose node 1 holds a copy of the library's "mine". */
function holding() {
  const document = readDocument({ nodes: [{ id: 1, type: "guidegraph/subgraph" }], links: [] });
  const about = { versions: {}, library: { name: "mine", version: 1, hash: "before" } };
  const inner = { nodes: [], links: [], groups: [], about };
  return { ...document, nodes: document.nodes.map((node) => ({ ...node, inner })) };
}

test("updateCopy changes no other document that came to the front meanwhile", async () => {
  const [one, two] = [newTab("one", holding()), newTab("two", holding())];
  const editDocument = vi.fn();
  const editor = {
    tab: one,
    samplers: [{ name: "mine", builtIn: false, hash: "now", version: 2 }],
    catalogue: catalogueOf([]),
    editDocument,
    changed: () => {},
    say: () => {},
    api: { sampler: async () => ({ nodes: [], links: [] }) },
  };
  const updated = updateCopy(editor as unknown as Editor, [1]);
  editor.tab = two;
  await updated;
  expect(editDocument).not.toHaveBeenCalled();
  await updateCopy(editor as unknown as Editor, [1]);
  expect(editDocument).toHaveBeenCalledOnce();
});
