import { describe, expect, test } from "vitest";
import { survey } from "../../executor/index.ts";
import { documentBuilder, type InnerBuilder, type Wire } from "../../graphs/document/index.ts";
import { nodes } from "../../nodes/index.ts";
import { fakeKnown } from "../support/fake-context.ts";
import { added, drawn, same } from "./drawing-nodes.ts";

interface Given {
  readonly x: Wire;
  readonly step: Wire;
  readonly noise: Wire;
  readonly other: Wire;
}

/** What is said of a loop with this body. */
function notesOf(body: (inner: InnerBuilder, given: Given) => Wire, otherStream = 0): string[] {
  const b = documentBuilder(nodes);
  const schedule = b.add("guidegraph/diffusion-schedule", { timestep_respacing: "ddim10" }).out("schedule");
  const size = { batch: 2, height: 8, width: 8, channels: 3 };
  const noise = b.add("guidegraph/gaussian-noise", size);
  const other = b.add("guidegraph/gaussian-noise", { ...size, stream: otherStream }).out("noise");
  const given = { schedule, x: noise.out("x_T"), noise: noise.out("noise"), other };
  const loop = b.loop("L", given, (inner) => {
    const [x, step] = [inner.input("x", "tensor"), inner.input("step", "step")];
    const streams = { noise: inner.input("noise", "noise"), other: inner.input("other", "noise") };
    inner.output("x", "tensor", body(inner, { x, step, ...streams }));
  });
  b.add("guidegraph/save-tensor", { tensor: loop.out("x") });
  const { problems, notes } = survey(b.document(), nodes, fakeKnown());
  expect(problems).toEqual([]);
  // Not every body reads the other stream.
  const told = notes.filter(({ message }) => !message.startsWith("“Gaussian Noise” does not run"));
  return told.map(({ message, path, port }) => `${path}, ${port}: ${message}`);
}

/** A step of the sampler with the prediction that x is x₀. */
const stepped = (inner: InnerBuilder, type: "ddpm" | "ddim", { x, step, noise }: Given, eta?: number | Wire) => {
  const clean = inner.add("guidegraph/take-as", { tensor: x, meaning: "x0" }).out("tensor");
  const prediction = inner.add("guidegraph/prediction-from-x0", { pred_xstart: clean, x, step }).out("prediction");
  const set = { prediction, noise };
  return type === "ddpm"
    ? inner.add("guidegraph/ddpm-step", set).out("x")
    : inner.add("guidegraph/ddim-step", { ...set, ...(eta !== undefined && { eta }) }).out("x");
};
/** Either of two, as the step says. */
const switched = (inner: InnerBuilder, step: Wire, a: Wire, b: Wire) => {
  const condition = inner.add("guidegraph/step-interval", { step, from: 0.5 }).out("condition");
  return inner.add("guidegraph/switch", { condition, a, b }).out("tensor");
};
const cases: readonly [string, (inner: InnerBuilder, given: Given) => Wire, string[], number?][] = [
  [
    "two Draw Noise of one step",
    (inner, { noise, step }) => added(inner, drawn(inner, noise, step), drawn(inner, noise, step)),
    [same("Draw Noise")],
  ],
  [
    "Draw Noise beside the sampler's step, which is the prediction's",
    (inner, given) => added(inner, drawn(inner, given.noise, given.step), stepped(inner, "ddpm", given)),
    [same("Draw Noise")],
  ],
  [
    "a DDIM step that draws",
    (inner, given) => added(inner, drawn(inner, given.noise, given.step), stepped(inner, "ddim", given, 0.5)),
    [same("Draw Noise")],
  ],
  [
    "a DDIM step that draws as much as a wire says",
    (inner, given) => {
      const eta = inner.add("guidegraph/number", { value: 1 }).out("number");
      return added(inner, drawn(inner, given.noise, given.step), stepped(inner, "ddim", given, eta));
    },
    [same("Draw Noise")],
  ],
  [
    "a DDIM step that does not",
    (inner, given) => added(inner, drawn(inner, given.noise, given.step), stepped(inner, "ddim", given)),
    [],
  ],
  [
    "a step with a prediction that a switch chose",
    (inner, { x, step, noise }) => {
      const clean = inner.add("guidegraph/take-as", { tensor: x, meaning: "x0" }).out("tensor");
      const made = () => inner.add("guidegraph/prediction-from-x0", { pred_xstart: clean, x, step }).out("prediction");
      const condition = inner.add("guidegraph/step-interval", { step, from: 0.5 }).out("condition");
      const either = { condition, a: made(), b: made() };
      const prediction = inner.add("guidegraph/switch-prediction", either).out("prediction");
      return added(inner, drawn(inner, noise, step), inner.add("guidegraph/ddpm-step", { prediction, noise }).out("x"));
    },
    [same("Draw Noise")],
  ],
  [
    "both sides of a switch, of which one is computed",
    (inner, given) => switched(inner, given.step, drawn(inner, given.noise, given.step), stepped(inner, "ddpm", given)),
    [],
  ],
  [
    "different sides of two switches that choose alike, however far behind",
    (inner, { x, noise, step }) => {
      const one = inner.add("guidegraph/scale", { tensor: drawn(inner, noise, step), scale: 2 }).out("tensor");
      return added(inner, switched(inner, step, one, x), switched(inner, step, x, drawn(inner, noise, step)));
    },
    [],
  ],
  [
    "the same side of two switches",
    (inner, { x, noise, step }) => {
      const [one, other] = [drawn(inner, noise, step), drawn(inner, noise, step)];
      return added(inner, switched(inner, step, one, x), switched(inner, step, other, x));
    },
    [same("Draw Noise")],
  ],
  [
    "a side of a switch, and what is computed in any case",
    (inner, { x, noise, step }) => {
      const always = drawn(inner, noise, step);
      return added(inner, always, switched(inner, step, x, drawn(inner, noise, step)));
    },
    [same("Draw Noise")],
  ],
  [
    "what a typed condition never chooses",
    (inner, { x, noise, step }) => {
      const never = { condition: 1, a: x, b: drawn(inner, noise, step) };
      return added(inner, drawn(inner, noise, step), inner.add("guidegraph/switch", never).out("tensor"));
    },
    [],
  ],
  [
    "another noise of the same numbers",
    (inner, { noise, other, step }) => added(inner, drawn(inner, noise, step), drawn(inner, other, step)),
    [same("Draw Noise")],
  ],
  [
    "another stream",
    (inner, { noise, other, step }) => added(inner, drawn(inner, noise, step), drawn(inner, other, step)),
    [],
    1,
  ],
  [
    "a step and its neighbour",
    (inner, { noise, step }) => {
      const earlier = inner.add("guidegraph/neighbouring-steps", { step }).out("earlier");
      return added(inner, drawn(inner, noise, step), drawn(inner, noise, earlier));
    },
    [
      "It draws for a step beside the loop's own, and in that one “Draw Noise” draws the very same noise: if that is not meant, give one of them a Gaussian Noise of another stream",
    ],
  ],
  [
    "a step's neighbour on one side of a switch, and the step itself on the other, in which the next one draws the same",
    (inner, { noise, step }) => {
      const earlier = inner.add("guidegraph/neighbouring-steps", { step }).out("earlier");
      const condition = inner.add("guidegraph/step-interval", { step, measure: "index", to: 8 }).out("condition");
      const either = { condition, a: drawn(inner, noise, step), b: drawn(inner, noise, earlier) };
      return inner.add("guidegraph/switch", either).out("tensor");
    },
    [
      "It draws for a step beside the loop's own, and in that one “Draw Noise” draws the very same noise: if that is not meant, give one of them a Gaussian Noise of another stream",
    ],
  ],
  [
    "a step's neighbour and the step itself on sides of a switch by which no step draws another's",
    (inner, { noise, step }) => {
      const later = inner.add("guidegraph/neighbouring-steps", { step }).out("later");
      const condition = inner.add("guidegraph/step-interval", { step, measure: "index", to: 5 }).out("condition");
      const either = { condition, a: drawn(inner, noise, step), b: drawn(inner, noise, later) };
      return inner.add("guidegraph/switch", either).out("tensor");
    },
    [
      "In 1 of the steps of “L” it draws for a step for which it has drawn before, and so the very same noise: if that is not meant, wire that loop's own step to it",
    ],
  ],
  [
    "sides of two switches whose intervals have no step in common",
    (inner, { x, noise, step }) => {
      const some = (set: object) =>
        inner.add("guidegraph/switch", {
          ...{ a: drawn(inner, noise, step), b: x },
          condition: inner.add("guidegraph/step-interval", { step, measure: "index", ...set }).out("condition"),
        });
      return added(inner, some({ to: 4 }).out("tensor"), some({ from: 5, to: 9 }).out("tensor"));
    },
    [],
  ],
  [
    "a DDIM step that draws where the other does not",
    (inner, given) => {
      const { x, step, noise } = given;
      const eta = inner.add("guidegraph/step-interval", { step, measure: "index", to: 4 }).out("condition");
      const condition = inner.add("guidegraph/step-interval", { step, measure: "index", from: 5, to: 9 });
      const either = { condition: condition.out("condition"), a: drawn(inner, noise, step), b: x };
      const other = inner.add("guidegraph/switch", either).out("tensor");
      return added(inner, other, stepped(inner, "ddim", given, eta));
    },
    [],
  ],
  [
    "a loop inside, which has draws of its own",
    (inner, given) => {
      const schedule = inner.add("guidegraph/diffusion-schedule", { timestep_respacing: "ddim10" }).out("schedule");
      const loop = inner.loop("Inner", { schedule, x: given.x, noise: given.noise }, (body) => {
        const at = { noise: body.input("noise", "noise"), step: body.input("step", "step") };
        body.output("x", "tensor", added(body, body.input("x", "tensor"), drawn(body, at.noise, at.step)));
      });
      return added(inner, drawn(inner, given.noise, given.step), loop.out("x"));
    },
    [],
  ],
  [
    "a loop inside that is as long as its turn says",
    (inner, given) => {
      const schedule = inner.add("guidegraph/diffusion-schedule", { timestep_respacing: "ddim10" }).out("schedule");
      const start = inner.add("guidegraph/step-value", { step: given.step }).out("index");
      const loop = inner.loop("Inner", { schedule, start, x: given.x, noise: given.noise }, (body) => {
        const at = { noise: body.input("noise", "noise"), step: body.input("step", "step") };
        body.output("x", "tensor", added(body, body.input("x", "tensor"), drawn(body, at.noise, at.step)));
      });
      return loop.out("x");
    },
    [
      "How many steps it takes may change from turn to turn of the loop around it, and then turns may share draws: type its order, start and stop if that is not meant",
    ],
  ],
];

/** What a loop makes of a draw and x. */
type Made = (inner: InnerBuilder, draw: Wire, x: Wire, at: { readonly noise: Wire; readonly step: Wire }) => Wire;

/** What is said of two loops of one noise, of ten rows, the second of which begins with what the first leaves, or beside it. */
function notesOfTwo(orders: readonly [string, string], isAfter = true, made: Made = added): string[] {
  const b = documentBuilder(nodes);
  const schedule = b.add("guidegraph/diffusion-schedule", { timestep_respacing: "ddim10" }).out("schedule");
  const noise = b.add("guidegraph/gaussian-noise", { batch: 2, height: 8, width: 8, channels: 3 });
  const looped = (title: string, order: string, x: Wire) =>
    b
      .loop(title, { schedule, order, x, noise: noise.out("noise") }, (inner) => {
        const at = { noise: inner.input("noise", "noise"), step: inner.input("step", "step") };
        inner.output("x", "tensor", made(inner, drawn(inner, at.noise, at.step), inner.input("x", "tensor"), at));
      })
      .out("x");
  const first = looped("First", orders[0], noise.out("x_T"));
  const second = looped("Second", orders[1], isAfter ? first : noise.out("x_T"));
  b.add("guidegraph/save-tensor", { tensor: b.add("guidegraph/add", { a: first, b: second }).out("tensor") });
  const { problems, notes } = survey(b.document(), nodes, fakeKnown());
  expect(problems).toEqual([]);
  return notes.filter(({ port }) => port === "noise").map(({ message }) => message);
}

describe("of two loops, one behind the other", () => {
  test.each<[readonly [string, string], number]>([
    [["down", "down"], 10],
    [["up", "down"], 10],
    [["9..4", "5..0"], 2],
    [["9..5", "4..0"], 0],
    [["9..5, 9..5", "4..0"], 0],
    [["9..5*2", "9..5*2"], 10],
    [["9..5*2, 4..0", "4..0*2"], 10],
    [["8.5, 7.5, 0", "6.5, 0*2"], 3],
    [["noise_level: 8, 4", "noise_level: 8, 4"], 2],
    [["noise_level: 8, 4", "noise_level: 2"], 1],
  ])("of orders %j %i draws are the same", (orders, steps) => {
    const note = `In ${steps} of its steps it draws the very noise that “Draw Noise” drew in “First” before`;
    expect(notesOfTwo(orders)).toEqual(steps === 0 ? [] : [expect.stringContaining(note)]);
  });

  test("what a typed condition of the first never chooses is none of them", () =>
    expect(
      notesOfTwo(["down", "down"], true, (inner, a, b) => {
        return inner.add("guidegraph/switch", { condition: 0, a, b }).out("tensor");
      }),
    ).toEqual([]));

  test.each<[readonly [number, number], readonly [number, number], string | undefined]>([
    [[5, 9], [0, 4], undefined],
    [[5, 9], [4, 9], "In 5 of its steps"],
    [[0, 9], [4, 6], "In 3 of its steps"],
    [[8, 9], [0, 8], "In 1 of its steps"],
  ])("of which Switches have draws at indices of %j and %j alone, is said: %s", (first, second, told) => {
    const ends = [first, second];
    const made: Made = (inner, a, b, { step }) => {
      const [from, to] = ends.shift() as [number, number];
      const condition = inner.add("guidegraph/step-interval", { step, measure: "index", from, to }).out("condition");
      return inner.add("guidegraph/switch", { condition, a, b }).out("tensor");
    };
    expect(notesOfTwo(["down", "down"], true, made)).toEqual(told ? [expect.stringContaining(told)] : []);
  });

  test("so many at most, where only a run knows which a Switch chooses", () => {
    const made: Made = (inner, a, b) => {
      const schedule = inner.add("guidegraph/diffusion-schedule", { timestep_respacing: "ddim10" }).out("schedule");
      const n = inner.add("guidegraph/number", { value: 0 }).out("number");
      const counted = inner.loop("Counts", { schedule, n }, (body) => {
        const more = body.add("guidegraph/arithmetic", { a: body.input("n", "number"), b: 1, operation: "add" });
        body.output("n", "number", more.out("number"));
      });
      const condition = counted.out("n");
      return inner.add("guidegraph/switch", { condition, a, b }).out("tensor");
    };
    expect(notesOfTwo(["9..4", "down"], true, made)).toEqual([expect.stringContaining("In up to 6 of its steps")]);
  });

  // A hang guard: what grew with the square of the draws took minutes.
  test("many draws are told in no time", () => {
    const many = (inner: InnerBuilder, made: Wire, x: Wire, at: { readonly noise: Wire; readonly step: Wire }) => {
      let sum = added(inner, made, x);
      for (let i = 0; i < 150; i++) sum = added(inner, sum, drawn(inner, at.noise, at.step));
      return sum;
    };
    expect(notesOfTwo(["9..5", "4..0"], true, many)).toHaveLength(300);
  }, 20_000);

  test("beside each other they may be meant to", () => expect(notesOfTwo(["down", "down"], false)).toEqual([]));
});

describe("equal draws", () => {
  test.each(cases)("%s", (_, body, expected, stream) => {
    expect(notesOf(body, stream).map((note) => note.replace(/^[\d/]+, \w+: /, ""))).toEqual(expected);
  });
});
