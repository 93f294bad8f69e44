import { readFileSync } from "node:fs";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { expect, test } from "vitest";
import {
  type AdmNetwork,
  buildAdm,
  bytesSource,
  formatModelFlags,
  type ModelFlags,
  parseModelFlags,
  readCheckpoint,
  recognise,
  shapesOf,
  structureFromFlags,
  writeModel,
} from "../../../onnx/index.ts";
import { relativeError } from "../../support/golden.ts";
import { readNpz } from "../../support/npz.ts";
import { checkpointBytes, randomTensors, randomValues } from "../../support/write-checkpoint.ts";

/** What no shape tells. */
const untold = new Set([
  ..."image_size large_size small_size num_heads num_heads_upsample num_head_channels use_new_attention_order".split(
    " ",
  ),
  ..."classifier_num_heads classifier_num_head_channels classifier_use_new_attention_order".split(" "),
]);

const folder = new URL("../../fixtures/adm/", import.meta.url).pathname;
const cases = JSON.parse(readFileSync(`${folder}cases.json`, "utf8")) as Record<string, string>;
const expected = readNpz(`${folder}expected.npz`);

for (const [name, text] of Object.entries(cases)) {
  const flags = parseModelFlags(text);
  const role = flags.classifier_width === undefined ? "unet" : "classifier";
  const structure = structureFromFlags(role, flags);
  const shapes = shapesOf(structure);

  test(`shapesOf lists the reference's keys and shapes: ${name}`, () => {
    const lines = [...shapes].map(([key, dims]) => `${key} ${dims.join(",")}`).sort();
    expect(fnv(lines.join("\n"))).toBe(Number(expected[`${name}.keys`].data[0]));
  });

  test(`buildAdm computes what the reference does, from shapes and what they do not tell: ${name}`, async () => {
    const state = await readCheckpoint(bytesSource("random.pt", checkpointBytes(randomTensors(shapes))));
    const network = recognise(
      state,
      role,
      pick(flags, (flag) => untold.has(flag)),
    );
    expect(network.structure).toEqual(structure);
    expect(recognise(state, role, flags).structure).toEqual(structure);
    expect(recognise(state, role, parseModelFlags(formatModelFlags(network.flags)))).toEqual(network);

    const session = await InferenceSession.create(await writeModel(buildAdm(state, network)), { intraOpNumThreads: 1 });
    const [out] = Object.values(await session.run(inputs(network)));
    expect(out.dims).toEqual(expected[name].dims);
    expect(relativeError(out.data as Float32Array, expected[name].data as Float32Array)).toBeLessThan(1e-5);
  });
}

test("a graph with float16 torso computes nearly the same", async () => {
  const names = ["conv up and down", "residual up and down", "no scale and shift", "super-resolution, classes"];
  for (const name of [...names, "attention pool", "spatial pool"]) {
    const flags = parseModelFlags(cases[name]);
    const role = flags.classifier_width === undefined ? "unet" : "classifier";
    const bytes = checkpointBytes(randomTensors(shapesOf(structureFromFlags(role, flags))));
    const state = await readCheckpoint(bytesSource("random.pt", bytes));
    const network = recognise(state, role, flags);
    const model = buildAdm(state, network, { fp16: true });
    const half = [...model.graph.initializers.values()].filter(({ type }) => type === "float16").length;
    expect(half, name).toBeGreaterThan(model.graph.initializers.size / 4);
    const session = await InferenceSession.create(await writeModel(model), {
      intraOpNumThreads: 1,
      logSeverityLevel: 3,
    });
    const [out] = Object.values(await session.run(inputs(network)));
    const error = relativeError(out.data as Float32Array, expected[name].data as Float32Array);
    expect(error, name).toBeLessThan(5e-3);
    expect(error, name).toBeGreaterThan(1e-5);
  }
});

/** The inputs of test/fixtures/adm/make.py. */
function inputs({ structure, facts, role }: AdmNetwork): Record<string, Tensor> {
  const values = (name: string, size: number, spread: number) => {
    const dims = [2, facts.channels, size, size];
    return new Tensor("float32", randomValues(name, dims, 1, spread), dims);
  };
  return {
    x: values("x", facts.height, 2),
    t: new Tensor("float32", Float32Array.of(3, 950.5), [2]),
    ...(role === "unet" &&
      structure.classes && { y: new Tensor("int64", BigInt64Array.of(0n, BigInt(structure.classes - 1)), [2]) }),
    ...(facts.lowRes && { low_res: values("low_res", facts.lowRes, 1) }),
  };
}

const pick = (flags: ModelFlags, wanted: (flag: string) => boolean): ModelFlags =>
  Object.fromEntries(Object.entries(flags).filter(([flag]) => wanted(flag)));

function fnv(text: string): number {
  let hash = 0x811c9dc5;
  for (const char of text) hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193);
  return hash >>> 0;
}
