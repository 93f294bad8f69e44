/** `engine CACHE`: loads the large checkpoint as a run does; `session FILE`: the bare session of the built model. */
import { InferenceSession } from "onnxruntime-node";
import { engine } from "../../server/engine/engine.ts";
import { nativeProvider } from "../../server/providers/native.ts";
import { benchFolder, unet1200MB } from "./models.ts";

const [how, where] = process.argv.slice(2);
const begun = performance.now();
if (how === "engine") {
  const provider = nativeProvider("cpu", { threads: 0 });
  const options = {
    models: [benchFolder],
    cache: where,
    environment: {},
    provider: async () => provider,
    say: () => {},
  };
  const { networks } = engine(options);
  await networks.forward(await networks.network("unet", { file: unet1200MB.file, sha256: "", flags: "" }));
} else await InferenceSession.create(where, { enableMemPattern: false, logSeverityLevel: 3 });
const ms = performance.now() - begun;
console.log(JSON.stringify({ ms, peakBytes: process.resourceUsage().maxRSS * 1024 }));
process.exit(0);
