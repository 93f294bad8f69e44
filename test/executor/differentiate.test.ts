import { lastValueFrom } from "rxjs";
import { describe, expect, test } from "vitest";
import { type DrawnStep, GraphErrors, type KnownModels, plan, run, survey, type Values } from "../../executor/index.ts";
import {
  documentBuilder,
  type GraphDocument,
  type InnerBuilder,
  type LevelBuilder,
  type Wire,
} from "../../graphs/document/index.ts";
import { type DrawnWish, nodes } from "../../nodes/index.ts";

/** A network of one output that lets no gradient through, and one that does. */
const known: KnownModels = {
  network: (role, { file }) => ({
    ...{
      channels: 3,
      height: 8,
      width: 8,
      classes: 4,
      predicts: "eps",
      learnSigma: false,
      content: file,
      timed: false,
    },
    outputs: [{ name: "out", dims: [null, 4], ...(file === "flat" && { stopped: 'ends at Round "r"' }) }],
    ...(role !== "network" && file === "flat" && { stopped: 'ends at Round "r"' }),
  }),
  image: (content) => ({ batch: 1, channels: 3, height: 8, width: 8, content }),
  tensor: () => ({ content: "", shape: [2, 3, 8, 8], batch: 2, channels: 3, height: 8, width: 8 }) as never,
};

interface Given {
  readonly x: Wire;
  readonly y: Wire;
  readonly step: Wire;
}

/** Two noises and a step, for what `build` makes of them. */
function document(build: (graph: LevelBuilder, given: Given) => void): GraphDocument {
  const graph = documentBuilder(nodes, {}, { unchecked: true });
  const model = graph.add("guidegraph/load-unet", { file: "unet" }).out("model");
  const schedule = graph.add("guidegraph/diffusion-schedule").out("schedule");
  const size = { model, batch: 2 };
  const x = graph.add("guidegraph/gaussian-noise", { schedule, ...size }).out("x_T");
  const y = graph.add("guidegraph/gaussian-noise", { schedule, ...size, seed: 2 }, "Other").out("x_T");
  build(graph, { x, y, step: graph.add("guidegraph/schedule-step", { schedule }).out("step") });
  return graph.document();
}

const show = (graph: LevelBuilder, x: Wire) =>
  graph.add("guidegraph/preview", { images: graph.add("guidegraph/decode-image", { x }).out("image") });

const input = (inner: InnerBuilder, name: string): Wire => inner.input(name, "tensor");
const loss = (inner: InnerBuilder, tensor: Wire, target: Wire) =>
  inner.output("loss", "tensor", inner.add("guidegraph/squared-error", { tensor, target }).out("loss"));

function problemsOf(build: (graph: LevelBuilder, given: Given) => void): string[] {
  const { problems } = survey(document(build), nodes, known);
  return problems.map(({ path, port, message }) => `${path}${port ? `, ${port}` : ""}: ${message}`);
}

const planned = (build: (graph: LevelBuilder, given: Given) => void) => plan(document(build), nodes, known).steps;

describe("Differentiate", () => {
  const scaled = (graph: LevelBuilder, { x, y }: Given) =>
    graph.differentiate("D", { x, y }, (inner) => {
      const own = inner.add("guidegraph/scale", { tensor: input(inner, "x"), scale: 3 }, "Of x").out("tensor");
      const other = inner.add("guidegraph/scale", { tensor: input(inner, "y"), scale: 4 }, "Of y").out("tensor");
      loss(inner, own, other);
      inner.output("own", "tensor", own);
    });

  test("draws what depends on its variable, and leaves the rest what it is", () => {
    const steps = planned((graph, given) => {
      const d = scaled(graph, given);
      show(graph, graph.add("guidegraph/add", { a: d.out("gradient"), b: d.out("own") }).out("tensor"));
    });
    expect(steps.map(({ is, title }) => `${is} ${title}`)).toContain("node Of y");
    const drawn = steps.find(({ is }) => is === "drawn") as DrawnStep;
    expect(drawn.graph.nodes.map(({ title }) => title)).toEqual(["Of x", "Squared Error"]);
    expect(drawn.outputs.map(({ output, facts }) => [output, facts])).toEqual([
      ["gradient", { batch: 2, channels: 3, height: 8, width: 8, meaning: "gradient" }],
      ["tensor", { batch: 2, channels: 3, height: 8, width: 8, meaning: "x" }],
    ]);
    expect(steps.findIndex(({ title }) => title === "Of y")).toBeLessThan(steps.indexOf(drawn));
  });

  test("runs what only looks at it behind it, as the nodes they are", () => {
    const steps = planned((graph, { x, y }) => {
      graph.differentiate("D", { x, y }, (inner) => {
        const own = inner.add("guidegraph/scale", { tensor: input(inner, "x") }).out("tensor");
        show(inner, own);
        loss(inner, own, input(inner, "y"));
      });
    });
    expect(steps.slice(-3).map(({ is, title }) => `${is} ${title}`)).toEqual([
      "drawn D",
      "node Decode Image",
      "node Preview",
    ]);
  });

  test("is another value when it is by another input, though the same is wired to both", () => {
    const key = (by: string) =>
      planned((graph, { x }) => {
        const d = graph.differentiate("D", { x, y: x, by }, (inner) =>
          loss(inner, input(inner, "x"), input(inner, "y")),
        );
        show(graph, graph.add("guidegraph/add", { a: x, b: d.out("gradient") }).out("tensor"));
      }).find(({ is }) => is === "drawn")?.key;
    expect(key("x")).toBeDefined();
    expect(key("x")).not.toBe(key("y"));
  });

  test("that is bypassed gives no gradient, which nothing that enters it is; muted, nothing", () => {
    const off = (mode: 2 | 4) => {
      const doc = document((graph, given) => {
        show(graph, scaled(graph, given).out("gradient"));
      });
      return survey(
        { ...doc, nodes: doc.nodes.map((node) => (node.title === "D" ? { ...node, mode } : node)) },
        nodes,
        known,
      ).problems.map(({ message }) => message);
    };
    expect(off(4)).toEqual(["It is fed by D (6), which is bypassed: what enters it is no “gradient”"]);
    expect(off(2)).toEqual(["It is fed by D (6), which is muted"]);
  });

  const inside =
    (build: (inner: InnerBuilder, x: Wire, step: Wire) => Wire, set: object = {}) =>
    (graph: LevelBuilder, { x, y, step }: Given) =>
      graph.differentiate("D", { x, y, step, ...set }, (inner) => {
        const [own, other] = [input(inner, "x"), input(inner, "y")];
        loss(inner, build(inner, own, inner.input("step", "step")), other);
      });

  const refused: readonly [
    string,
    (graph: LevelBuilder, given: Given) => ReturnType<LevelBuilder["differentiate"]>,
    string[],
  ][] = [
    [
      "a node that rounds",
      inside((inner, x) => {
        const image = inner.add("guidegraph/decode-image", { x }).out("image");
        return inner.add("guidegraph/encode-image", { image }).out("x0");
      }),
      [
        "6/4: “Decode Image” cannot be drawn: it rounds to bytes, so no gradient goes through it",
        "6/5: “Encode Image” cannot be drawn: it reads bytes, which have no derivative, so no gradient goes through it",
      ],
    ],
    [
      "an end that does not depend on the variable",
      inside((inner) => inner.input("y2", "tensor"), {}),
      ['6, y2: D needs "y2": nothing is wired to it', '6, of: Cannot differentiate: "loss" does not depend on "x"'],
    ],
    [
      "ends that are not there",
      inside((_, x) => x, { of: "sum", by: "z" }),
      [
        '6, of: Cannot differentiate: the graph inside has no output "sum"; choose "loss"',
        '6, by: Cannot differentiate: the graph inside has no input "z"; choose "x" or "y"',
      ],
    ],
    [
      "a graph without ends",
      (graph) => graph.differentiate("D", {}, () => {}),
      [
        '6, of: Cannot differentiate: the graph inside has no output "loss"; add a Graph Output',
        '6, by: Cannot differentiate: the graph inside has no input "x"; add a Graph Input',
      ],
    ],
    [
      "a loop on the way",
      inside((inner, x, step) => {
        void step;
        const schedule = inner.add("guidegraph/diffusion-schedule").out("schedule");
        const loop = inner.loop("L", { schedule, x }, (body) => {
          body.output("x", "tensor", body.add("guidegraph/scale", { tensor: body.input("x", "tensor") }).out("tensor"));
        });
        return loop.out("x");
      }),
      [
        "6/5: “L” cannot be drawn: a Sampling Loop inside a Differentiate may not lie between what it is of and what it is by: how many steps it takes is known only when it runs, and all of them would be held at once; differentiate one step inside the loop instead, or wire the few that you need one after the other",
      ],
    ],
    [
      "a network that lets no gradient through",
      inside((inner, x) => {
        const network = inner.add("guidegraph/load-network", { file: "flat" }).out("network");
        const logits = inner.add("guidegraph/apply-network", { network, x }).out("tensor");
        const labels = inner.add("guidegraph/class-labels", { classes: "1,2" }).out("labels");
        return inner.add("guidegraph/log-probability", { logits, labels }).out("log_probability");
      }),
      [
        '6/5, network: Cannot guide by this network, its gradient does not reach the picture: ends at Round "r"',
        "6/8, target: Cannot use target (2×3×8×8) with tensor (2×1×1×1): its channels must be 1",
      ],
    ],
    [
      "sizes that do not fit",
      inside((inner, tensor) => inner.add("guidegraph/average-pool", { tensor, factor: 3 }).out("tensor")),
      ["6/4, factor: Cannot pool 8 pixels by 3: 3 must divide it"],
    ],
  ];

  test.each(refused)("refuses %s, by path", (_, build, problems) => {
    expect(problemsOf((graph, given) => void build(graph, given))).toEqual(problems);
    const read = (graph: LevelBuilder, given: Given) =>
      void graph.add("guidegraph/save-tensor", { tensor: build(graph, given).out("gradient") });
    expect(problemsOf(read)).toEqual(problems);
  });

  test("refuses its own output as its variable", () => {
    const graph = documentBuilder(nodes, {}, { unchecked: true });
    const d = graph.differentiate("D", {}, (inner) => {
      const x = input(inner, "x");
      inner.output("loss", "tensor", inner.add("guidegraph/scale", { tensor: x }).out("tensor"));
    });
    graph.connect(d.out("gradient"), d, "x");
    show(graph, d.out("gradient"));
    expect(() => plan(graph.document(), nodes, known)).toThrow(GraphErrors);
    expect(survey(graph.document(), nodes, known).problems[0].message).toMatch(/^A cycle: D/);
  });
});

describe("what is drawn, when it runs", () => {
  /** Answers each wish with a tensor of one number, and remembers what it was asked. */
  function drawing() {
    const asked: { wishes: readonly DrawnWish[]; outside: readonly unknown[]; variable: unknown }[] = [];
    const models = {
      differentiated: () => ({
        run: async (variable: unknown, outside: readonly unknown[], wishes: readonly DrawnWish[]) => {
          asked.push({ variable, outside, wishes });
          return wishes.map((_, i) => ({ dims: [1, 1, 1, 1], data: Float32Array.of(0.5 - i) }));
        },
      }),
      unet: async () => ({ key: "u", facts: known.network("unet", { file: "u", sha256: "", flags: "" }) }),
    };
    const shown: unknown[] = [];
    const outputs = () => ({ preview: (pictures: { data: Uint8Array }) => shown.push([...pictures.data]) });
    return { asked, shown, world: { models, outputs, images: {}, tensors: {} } as never };
  }

  const shownGradient = () =>
    plan(
      document((graph, { x, y }) => {
        const d = graph.differentiate("D", { x, y }, (inner) => {
          const own = inner.add("guidegraph/scale", { tensor: input(inner, "x"), scale: 3 }).out("tensor");
          loss(inner, own, input(inner, "y"));
        });
        show(graph, graph.add("guidegraph/reduce", { tensor: d.out("gradient") }).out("tensor"));
      }),
      nodes,
      known,
    );

  test("is asked once for what is read and what is watched, and is kept like any value", async () => {
    const { asked, shown, world } = drawing();
    const kept = new Map<string, Values>();
    const cache = {
      get: (key: string) => kept.get(key),
      set: (key: string, values: Values) => void kept.set(key, values),
    };
    const seen: unknown[] = [];
    const watch = [{ path: "6/2", output: "tensor", see: (value: unknown) => void seen.push(value) } as never];
    const runOnce = (options: object) => lastValueFrom(run(shownGradient(), world, options), { defaultValue: null });
    await runOnce({ cache, watch });
    expect(asked.map(({ wishes }) => wishes)).toEqual([["gradient", { of: "6/2", output: "tensor" }]]);
    expect(asked[0].outside).toEqual([3, asked[0].outside[1], "sum"]);
    expect(seen).toEqual([{ dims: [1, 1, 1, 1], data: Float32Array.of(-0.5) }]);
    expect(shown).toEqual([[191]]);
    await runOnce({ cache });
    expect(asked).toHaveLength(1);
    expect(shown).toEqual([[191], [191]]);
  });

  const predict = (inner: Pick<InnerBuilder, "add">, given: { model: Wire; x: Wire; step: Wire }) => {
    const out = inner.add("guidegraph/predict", given).out("model_output");
    return inner.add("guidegraph/mean-variance", { x: given.x, step: given.step, model_output: out }).out("mean");
  };
  const readers: readonly [string, readonly ("inside" | "outside")[], string[]][] = [
    ["that Differentiates alone ask is not", ["inside"], []],
    ["that something runs is", ["outside"], ["unet"]],
    ["that both ask is", ["inside", "outside"], ["unet"]],
    ["that nobody reads is", [], ["unet"]],
  ];
  test.each(readers)("a network %s loaded by itself", async (_, read, expected) => {
    const loaded: string[] = [];
    const { world } = drawing();
    const unlabelled = (...asked: Parameters<KnownModels["network"]>) => {
      const { classes: _, ...facts } = known.network(...asked);
      return facts;
    };
    const facts = unlabelled("unet", { file: "u", sha256: "", flags: "" });
    const unet = async () => ({
      ...{ key: "u", facts, load: async () => void loaded.push("unet") },
      predict: async (x: unknown, step: unknown) => ({ out: x, facts, step }),
    });
    const models = { ...(world as { models: object }).models, unet };
    const doc = document((graph, { x, step }) => {
      const model = graph.add("guidegraph/load-unet", { file: "asked" }, "Asked").out("model");
      if (read.includes("outside")) show(graph, predict(graph, { model, x, step }));
      if (!read.includes("inside")) return;
      const d = graph.differentiate("D", { model, x, step, of: "mean" }, (inner) => {
        const given = { model: inner.input("model", "model"), x: input(inner, "x"), step: inner.input("step", "step") };
        inner.output("mean", "tensor", predict(inner, given));
      });
      show(graph, graph.add("guidegraph/reduce", { tensor: d.out("gradient") }).out("tensor"));
    });
    const shown = doc.nodes.filter(({ type }) => type === "guidegraph/preview").map(({ id }) => `${id}`);
    const asked = doc.nodes.find(({ title }) => title === "Asked")!.id;
    const planned = plan(doc, nodes, { ...known, network: unlabelled }, shown.length > 0 ? shown : [`${asked}`]);
    await lastValueFrom(run(planned, { ...(world as object), models } as never), { defaultValue: null });
    expect(loaded).toEqual(expected);
  });

  test("that is run to gives its gradient and all its outputs", () => {
    const doc = document((graph, { x, y }) => {
      graph.differentiate("D", { x, y }, (inner) => loss(inner, input(inner, "x"), input(inner, "y")));
    });
    const { steps, targets } = plan(doc, nodes, known, ["6"]);
    const drawn = steps.at(-1) as DrawnStep;
    expect(targets).toEqual(["6"]);
    expect(drawn.outputs.map(({ from, output }) => `${from} ${output}`)).toEqual(["6/3 loss", "6 gradient"]);
    // A node that is drawn runs with the Differentiate that draws it.
    expect(plan(doc, nodes, known, ["6/3"]).targets).toEqual(["6"]);
  });
});
