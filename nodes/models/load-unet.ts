import { defineNode } from "../node.ts";
import * as port from "../port.ts";
import { modelFile, modelParameters } from "./model-file.ts";

export default defineNode({
  type: "guidegraph/load-unet",
  version: 1,
  title: "Load UNet",
  category: "models",
  description: "Loads the diffusion model that predicts noise or a clean picture, from a checkpoint or an ONNX file.",
  reference: "create_model_and_diffusion, load_state_dict",
  inputs: modelParameters,
  outputs: { model: port.model() },
  infer: (_, known) => {
    const file = modelFile((name) => known.parameter(name));
    return file ? { model: known.network("unet", file) } : {};
  },
  run: async ({ file, sha256, flags }, world) => ({ model: await world.models.unet({ file, sha256, flags }) }),
});
