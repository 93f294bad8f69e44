/** `npm run bench`, or `npm run bench -- guidance overhead …` for some of it. Ratios within one run; never asserted. */
import { checkpoint } from "./checkpoint.ts";
import { cost } from "./cost.ts";
import { devices } from "./devices.ts";
import { editor } from "./editor.ts";
import { exported } from "./export.ts";
import { gradient } from "./gradient.ts";
import { guidance } from "./guidance.ts";
import { inversion } from "./inversion.ts";
import { kernels } from "./kernels.ts";
import { methods } from "./methods.ts";
import { onnxCases } from "./onnx-cases.ts";
import { overhead } from "./overhead.ts";
import { scale } from "./scale.ts";
import { server } from "./server.ts";
import { spinning } from "./spinning.ts";

const sections = {
  guidance,
  methods,
  inversion,
  cost,
  export: exported,
  overhead,
  gradient,
  "onnx-cases": onnxCases,
  checkpoint,
  server,
  scale,
  spinning,
  editor,
  devices,
  kernels,
};

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !Object.hasOwn(sections, name));
if (unknown.length > 0) {
  console.error(`There is no benchmark ${unknown.join(", ")}: there are ${Object.keys(sections).join(", ")}`);
  process.exitCode = 2;
} else
  for (const [name, section] of Object.entries(sections))
    if (wanted.length === 0 || wanted.includes(name)) await section();
