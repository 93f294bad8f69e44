/** Stop Gradient is a constant to the Differentiate around it, and nothing else to anybody. */
import { afterAll, expect, test } from "vitest";
import type { Tensor } from "../../diffusion/index.ts";
import { plan } from "../../executor/index.ts";
import { documentBuilder, type InnerBuilder, type Wire } from "../../graphs/document/index.ts";
import { nodes } from "../../nodes/index.ts";
import { models, networks, randomTensor } from "../support/drawn.ts";
import { fakeKnown } from "../support/fake-context.ts";
import { type Wiring, wiredValue } from "../support/wired-values.ts";

afterAll(() => networks.close());

const held = (inner: InnerBuilder, tensor: Wire): Wire =>
  inner.add("guidegraph/stop-gradient", { tensor }).out("tensor");
const formula = (inner: InnerBuilder, text: string, given: Readonly<Record<string, Wire>>): Wire =>
  inner.add("guidegraph/formula", { formula: text, ...given }).out("tensor");

const [x, y] = [randomTensor(3), randomTensor(4)];
const network = ["model", "step", "labels"] as const;
type Asked = Readonly<Record<(typeof network)[number], Wire>>;

/** x̂₀ as the network has it. */
function predicted(b: Pick<InnerBuilder, "add">, x: Wire, { model, step, labels }: Asked): Wire {
  const model_output = b.add("guidegraph/predict", { model, x, step, labels }).out("model_output");
  return b.add("guidegraph/mean-variance", { model_output, x, step, clip_denoised: false }).out("pred_xstart");
}

/** `seen`: x̂₀ by a Predict of its own, outside. */
type Loss = (inner: InnerBuilder, at: { readonly x: Wire; readonly x0: Wire; readonly seen: Wire; y: Wire }) => Wire;

/** ∂ loss / ∂ x. */
const gradientOf = (loss: Loss) =>
  wiredValue(
    (w) => {
      const asked = networkOf(w);
      const at = w.tensor(x);
      const given = { x: at, ...asked, seen: predicted(w, at, asked), y: w.tensor(y) };
      const d = w.differentiate("D", given, (inner) => {
        const at = inner.input("x", "tensor");
        const own = Object.fromEntries(network.map((kind) => [kind, inner.input(kind, kind)])) as unknown as Asked;
        const [seen, y] = [inner.input("seen", "tensor"), inner.input("y", "tensor")];
        inner.output("loss", "tensor", loss(inner, { x: at, x0: predicted(inner, at, own), seen, y }));
      });
      return w.add("guidegraph/scale", { tensor: d.out("gradient") }).out("tensor");
    },
    { models },
  ) as Promise<Tensor>;

function networkOf(w: Wiring): Asked {
  const flags = "--num_classes 4 --learn_sigma true";
  const schedule = w.add("guidegraph/diffusion-schedule", { timestep_respacing: "10" }).out("schedule");
  return {
    model: w.add("guidegraph/load-unet", { file: "unet.onnx", flags }).out("model"),
    step: w.add("guidegraph/schedule-step", { schedule, index: 3 }).out("step"),
    labels: w.add("guidegraph/class-labels", { classes: "1,2" }).out("labels"),
  };
}

function expectClose({ data }: Tensor, expected: ArrayLike<number>): void {
  const length = Math.hypot(...Array.from(expected));
  expect(length).toBeGreaterThan(0);
  expect(Math.hypot(...data.map((value, i) => value - expected[i])) / length).toBeLessThan(1e-5);
}

const product = "(b - a) * c";

test("an error held constant is that of a prediction made outside, with the network asked once", async () => {
  const once = await gradientOf((inner, { x0, y }) => {
    const error = held(inner, formula(inner, "b - a", { a: x0, b: y }));
    return formula(inner, "a * b", { a: error, b: x0 });
  });
  const twice = await gradientOf((inner, { x0, seen, y }) => formula(inner, product, { a: seen, b: y, c: x0 }));
  expectClose(once, twice.data);
  const free = await gradientOf((inner, { x0, y }) => formula(inner, product, { a: x0, b: y, c: x0 }));
  expect(Math.hypot(...free.data.map((value, i) => value - once.data[i]))).toBeGreaterThan(0.1);
});

test.each<[string, Loss, (x: number, y: number) => number]>([
  ["one factor", (inner, { x }) => formula(inner, "a * b", { a: held(inner, x), b: x }), (x) => x],
  ["what is y's already", (inner, { x, y }) => formula(inner, "a * b", { a: held(inner, y), b: x }), (_, y) => y],
  ["one of two uses", (inner, { x }) => formula(inner, "a ^ 2 + b", { a: held(inner, x), b: x }), () => 1],
  [
    "a power",
    (inner, { x }) => formula(inner, "a * b", { a: held(inner, formula(inner, "exp(a)", { a: x })), b: x }),
    Math.exp,
  ],
])("it holds %s constant", async (_, loss, slope) =>
  expectClose(
    await gradientOf(loss),
    x.data.map((value, i) => slope(value, y.data[i])),
  ),
);

test("a loss all of which is held constant is refused with its name", async () => {
  const error = await gradientOf((inner, { x0 }) => formula(inner, "a ^ 2", { a: held(inner, x0) })).catch((e) => e);
  expect(error.message).toMatch(
    /it is 0 everywhere, .* ends at StopGradient of “Stop Gradient”, which lets no gradient/,
  );
});

const isIdle = (message: string): boolean => message.startsWith("It stops nothing");

/** Whether a note says that it does nothing. */
function noted(place: "outside" | "inside" | "beside", mode?: 4): boolean {
  const b = documentBuilder(nodes);
  const x = b.add("guidegraph/gaussian-noise", { batch: 1, channels: 3, height: 4, width: 4 }).out("x_T");
  const stop = (to: Pick<InnerBuilder, "add">, tensor: Wire) => to.add("guidegraph/stop-gradient", { tensor });
  const d = b.differentiate("D", { x, y: place === "outside" ? stop(b, x).out("tensor") : x }, (inner) => {
    const [x, y] = [inner.input("x", "tensor"), inner.input("y", "tensor")];
    const a = place === "outside" ? y : stop(inner, place === "inside" ? x : y).out("tensor");
    inner.output("loss", "tensor", formula(inner, "a * b", { a, b: x }));
  });
  b.add("guidegraph/save-tensor", { tensor: d.out("gradient") });
  const document = b.document();
  const off = document.nodes.map((node) =>
    node.type === "guidegraph/stop-gradient" && mode ? { ...node, mode } : node,
  );
  return plan({ ...document, nodes: off }, nodes, fakeKnown()).notes!.some(({ message }) => isIdle(message));
}

test("where no Differentiate is by what it is made of, a note says that it does nothing", () => {
  expect(noted("outside")).toBe(true);
  expect(noted("beside")).toBe(true);
  expect(noted("inside")).toBe(false);
  expect(noted("outside", 4)).toBe(false);
});
