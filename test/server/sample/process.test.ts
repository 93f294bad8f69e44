/** What a command says of the process while its model is not here must be what it says once the model is. */
import { describe, expect, test } from "vitest";
import type { Schedule } from "../../../diffusion/index.ts";
import { type AnyNode, nodes } from "../../../nodes/index.ts";
import { parseModelFlags } from "../../../onnx/index.ts";
import { bundledModels } from "../../../server/files/package-root.ts";
import { parseFlags } from "../../../server/flags/grammar.ts";
import { sampleDocument } from "../../../server/sample/document.ts";
import { sampleFlags } from "../../../server/sample/flags.ts";
import { filesOf, planSample, typedPaths } from "../../../server/sample/plan.ts";
import type { Origin } from "../../../server/sample/words.ts";
import { testEngine } from "../../support/run-document.ts";

const model = `${bundledModels}/shapes32_diffusion.pt`;

/** Of a command, while its model is here and while it is not. */
async function plans(typed: string, origin?: Origin) {
  const { given } = parseFlags(["--model_path", model, ...typed.split(" ").filter(Boolean)], sampleFlags);
  const around = testEngine(await typedPaths(given));
  const here = await planSample(filesOf(around), given, origin);
  const said: string[] = [];
  const absent = { file: "shapes32_diffusion.pt", sha256: "", isAbsent: true };
  const files = { ...filesOf(around, (line) => said.push(line)), model: async () => absent };
  const away = await planSample(files, given, origin);
  /** What a network is by the flags that a plan leaves on its node. */
  const factsBy = async ({ flags }: { flags: string }) =>
    (await around.networks.open("unet", { file: absent.file, sha256: "", flags })).facts;
  return { here, away, factsBy, said };
}

describe("a command whose model is not here yet", () => {
  test.each<[typed: string, origin?: Origin]>([
    [""],
    ["--noise_schedule linear"],
    ["--diffusion_steps 400 --timestep_respacing 10"],
    ["--rescale_timesteps True --diffusion_steps 100"],
    ["--class_cond True --predict_xstart False", "guided-diffusion"],
  ])("has the process that it has once the model came: %s", async (typed, origin) => {
    const { here, away, factsBy } = await plans(typed, origin);
    const facts = await factsBy(away.unet);
    expect(facts).toEqual(await factsBy(here.unet));
    const { nodes: all, links } = sampleDocument(away);
    const node = all.find(({ type }) => type === "guidegraph/diffusion-schedule");
    const isWired = links.some(({ to, input }) => to === node?.id && input === "model");
    const keyOf = async (inputs: object) => {
      const made = await (nodes["guidegraph/diffusion-schedule"] as AnyNode).run(inputs as never, undefined as never);
      return (made.schedule as Schedule).key;
    };
    expect(await keyOf({ ...node?.properties, ...(isWired && { model: { facts } }) })).toBe(await keyOf(here.process));
  });

  test.each(["", "--image_size 32 --num_head_channels 32", "--num_channels 32 --learn_sigma True"])(
    "leaves on its node what was typed, and nothing that would go over its card: %s",
    async (typed) => {
      const { away } = await plans(typed);
      const { model_path: _, ...flags } = parseFlags(
        ["--model_path", "m", ...typed.split(" ").filter(Boolean)],
        sampleFlags,
      ).given;
      expect(parseModelFlags(away.unet.flags)).toEqual(flags);
    },
  );

  test.each<[typed: string, origin: Origin | undefined, rescaled: string, said: RegExp | undefined]>([
    ["", undefined, "", undefined],
    ["--diffusion_steps 4000", undefined, "", /not scaled to 1000 unless the network's card says so/],
    ["--diffusion_steps 4000", "improved-diffusion", "yes", /as improved-diffusion does/],
    ["--diffusion_steps 4000 --rescale_timesteps False", "improved-diffusion", "no", undefined],
  ])("says what it takes of scaled timesteps: %s of %s", async (typed, origin, rescaled, line) => {
    const { away, said } = await plans(typed, origin);
    expect(away.process.rescale_timesteps).toBe(rescaled);
    expect(said).toEqual(line === undefined ? [] : [expect.stringMatching(line)]);
  });
});
