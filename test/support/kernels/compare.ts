/** What a provider makes of cases, beside the processor. Many are one session: most of the time is the making of sessions. */
import { graphBuilder, lower, type OnnxModel, writeModel } from "../../../onnx/index.ts";
import { relativeError } from "../check-graph.ts";
import { generator } from "../random.ts";
import { type Feeds, openSession, type Provider, type Values } from "../sessions.ts";
import { dimsOf, type Input, type KernelCase } from "./case.ts";

/** Relative L2. Software Vulkan's sines are good to 2·10⁻⁴; a kernel that is wrong is off by tenths. */
const tolerance = 1e-3;
const together = 40;

export interface Wrong {
  readonly name: string;
  /** Relative L2, or what the runtime says. */
  readonly off: number | string;
}

/** Those that come out otherwise than on the processor; `plain`: as they are, else lowered for WebGPU. */
export async function wrongOnes(
  cases: readonly KernelCase[],
  provider: Provider,
  { plain = false } = {},
): Promise<Wrong[]> {
  const wrong: Wrong[] = [];
  for (let i = 0; i < cases.length; i += together)
    wrong.push(...(await wrongOf(cases.slice(i, i + together), provider, plain)));
  return wrong;
}

async function wrongOf(cases: readonly KernelCase[], provider: Provider, plain: boolean): Promise<Wrong[]> {
  try {
    const { model, feeds } = graphOf(cases);
    const right = await valuesOf(model, feeds, "cpu");
    const got = await valuesOf(plain ? model : lower(model, "portable"), feeds, provider);
    return cases.flatMap(({ name }, i) => {
      const off = relativeError(got[`y${i}`].values, right[`y${i}`].values);
      return off < tolerance ? [] : [{ name, off }];
    });
  } catch (error) {
    if (cases.length === 1) return [{ name: cases[0].name, off: (error as Error).message }];
    const half = cases.length >> 1;
    return [
      ...(await wrongOf(cases.slice(0, half), provider, plain)),
      ...(await wrongOf(cases.slice(half), provider, plain)),
    ];
  }
}

function graphOf(cases: readonly KernelCase[]): { readonly model: OnnxModel; readonly feeds: Feeds } {
  const op = graphBuilder();
  const feeds: Record<string, Values> = {};
  cases.forEach(({ inputs, y, type = "float32" }, i) => {
    const values = inputs.map((input, at) => {
      const name = `x${i}.${at}`;
      feeds[name] = valuesFor(input, 1 + at);
      return op.input(name, feeds[name].type, dimsOf(input));
    });
    op.output(`y${i}`, y(op, ...values), type);
  });
  return { model: op.model("cases"), feeds };
}

function valuesFor(input: Input, seed: number): Values {
  const random = generator(seed);
  const { dims, type, values } =
    "dims" in input ? { values: undefined, ...input } : { dims: input, type: "float32" as const, values: undefined };
  const count = dims.reduce((a, b) => a * b, 1);
  const one = (i: number): number => {
    if (values) return values[i];
    if (type === "float32") return Math.fround(2 * random() - 1);
    return Math.floor(random() * (type === "bool" ? 2 : 3));
  };
  return { type, dims, values: Float64Array.from({ length: count }, (_, i) => one(i)) };
}

async function valuesOf(model: OnnxModel, feeds: Feeds, provider: Provider): Promise<Feeds> {
  const session = await openSession(await writeModel(model), provider);
  try {
    return await session.run(feeds);
  } finally {
    await session.release();
  }
}
