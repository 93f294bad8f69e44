import { InferenceSession, Tensor } from "onnxruntime-node";
import { expect, test } from "vitest";
import { buildAdm, readCheckpoint, recognise, writeModel } from "../../../onnx/index.ts";
import { fileSource } from "../../support/files.ts";
import { golden, relativeError, unetFlags } from "../../support/golden.ts";
import { goldenFile } from "../../support/golden-file.ts";

const cases = [
  "ddim_eta_linear_uncond",
  "ddpm_fixed_sigma_xstart",
  "guided_ddim_cosine",
  "guided_ddpm_cosine",
  "guided_fixed_large",
  "guided_uncond_legacy_file",
  "superres",
];

for (const name of cases)
  test(`buildAdm gives the UNet outputs of ${name}`, async () => {
    const { flags, expected } = golden(name);
    const state = await readCheckpoint(fileSource(goldenFile(name, "model.pt")));
    const network = recognise(state, "unet", unetFlags(flags));
    const session = await InferenceSession.create(await writeModel(buildAdm(state, network)), { intraOpNumThreads: 1 });

    const steps = expected.t_seen.data.length;
    const xs = expected.steps_x.data as Float32Array;
    const first = expected.x_T.data as Float32Array;
    const [n] = expected.x_T.dims;
    const inputs = {
      model_out0: [first, 0],
      model_out_last: [xs.subarray((steps - 2) * first.length, (steps - 1) * first.length), steps - 1],
    } as const;
    for (const [output, [x, step]] of Object.entries(inputs)) {
      const { out } = await session.run({
        x: new Tensor("float32", x, expected.x_T.dims),
        t: new Tensor("float32", new Float32Array(n).fill(Number(expected.t_seen.data[step])), [n]),
        ...(network.structure.classes && { y: new Tensor("int64", BigInt64Array.from(flags.labels!, BigInt), [n]) }),
        ...(expected.low_res && {
          low_res: new Tensor("float32", expected.low_res.data as Float32Array, expected.low_res.dims),
        }),
      });
      expect(out.dims).toEqual(expected[output].dims);
      expect(relativeError(out.data as Float32Array, expected[output].data as Float32Array), output).toBeLessThan(1e-5);
    }
  });
