/** What is not needed for anything that is saved or shown is told before a run. */
import { expect, test } from "vitest";
import { survey } from "../../executor/index.ts";
import { documentBuilder, type LevelBuilder, type Wire } from "../../graphs/document/index.ts";
import { nodes } from "../../nodes/index.ts";
import { fakeKnown } from "../support/fake-context.ts";

type Builder = ReturnType<typeof documentBuilder>;

/** What is said of a graph that saves what this gives of a tensor, beside whatever else it adds. */
function notesOf(make: (b: Builder, x: Wire) => Wire, targets?: string[]): string[] {
  const b = documentBuilder(nodes);
  const x = b.add("guidegraph/gaussian-noise", { batch: 2, height: 8, width: 8, channels: 3 }).out("x_T");
  b.add("guidegraph/save-tensor", { tensor: make(b, x) });
  const { problems, notes } = survey(b.document(), nodes, fakeKnown(), targets);
  expect(problems).toEqual([]);
  return notes.map(({ path, port, message }) => `${path} ${port ?? ""}: ${message}`);
}

const scaled = (b: LevelBuilder, tensor: Wire) => b.add("guidegraph/scale", { tensor, scale: 2 }).out("tensor");
const chain = (b: LevelBuilder, x: Wire, length: number) => {
  let at = x;
  for (let i = 0; i < length; i++) at = scaled(b, at);
};
const schedule = (b: Builder) =>
  b.add("guidegraph/diffusion-schedule", { timestep_respacing: "ddim10" }).out("schedule");

const loop = (b: Builder, x: Wire) =>
  b.loop("L", { schedule: schedule(b), x }, (inner) =>
    inner.output("x", "tensor", scaled(inner, inner.input("x", "tensor"))),
  );
const gradient = (b: LevelBuilder, x: Wire) =>
  b.differentiate("D", { x, of: "loss", by: "x" }, (inner) => {
    const by = inner.input("x", "tensor");
    const norm = inner.add("guidegraph/formula", { formula: "a * a", a: by }).out("tensor");
    inner.output("loss", "tensor", norm);
  });

const does = (title: string) =>
  `“${title}” does not run: nothing that is saved or shown needs it; wire what it gives, or remove it`;
const do_ = (which: string) =>
  `${which} do not run: nothing that is saved or shown needs them; wire what they give, or remove them`;

const cases: readonly [string, (b: Builder, x: Wire) => Wire, string[]][] = [
  ["nothing beside it", scaled, []],
  [
    "a node that was just put there",
    (b, x) => {
      b.add("guidegraph/gaussian-noise", { batch: 1, height: 8, width: 8, channels: 3 });
      return x;
    },
    [],
  ],
  [
    "a node",
    (b, x) => {
      chain(b, x, 1);
      return x;
    },
    [`2 : ${does("Scale")}`],
  ],
  [
    "several, the last first",
    (b, x) => {
      b.add("guidegraph/add", { a: scaled(b, x), b: x });
      return x;
    },
    [`3 : ${do_("“Add” and “Scale”")}`],
  ],
  [
    "more than are named",
    (b, x) => {
      chain(b, x, 7);
      return x;
    },
    [`8 : ${do_("“Scale”, “Scale”, “Scale” and 4 more")}`],
  ],
  [
    "a loop, and what leads to it alone",
    (b, x) => {
      loop(b, x);
      return x;
    },
    [`3 : ${do_("“L” and “Diffusion Schedule”")}`],
  ],
  [
    "a Differentiate",
    (b, x) => {
      gradient(b, x);
      return x;
    },
    [`2 : ${does("D")}`],
  ],
  ["a Differentiate whose gradient is used", (b, x) => gradient(b, x).out("gradient"), []],
  [
    "one whose value alone is",
    (b, x) => gradient(b, x).out("loss"),
    [
      "2 gradient: Nothing that is saved or shown needs its gradient: wire it to what it is to guide, or make it a Subgraph",
    ],
  ],
  [
    "the side that a Switch leaves out",
    (b, x) => b.add("guidegraph/switch", { condition: 0, a: scaled(b, x), b: x }).out("tensor"),
    [],
  ],
  [
    "one of two outputs of a graph inside",
    (b, x) =>
      b
        .subgraph("S", { x }, (inner) => {
          const x = inner.input("x", "tensor");
          inner.output("twice", "tensor", scaled(inner, x));
          inner.output("four", "tensor", scaled(inner, scaled(inner, x)));
        })
        .out("twice"),
    [],
  ],
  [
    "what leads to no output of it",
    (b, x) =>
      b
        .subgraph("S", { x }, (inner) => {
          const x = inner.input("x", "tensor");
          scaled(inner, x);
          inner.output("twice", "tensor", scaled(inner, x));
        })
        .out("twice"),
    [`2/2 : ${does("Scale")}`],
  ],
  [
    "a Subgraph that is not used at all",
    (b, x) => {
      b.subgraph("S", { x }, (inner) => inner.output("y", "tensor", scaled(inner, inner.input("x", "tensor"))));
      return x;
    },
    [`2 : ${does("S")}`],
  ],
];

test.each(cases)("%s", (_, make, notes) => {
  expect(notesOf(make)).toEqual(notes);
});

test("a run to a node needs no other, and says so of none", () => {
  const make = (b: Builder, x: Wire) => {
    chain(b, x, 2);
    return x;
  };
  expect(notesOf(make, ["2"])).toEqual([]);
});

test("a muted node is left out as its owner wants it", () => {
  const b = documentBuilder(nodes);
  const x = b.add("guidegraph/gaussian-noise", { batch: 2, height: 8, width: 8, channels: 3 }).out("x_T");
  scaled(b, x);
  b.add("guidegraph/save-tensor", { tensor: x });
  const document = b.document();
  const muted = document.nodes.map((node) => (node.type === "guidegraph/scale" ? { ...node, mode: 2 as const } : node));
  expect(survey(document, nodes, fakeKnown()).notes).toHaveLength(1);
  expect(survey({ ...document, nodes: muted }, nodes, fakeKnown()).notes).toEqual([]);
});
