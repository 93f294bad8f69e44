/** A device that computes wrongly is found out, and what it computes wrongly is named. */
import { describe, expect, test } from "vitest";
import { type OnnxModel, readModel, writeModel } from "../../../onnx/index.ts";
import type { Provider } from "../../../runtime/index.ts";
import { onCard } from "../../../server/providers/choose.ts";
import { nativeProvider } from "../../../server/providers/native.ts";
import { selfTest } from "../../../server/providers/self-test.ts";
import { stored } from "../../../server/providers/stored-numbers.ts";
import { answerOf, forwardTrial, numbersOf, relativeError } from "../../../server/providers/trial.ts";
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
    ["InstanceNormalization", undefined, "forward pass"],
    ["Sub", "Add", "gradient"],
  ])("%s", async (op, other, pass) => {
    const wrong = other === undefined ? epsilonOff : instead(op, other);
    const { wrong: said } = await selfTest(wrong, cpu);
    expect(said).toMatch(new RegExp(`^the result is off by .* %, first at ${op} \\(node ".*"\\), in the ${pass}`));
    if (op === "Sigmoid") expect(await onCard(wrong)).toMatch(/^computes wrongly: the result is off by .*Sigmoid/);
  });

  /** The statistics of a group are moved: 0.5 is added to each variance. */
  const epsilonOff = card((model) => {
    const nodes = model.graph.nodes.map((node) =>
      node.op === "InstanceNormalization" ? { ...node, attributes: { ...node.attributes, epsilon: 0.5 } } : node,
    );
    return { ...model, graph: { ...model.graph, nodes } };
  });
});

test("an operator that is not there is named", async () => {
  const { wrong } = await selfTest(instead("Softmax", "Softmux"), cpu);
  expect(wrong).toMatch(/Softmux.*first at Softmax .* in the forward pass/);
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
  expect(await onCard(refusing)).toMatchObject({ fp16: false, noHalf: reason });
});

test.skipIf(!hasWebGpu)("software Vulkan computes the forward pass as the processor does", async () => {
  const webgpu = nativeProvider("webgpu", { threads: 1 });
  expect(relativeError(await answerOf(webgpu, forwardTrial(webgpu)), stored.forward)).toBeLessThan(1e-3);
});
