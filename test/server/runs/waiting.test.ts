import fc from "fast-check";
import { expect, test } from "vitest";
import { Waiting } from "../../../server/runs/waiting.ts";

const add = (waiting: Waiting, by: string | undefined, ...ids: string[]) => {
  for (const id of ids) waiting.add(id, by);
};
const takeAll = (waiting: Waiting): string[] => {
  const taken: string[] = [];
  for (let due = waiting.take(); due; due = waiting.take()) taken.push(due.id);
  return taken;
};

test("users take turns; of each the runs come as they were submitted, those that go first before them", () => {
  const waiting = new Waiting();
  add(waiting, "ann", "a1", "a2", "a3");
  add(waiting, undefined, "o1");
  add(waiting, "bob", "b1", "b2");
  waiting.add("b0", "bob", { first: true });
  expect(takeAll(waiting)).toEqual(["a1", "o1", "b0", "a2", "b1", "a3", "b2"]);
});

test("one user's runs come in the order in which they came", () => {
  const waiting = new Waiting();
  const ids = Array.from({ length: 50 }, (_, i) => `${i}`);
  add(waiting, undefined, ...ids);
  expect(takeAll(waiting)).toEqual(ids);
});

test("a run is put before or after another of its user's, in the turns that are theirs", () => {
  const waiting = new Waiting();
  add(waiting, "ann", "a1", "a2", "a3");
  add(waiting, "bob", "b1", "b2");
  expect(waiting.move("a3", "before", "a1")).toEqual(["a3", "a1", "a2"]);
  expect(waiting.move("a3", "after", "a1")).toEqual(["a1", "a3", "a2"]);
  expect(waiting.move("a3", "after", "a3")).toEqual(["a1", "a3", "a2"]);
  for (const [id, other] of [
    ["a1", "b1"],
    ["a1", "nobody's"],
    ["nobody's", "a1"],
  ])
    expect(waiting.move(id, "before", other)).toBeUndefined();
  expect(takeAll(waiting)).toEqual(["a1", "b1", "a3", "b2", "a2"]);
});

test("what leaves is whose it was, and takes no turn", () => {
  const waiting = new Waiting();
  add(waiting, "ann", "a1", "a2");
  add(waiting, "bob", "b1");
  expect([...waiting.remove(["a1", "b1", "nobody's"])]).toEqual([
    ["a1", "ann"],
    ["b1", "bob"],
  ]);
  expect([waiting.size, waiting.countOf("bob"), waiting.place("b1"), waiting.ids()]).toEqual([1, 0, undefined, ["a2"]]);
});

const users = ["ann", "bob", "cleo", "dan", undefined];
const deed = fc.oneof(
  { weight: 4, arbitrary: fc.record({ by: fc.constantFrom(...users), first: fc.boolean() }) },
  { weight: 3, arbitrary: fc.constant("take" as const) },
  { weight: 1, arbitrary: fc.record({ leaves: fc.nat(20) }) },
  { weight: 2, arbitrary: fc.record({ moves: fc.nat(20), to: fc.nat(20), side: fc.constantFrom("before", "after") }) },
);

test("whatever is submitted, nobody's next run waits for more than one run of each other user", () => {
  fc.assert(
    fc.property(fc.array(deed, { maxLength: 300 }), (deeds) => {
      const waiting = new Waiting();
      const whose = new Map<string, string | undefined>();
      /** Since a user has had something that waits, without a turn: how many runs of each other began. */
      const passed = new Map<string | undefined, Map<string | undefined, number>>();
      let count = 0;
      for (const one of deeds) {
        if (one === "take") {
          const [expected] = waiting.ids();
          const due = waiting.take();
          expect(due?.id).toBe(expected);
          if (!due) continue;
          whose.delete(due.id);
          passed.delete(due.by);
          for (const [by, others] of passed) {
            others.set(due.by, (others.get(due.by) ?? 0) + 1);
            expect(others.get(due.by), `${by} waits for ${due.by}`).toBe(1);
          }
          if (waiting.countOf(due.by) > 0) passed.set(due.by, new Map());
        } else if ("leaves" in one) {
          const id = waiting.ids()[one.leaves];
          if (id === undefined) continue;
          waiting.remove([id]);
          const by = whose.get(id);
          whose.delete(id);
          if (waiting.countOf(by) === 0) passed.delete(by);
        } else if ("moves" in one) {
          const before = waiting.ids();
          const line = waiting.move(before[one.moves] ?? "", one.side, before[one.to] ?? "");
          // Whose turn it is, is never another.
          expect(waiting.ids().map((id) => whose.get(id))).toEqual(before.map((id) => whose.get(id)));
          if (line) expect(waiting.ids({ name: whose.get(before[one.moves]) })).toEqual(line);
        } else {
          const id = `run ${count++}`;
          waiting.add(id, one.by, { first: one.first });
          whose.set(id, one.by);
          if (!passed.has(one.by)) passed.set(one.by, new Map());
        }
        const ids = waiting.ids();
        expect(ids.map((id) => waiting.place(id))).toEqual(ids.map((_, i) => i));
        expect(new Set(ids)).toEqual(new Set(whose.keys()));
        expect(waiting.size).toBe(whose.size);
      }
      // The places that were told are kept: this is the order in which they begin.
      expect(waiting.ids()).toEqual(takeAll(waiting));
    }),
  );
});
