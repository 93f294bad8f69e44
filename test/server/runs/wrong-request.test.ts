/** What is wrong with a request to run something is said in words, whatever the schema calls it. */
import { expect, test } from "vitest";
import { documentBuilder } from "../../../graphs/document/index.ts";
import { nodes } from "../../../nodes/index.ts";
import { runRequest } from "../../../server/protocol.ts";
import { watchedIn } from "../../../server/runs/watched.ts";
import { wrongRequest } from "../../../server/runs/wrong-request.ts";

test.each<[unknown, string]>([
  [{}, "graph is missing"],
  [{ graph: {}, wach: [] }, 'The request has no "wach": did you mean "watch"?'],
  [{ graph: {}, batch: 3 }, 'The request has no "batch": did you mean "watch" or "batches"?'],
  [{ graph: {}, watch: [{ path: "7" }] }, "watch.0.output is missing"],
  [{ graph: {}, watch: [{ path: "7", output: "x", every: 2 }] }, 'watch.0 has no "every"'],
  [{ graph: {}, watch: [{ path: "a", output: "x" }] }, "watch.0.path: a node's path is like 7 or 7/3"],
])("%j", (body, message) => {
  const { error } = runRequest.safeParse(body);
  expect(wrongRequest(error!.issues, body, Object.keys(runRequest.shape)).map((one) => one.message)).toEqual([message]);
});

test("no message has the schema's own words for what is missing", () => {
  const { error } = runRequest.safeParse(null);
  expect(wrongRequest(error!.issues, null, [])[0].message).not.toMatch(/nonoptional|undefined/);
});

const b = documentBuilder(nodes);
b.add("guidegraph/gaussian-noise", { height: 8, width: 8 });

test.each<[string, string, object | undefined]>([
  ["1", "x_T", undefined],
  ["1", "x_t", { node: "1", message: expect.stringContaining('no output "x_t": did you mean "x_T"') }],
  ["1", "nois", { node: "1", message: expect.stringContaining('did you mean "noise"') }],
  ["1/4", "x_T", { message: expect.stringContaining("no node is at 1/4") }],
  ["9", "x_T", { message: expect.stringContaining("no node is at 9") }],
])("a watch of %s %s", (path, output, note) => {
  const document = b.document();
  const [{ id }] = document.nodes;
  const at = path.replace(/^1/, String(id));
  const expected = note && "node" in note ? { ...note, node: at } : note;
  const { watch, notes: found } = watchedIn(document, [{ path: at, output }], nodes);
  expect(watch).toHaveLength(note === undefined ? 1 : 0);
  if (note === undefined) expect(found).toEqual([]);
  else expect(found).toEqual([{ ...expected, message: expect.stringMatching(/^Nothing is shown of/) }]);
  if (note && "message" in note) expect(found[0].message).toEqual(note.message);
});
