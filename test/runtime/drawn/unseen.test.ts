/** NaN and infinity that something inside a Differentiate makes finite again are refused where a run of its nodes refuses them. */
import { expect, test } from "vitest";
import { schedule } from "../../../diffusion/index.ts";
import { type AnyNode, type GraphError, nodes } from "../../../nodes/index.ts";
import { graphBuilder, writeModel } from "../../../onnx/index.ts";
import { modelsOf } from "../../../runtime/index.ts";
import { graphOf, type Placed, randomTensor, runAll } from "../../support/drawn.ts";
import { memoryNetworks } from "../../support/memory-networks.ts";

const op = graphBuilder();
const x = op.input("x", "float32", ["N", 3, 4, 4]);
op.output("y", op.Log(op.Mul(x, 0)), "float32", ["N", 3, 4, 4]);
const models = modelsOf(memoryNetworks(new Map([["log.onnx", await writeModel(op.model("log"))]])));
const network = await models.network({ file: "log.onnx", sha256: "", flags: "" });

/** At which x₀ is hundreds of ε. */
const step = schedule({ noiseSchedule: "cosine", timestepRespacing: "10" }).at(9);
const variable = { from: "variable" } as const;
const after = (path: string, output = "tensor") => ({ from: [path, output] as const });
type Inputs = Placed["inputs"];
const placed = (path: string, type: keyof typeof nodes, inputs: Inputs): Placed => ({
  ...{ path, definition: nodes[type] as unknown as AnyNode, inputs },
});
const formula = (path: string, text: string, inputs: Inputs): Placed =>
  placed(path, "guidegraph/formula", { ...inputs, formula: { value: text } });

/** A tensor of the variable. */
const makers: Readonly<Record<string, Placed>> = {
  ...Object.fromEntries(
    ["exp(a + 1000)", "-exp(a + 1000)", "log(a - 2)", "1 / (0 * a)", "a * 3e38 * 9", "a * 2"].map((text) => [
      text,
      formula("1", text, { a: variable }),
    ]),
  ),
  "what a network gives": placed("1", "guidegraph/apply-network", {
    ...{ network: { value: network }, x: variable, output: { value: "" } },
  }),
};

const eps = (clip: boolean): Placed[] => [
  placed("2", "guidegraph/scale", { tensor: after("1"), scale: { value: 1e38 } }),
  placed("3", "guidegraph/prediction-from-eps", {
    ...{ eps: after("2"), x: variable, step: { value: step }, clip_denoised: { value: clip } },
  }),
  ...(clip
    ? []
    : [
        placed("4", "guidegraph/clip-prediction", {
          ...{ prediction: after("3", "prediction"), low: { value: -1 }, high: { value: 1 } },
        }),
      ]),
  placed("5", "guidegraph/open-prediction", { prediction: after(clip ? "3" : "4", "prediction") }),
];

/** What makes finite what it is given; the last gives a tensor. */
const hiders: Readonly<Record<string, { readonly nodes: readonly Placed[]; readonly of: Placed["inputs"][string] }>> = {
  ...Object.fromEntries(
    ["clamp(a, -1, 1)", "max(min(a, 1), -1)", "a > 0", "a > 0 ? 1 : 2", "1 / a", "tanh(a)", "exp(-abs(a))"].map(
      (text) => [text, { nodes: [formula("2", text, { a: after("1") })], of: after("2") }],
    ),
  ),
  "sign of what was moved": {
    nodes: [
      placed("2", "guidegraph/scale", { tensor: after("1"), scale: { value: 3 } }),
      formula("3", "a + b", { a: after("2"), b: variable }),
      formula("4", "sign(a)", { a: after("3") }),
    ],
    of: after("4"),
  },
  nothing: { nodes: [], of: after("1") },
  "x₀ clipped where it is made": { nodes: eps(true), of: after("5", "pred_xstart") },
  "x₀ clipped by the next node": { nodes: eps(false), of: after("5", "pred_xstart") },
};

const cases = Object.keys(makers).flatMap((maker) => Object.keys(hiders).map((hider) => [maker, hider] as const));

test.each(cases)("%s, behind which is %s", async (maker, hider) => {
  const { nodes: between, of } = hiders[hider];
  const graph = [makers[maker], ...between, formula("9", "a * (1 + b)", { a: variable, b: of })];
  const at = randomTensor(7);
  const failure = (work: Promise<unknown>): Promise<GraphError | undefined> =>
    work.then(
      () => undefined,
      (error: GraphError) => error,
    );
  const plain = await failure(runAll(graph, at));
  expect(plain === undefined).toBe(maker === "a * 2" && !hider.startsWith("x₀"));
  for (const wishes of [
    ["gradient"],
    ["gradient", { of: "9", output: "tensor" }],
    [{ of: "9", output: "tensor" }],
  ] as const) {
    const drawn = await failure(graphOf(graph, ["9", "tensor"], models).run(at, wishes));
    expect(drawn?.path).toBe(plain?.path);
    if (drawn) expect(drawn.message).toMatch(/^Output of .* holds \d+ (NaN|infinite)/);
  }
});
