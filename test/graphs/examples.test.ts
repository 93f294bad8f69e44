/** Every graph of graphs/ is opened and run on the bundled networks; one of them repeats the reference byte for byte. */
import { readdirSync, readFileSync } from "node:fs";
import { lastValueFrom } from "rxjs";
import { expect, test } from "vitest";
import type { Pictures } from "../../diffusion/index.ts";
import { plan, run } from "../../executor/index.ts";
import { type GraphDocument, readDocument, setParameter } from "../../graphs/document/index.ts";
import { nodes } from "../../nodes/index.ts";
import { type Provider, withKnown } from "../../runtime/index.ts";
import { type Engine, engine } from "../../server/engine/engine.ts";
import { nativeProvider } from "../../server/providers/native.ts";
import { wasmProvider } from "../../server/providers/wasm.ts";
import { expectSameBytes } from "../support/bytes.ts";
import { testCache } from "../support/cli.ts";
import { demoModels } from "../support/demo-models.ts";
import { readNpz } from "../support/npz.ts";

const on = (provider: Provider, models: readonly string[] = []): Engine =>
  engine({ models, cache: testCache, environment: {}, provider: async () => provider, say() {} });
const cpu = on(nativeProvider("cpu", { threads: 1 }));
const wasm = on(wasmProvider({ threads: 1 }));

interface Saved {
  readonly npz: { readonly pictures: Pictures; readonly labels: readonly number[] | undefined }[];
  readonly png: string[];
  readonly previews: number;
}

const planned = (document: GraphDocument, engine: Engine) => withKnown(engine, (known) => plan(document, nodes, known));

async function sample(document: GraphDocument, engine: Engine = cpu): Promise<Saved> {
  const steps = await planned(document, engine);
  const saved: Saved = { npz: [], png: [], previews: 0 };
  let previews = 0;
  const outputs = () => ({
    async measure() {},
    async tensor() {},
    preview() {
      previews++;
    },
    async png(stem: string) {
      saved.png.push(stem);
    },
    async npz(pictures: Pictures, labels?: { readonly values: readonly number[] }) {
      saved.npz.push({ pictures, labels: labels?.values });
    },
  });
  const world = { ...engine, outputs };
  await lastValueFrom(run(steps, world), { defaultValue: null });
  return { ...saved, previews };
}

const set = (document: GraphDocument, values: Readonly<Record<string, string>>): GraphDocument =>
  Object.entries(values).reduce((doc, [target, value]) => setParameter(doc, target, value, nodes), document);

const example = (file: string): GraphDocument => readDocument(JSON.parse(readFileSync(`graphs/${file}`, "utf8")));
const titlesOf = (document: GraphDocument): string[] =>
  document.nodes.map(({ type, title }) => title ?? nodes[type as keyof typeof nodes].title);

/** A few steps of two pictures are enough to run every node. */
const short: Readonly<Record<string, string>> = {
  "Diffusion Schedule.timestep_respacing": "ddim3",
  "Wanted shape.classes": "3,4",
  "Wanted colour.classes": "0,6",
  "Noise.batch": "2",
};
/** Graphs that name steps of their own. */
const shortened: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "image-to-image.json": { "Diffusion Schedule.timestep_respacing": "4", "Start.value": "2" },
  "trajectory.json": { "Diffusion Schedule.timestep_respacing": "ddim4" },
  ...Object.fromEntries(
    ["Universal Guidance", "FreeDoM", "Training-Free Guidance"].map((sampler, i) => [
      ["universal-guidance.json", "freedom.json", "tfg.json"][i],
      {
        "Diffusion Schedule.timestep_respacing": "ddim4",
        "Wanted shape.classes": "3,4",
        [`${sampler}.order`]: "3,2,2,1,0",
      },
    ]),
  ),
  "composed-guidance.json": {
    "Diffusion Schedule.timestep_respacing": "ddim2",
    ...{ "Left wish.classes": "3,4", "Right wish.classes": "0,1", "Not wanted.count": "2" },
  },
  "ilvr.json": { "Diffusion Schedule.timestep_respacing": "3" },
  "noise-walk.json": { "Diffusion Schedule.timestep_respacing": "ddim8" },
  "restart.json": {
    "Diffusion Schedule.timestep_respacing": "ddim4",
    "Wanted shape.classes": "3,4",
    "Restart.order": "3,2,3,2,1,0",
  },
  "diffedit.json": { "Diffusion Schedule.timestep_respacing": "ddim3", "Encode.stop": "1", "Decode.start": "2" },
  "edit-by-inversion.json": { "Diffusion Schedule.timestep_respacing": "ddim3" },
  "purification.json": {
    "Diffusion Schedule.timestep_respacing": "4",
    ...{ "Real pictures.count": "2", "DiffPure.start": "2" },
  },
  "gradient-reuse.json": { "Diffusion Schedule.timestep_respacing": "ddim4" },
  ...Object.fromEntries(
    ["posterior-sampling.json", "super-resolution.json", "deblurring.json"].map((file) => [
      file,
      { "Diffusion Schedule.timestep_respacing": "2" },
    ]),
  ),
  "anomaly-map.json": { "Diffusion Schedule.timestep_respacing": "ddim4", "Noise level.value": "2" },
  "inpainting.json": {
    "Diffusion Schedule.timestep_respacing": "4",
    "RePaint.order": "3,2,3,2,1,0",
  },
};

test.each(readdirSync("graphs").filter((name) => name.endsWith(".json")))("graphs/%s runs and saves", async (file) => {
  const document = example(file);
  // As it is; of a few steps there is more to say.
  expect((await planned(document, cpu)).notes).toEqual([]);
  const titles = titlesOf(document);
  const fitting = Object.entries(short).filter(([target]) => titles.includes(target.split(".")[0]));
  const { npz, png } = await sample(set(document, shortened[file] ?? Object.fromEntries(fitting)));
  expect(png.length).toBeGreaterThan(0);
  expect(npz).toHaveLength(1);
  expect(npz[0].pictures.dims.slice(1)).toEqual([32, 32, 3]);
});

test("graphs/guided-ddim.json repeats the reference's demo run", async () => {
  const { arr_0, arr_1 } = readNpz("test/fixtures/golden/demo/guided_ddim.npz");
  const wanted = {
    "Wanted shape.classes": Array.from(arr_1.data as BigInt64Array).join(","),
    "Build cond_fn.scale": "12",
  };
  const exact = on(nativeProvider("cpu", { threads: 1 }), [await demoModels()]);
  const { npz } = await sample(set(example("guided-ddim.json"), { ...wanted, "Noise.generator": "torch" }), exact);
  expectSameBytes(npz[0].pictures.data, arr_0.data as Uint8Array);
}, 600_000);

test("philox draws the same pictures on cpu and on wasm", async () => {
  const values = { "Diffusion Schedule.timestep_respacing": "ddim5", "Wanted shape.classes": "3,4" };
  const document = set(example("guided-ddim.json"), values);
  const [onCpu, onWasm] = [await sample(document), await sample(document, wasm)];
  expectSameBytes(onWasm.npz[0].pictures.data, onCpu.npz[0].pictures.data);
});
