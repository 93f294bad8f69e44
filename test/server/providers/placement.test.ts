/** Where onnxruntime puts the operators of a graph that is lowered for WebGPU: what it has no kernel for it computes on the processor, and says nothing. */
import { InferenceSession } from "onnxruntime-node";
import { describe, expect, test } from "vitest";
import { graphBuilder, type OnnxModel, type OnnxNode, writeModel } from "../../../onnx/index.ts";
import { Inference } from "../../../onnx/shapes/index.ts";
import { forwardTrial, gradientTrial } from "../../../server/providers/trial.ts";
import { hasWebGpu } from "../../support/sessions.ts";

const portable = { flavour: "portable" } as const;

/** Whether a session is made of it where nothing may run on the processor. */
async function isOnCard(model: OnnxModel): Promise<boolean> {
  const options = {
    executionProviders: ["webgpu"],
    logSeverityLevel: 4,
    intraOpNumThreads: 1,
    extra: { session: { disable_cpu_ep_fallback: "1" } },
  } as const;
  try {
    await (await InferenceSession.create(await writeModel(model), options)).release();
    return true;
  } catch (error) {
    if (/assigned to the default CPU EP/.test(String(error))) return false;
    throw error;
  }
}

/** A node by itself, its inputs but for constants given. */
function alone(model: OnnxModel, node: OnnxNode, types: Inference): OnnxModel {
  const { initializers } = model.graph;
  const facts = (name: string) => ({ name, type: types.facts(name)!.type });
  const given = node.inputs.filter((name) => name !== "" && !initializers.has(name));
  const inputs = [...new Set(given)].map((name) => {
    const dims = types.facts(name)?.dims?.map((dim) => (typeof dim === "number" ? dim : "N"));
    return { ...facts(name), ...(dims && { dims }) };
  });
  const outputs = node.outputs.filter((name) => name !== "").map(facts);
  const constants = new Map([...initializers].filter(([name]) => node.inputs.includes(name)));
  return { ...model, graph: { name: "alone", nodes: [node], inputs, outputs, initializers: constants } };
}

describe.skipIf(!hasWebGpu)("on WebGPU", () => {
  test("what has no kernel there is seen", async () => {
    const op = graphBuilder();
    op.output("y", op.Sum(op.input("x", "float32", [2]), op.float([1, 2]), op.float([1, 2])), "float32");
    expect(await isOnCard(op.model("sum"))).toBe(false);
  });

  test("the whole forward pass is on the card", async () => {
    expect(await isOnCard(forwardTrial(portable).model)).toBe(true);
  });

  test("of a gradient shapes and labels alone are on the processor: no operator that takes floats", async () => {
    const { model } = gradientTrial(portable);
    const types = new Inference(model.graph);
    const isFloat = (name: string) => types.facts(name)?.type === "float32";
    const kinds = new Map(model.graph.nodes.map((node) => [`${node.op} ${node.inputs.map(isFloat)}`, node]));
    const left: string[] = [];
    for (const node of kinds.values())
      if (node.inputs.some(isFloat) && node.op !== "Shape" && !(await isOnCard(alone(model, node, types))))
        left.push(`${node.op} ${node.name}`);
    expect(left).toEqual([]);
  });
});
