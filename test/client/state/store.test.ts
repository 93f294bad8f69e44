import { expect, test } from "vitest";
import type { Change } from "../../../client/state/changes.ts";
import { leftWith } from "../../../client/state/looking.ts";
import { initialState, put, type Transition } from "../../../client/state/state.ts";
import { Store } from "../../../client/state/store.ts";
import { newTab } from "../../../client/state/tab.ts";
import { added, arrived, closed, inActive, shown } from "../../../client/state/tabs.ts";
import {
  dismissed,
  focused,
  opened,
  toggled,
  toggledLeft,
  toggledQueue,
  withBatches,
} from "../../../client/state/ui.ts";
import { readDocument } from "../../../graphs/document/index.ts";

const document = readDocument({ nodes: [{ id: 1, type: "guidegraph/note" }], links: [] });
const open = [added(newTab("one", document, "one")), shown("one")];
const none: Transition = (state) => ({ ...state });

/** Each after what made the state that it starts from. */
const cases: Record<string, [before: readonly Transition[], transition: Transition, changes: readonly Change[]]> = {
  "nothing at all": [[], dismissed(), []],
  "the same in another object": [[], none, []],
  "a search": [[], put({ search: "noise" }), ["ui"]],
  "a tip at the pointer": [[], put({ tip: { text: "no", at: [0, 0] } }), ["chrome"]],
  "a step of the film": [[], put({ step: 3 }), ["preview"]],
  "the server's samplers": [[], put({ samplers: [] }), ["document"]],
  "a document that is opened": [[], open[0], ["document"]],
  "a document that comes to the front": [[open[0]], open[1], ["view"]],
  "a document that is closed": [open, closed("one"), ["view", "document"]],
  "coming to a level": [open, arrived, ["view"]],
  "a selection": [open, inActive((tab) => ({ ...tab, selection: new Set([1]) })), ["selection"]],
  "a view that is left": [open, inActive((tab) => leftWith(tab, { x: 0, y: 0, scale: 1 })), ["chrome"]],
  "a run": [open, inActive((tab) => ({ ...tab, run: "1", ran: document })), ["runs"]],
  "a survey": [open, inActive((tab) => ({ ...tab, known: { document, facts: new Map(), problems: [] } })), ["facts"]],
  "a document that is saved": [open, inActive((tab) => ({ ...tab, saved: { ...document } })), ["chrome"]],
};

test.each(Object.entries(cases))("the store tells what changed: %s", (_, [before, transition, changes]) => {
  const store = new Store(initialState("dark", 1440));
  for (const one of before) store.apply(one);
  const was = store.state;
  const told: [Change[], unknown][] = [];
  store.listen((changes, before) => told.push([[...changes], before]));
  store.apply(transition);
  expect(told.flatMap(([changes]) => changes).sort()).toEqual([...changes].sort());
  for (const [, before] of told) expect(before).toBe(was);
});

test("an overlay is closed only where no other has taken its place", () => {
  const [menu, queue] = [{ is: "menu", at: [0, 0], items: [], label: "Node" } as const, { is: "queue" } as const];
  const state = opened(queue)(opened(menu)(initialState("dark", 1440)));
  expect(dismissed(menu)(state)).toBe(state);
  expect(dismissed(queue)(state).overlay).toBeUndefined();
  expect(toggledQueue(state).overlay).toBeUndefined();
  expect(toggledQueue(toggledQueue(state)).overlay).toEqual(queue);
});

test("what is no overlay, or lacks what its kind carries, does not compile", () => {
  // @ts-expect-error no overlay has this name
  opened({ is: "nothing" });
  // @ts-expect-error a menu has items
  opened({ is: "menu", at: [0, 0], label: "Node" });
});

test("panels open and close, each or all", () => {
  const state = initialState("dark", 1440);
  expect(state).toMatchObject({ left: undefined, inspector: true, strip: true });
  expect(initialState("dark", 390).inspector).toBe(false);
  expect(toggledLeft("files")(toggledLeft("files")(state)).left).toBeUndefined();
  expect(toggled("left")(toggledLeft("files")(state)).left).toBeUndefined();
  expect(toggled("strip")(state).strip).toBe(false);
  expect(focused(state)).toMatchObject({ left: undefined, inspector: false, strip: false });
  expect(focused(focused(state))).toMatchObject({ left: "nodes", inspector: true, strip: true });
});

test("batches are from 1 to 1000", () => {
  const state = initialState("dark", 1440);
  expect([0, 7, 5000].map((batches) => withBatches(batches)(state).batches)).toEqual([1, 7, 1000]);
});
