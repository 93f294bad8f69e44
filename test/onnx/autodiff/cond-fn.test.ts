import { describe, expect, test } from "vitest";
import {
  buildAdm,
  condFnModel,
  lower,
  type ModelFlags,
  type OnnxModel,
  readCheckpoint,
  recognise,
  writeModel,
} from "../../../onnx/index.ts";
import { fileSource } from "../../support/files.ts";
import { readJson, relativeError } from "../../support/golden.ts";
import { readNpz } from "../../support/npz.ts";
import { openSession, type Values } from "../../support/sessions.ts";

const golden = new URL("../../fixtures/golden/", import.meta.url).pathname;

/** EncoderUNetModel's arguments, as case.json has them, by the reference's flag names. */
interface EncoderArguments {
  readonly model_channels: number;
  readonly num_res_blocks: number;
  readonly attention_resolutions: readonly number[];
  readonly channel_mult: readonly number[];
  readonly num_heads?: number;
  readonly num_head_channels?: number;
  readonly use_scale_shift_norm: boolean;
  readonly resblock_updown: boolean;
  readonly pool: "adaptive" | "attention";
}

const flagsOf = (size: number, c: EncoderArguments): ModelFlags => ({
  image_size: size,
  classifier_width: c.model_channels,
  classifier_depth: c.num_res_blocks,
  classifier_attention_resolutions: c.attention_resolutions.map((factor) => size / factor).join(","),
  classifier_channel_mult: c.channel_mult.join(","),
  ...(c.num_heads !== undefined && { classifier_num_heads: c.num_heads }),
  ...(c.num_head_channels !== undefined && { classifier_num_head_channels: c.num_head_channels }),
  classifier_use_scale_shift_norm: c.use_scale_shift_norm,
  classifier_resblock_updown: c.resblock_updown,
  classifier_pool: c.pool,
});

const classifierOf = async (path: string, flags: ModelFlags): Promise<OnnxModel> => {
  const state = await readCheckpoint(fileSource(path));
  return buildAdm(state, recognise(state, "classifier", flags));
};

const float = (values: ArrayLike<number>, dims: readonly number[]): Values => ({
  type: "float32",
  dims,
  values: Float64Array.from(values),
});
const int64 = (values: readonly number[]): Values => ({ ...float(values, [values.length]), type: "int64" });
const ports = { x: "x", t: "t", logits: "logits" };

const guided = ["guided_ddim_cosine", "guided_ddpm_cosine", "guided_fixed_large", "guided_uncond_legacy_file"];

describe("condFnModel", () => {
  for (const name of guided)
    test(`gives the reference's gradients of ${name}, lowered or not`, async () => {
      const { model, classifier, labels, classifier_scale: scale } = readJson(`${name}/case.json`);
      const gradient = condFnModel(
        await classifierOf(`${golden}${name}/classifier.pt`, flagsOf(model.image_size, classifier)),
        ports,
      );
      const expected = readNpz(`${golden}${name}/expected.npz`);
      const { dims, data: first } = expected.x_T;
      const steps = expected.t_seen.data.length;
      const at = {
        grad0: [first, 0],
        grad_last: [expected.steps_x.data.slice((steps - 2) * first.length, (steps - 1) * first.length), steps - 1],
      } as const;
      for (const variant of [gradient, lower(gradient, "cpu"), lower(gradient, "portable")]) {
        const session = await openSession(await writeModel(variant), "cpu");
        for (const [key, [x, step]] of Object.entries(at)) {
          const result = await session.run({
            x: float(x as Float32Array, dims),
            t: float(Array(dims[0]).fill(Number(expected.t_seen.data[step])), [dims[0]]),
            labels: int64(labels),
            scale: float([scale], []),
          });
          expect(relativeError(result.gradient.values, expected[key].data as Float32Array), key).toBeLessThan(3e-5);
        }
        await session.release();
      }
    });
});
