/** A device that computes wrongly is found out, and what it computes wrongly is named. */
import { describe, expect, test } from "vitest";
import { type OnnxModel, readModel, writeModel } from "../../../onnx/index.ts";
import { Inference } from "../../../onnx/shapes/index.ts";
import type { Provider } from "../../../runtime/index.ts";
import { onCard } from "../../../server/providers/choose.ts";
import { firstWrong } from "../../../server/providers/first-wrong.ts";
import { nativeProvider } from "../../../server/providers/native.ts";
import { selfTest } from "../../../server/providers/self-test.ts";
import { stored } from "../../../server/providers/stored-numbers.ts";
import { forwardTrial, numbersOf, relativeError } from "../../../server/providers/trial.ts";
import { hasWebGpu } from "../../support/sessions.ts";

const cpu = nativeProvider("cpu", { threads: 1 });

/** A card whose kernels are the processor's, but for graphs that are changed on the way to it. */
const card = (change: (model: OnnxModel) => OnnxModel): Provider => ({
  ...cpu,
  name: "webgpu",
  flavour: "portable",
  fp16: true,
  async createSession({ model }) {
    const bytes = await writeModel(change(readModel(model as Uint8Array)));
    return cpu.createSession({ bytes: bytes.length, model: bytes, external: [] });
  },
});
/** Every node of one operator is another's. */
const instead = (op: string, other: string) =>
  card((model) => {
    const nodes = model.graph.nodes.map((node) => (node.op === op ? { ...node, op: other } : node));
    return { ...model, graph: { ...model.graph, nodes } };
  });

test("the stored numbers are what the processor computes", async () => {
  for (const [name, values] of Object.entries(await numbersOf(cpu)))
    expect(relativeError(values, stored[name as keyof typeof stored]), name).toBeLessThan(1e-4);
});

test("a card that computes rightly is taken, with half precision", async () => {
  expect(await selfTest(card((model) => model))).toEqual({});
});

describe("an operator that is off is named, and the pass that it is off in", () => {
  test.each([
    ["Sigmoid", "Tanh", "forward pass"],
    ["Sub", "Add", "gradient"],
  ])("%s", async (op, other, pass) => {
    const wrong = instead(op, other);
    const { wrong: said } = await selfTest(wrong, cpu);
    expect(said).toMatch(new RegExp(`^the result is off by .* %, first at ${op} \\(node ".*"\\), in the ${pass}`));
    if (op === "Sigmoid")
      expect(await onCard(wrong, () => {})).toMatch(/^computes wrongly: the result is off by .*Sigmoid/);
  });
});

describe("a convolution of six channels that is wrong, as WebGPU's is,", () => {
  const wrong = card((model) => {
    const types = new Inference(model.graph);
    const nodes = model.graph.nodes.flatMap((node) => {
      const [outputs, inputs] = types.facts(node.inputs[1])?.dims ?? [];
      if (node.op !== "Conv" || inputs !== 6 || Number(outputs) % 4 !== 0) return [node];
      const [y, right] = [node.outputs[0], `${node.outputs[0]}.right`];
      return [
        { ...node, outputs: [right] },
        { ...node, op: "Neg", name: `${node.name}.turned`, inputs: [right], outputs: [y], attributes: {} },
      ];
    });
    return { ...model, graph: { ...model.graph, nodes } };
  });

  test("is named where no lowering spares it", async () => {
    const { wrong: said } = await selfTest({ ...wrong, flavour: "cpu" }, cpu);
    expect(said).toMatch(
      /^the result is off by .* %, first at Conv \(node "input_blocks.0.*"\), in the gradient through an upsampler/,
    );
  });

  test("is asked for nowhere in what WebGPU is given", async () => {
    expect(await selfTest(wrong, cpu)).toEqual({});
  });
});

test("a card without halves is taken without them, with the reason", async () => {
  const refusing = card((model) => {
    if ([...model.graph.initializers.values()].some(({ type }) => type === "float16"))
      throw new Error(
        "shader_helper.cc:416 GenerateSourceCode Program Cast requires f16 but the device does not support it.",
      );
    return model;
  });
  const reason = "Program Cast requires f16 but the device does not support it";
  expect(await selfTest(refusing)).toEqual({ noHalf: reason });
  expect(await onCard(refusing, () => {})).toMatchObject({ fp16: false, noHalf: reason });
});

test("a card whose own operators are off is used without them, and that is said", async () => {
  const own = instead("MultiHeadAttention", "MultiHeadAttentive");
  const said: string[] = [];
  const taken = await onCard({ ...own, name: "cuda", flavour: "cuda", fp16: false }, (line) => said.push(line));
  expect(taken).toMatchObject({ name: "cuda", flavour: "portable" });
  expect(said).toEqual([
    expect.stringMatching(/^cuda is used without operators of its own: .*, first at MultiHeadAttention \(node/),
  ]);
});

test.skipIf(!hasWebGpu)("software Vulkan computes what the processor does", async () => {
  const webgpu = nativeProvider("webgpu", { threads: 1 });
  const { model, ...rest } = forwardTrial(webgpu);
  // All of it takes a minute there.
  const some = { ...model, graph: { ...model.graph, nodes: model.graph.nodes.slice(0, 60) } };
  expect(await firstWrong(webgpu, cpu, { model: some, ...rest }, 1e-3)).toBeUndefined();
});
