/** What a worker tells of files, held to what clients are told of them: a key that is forgotten here does not compile. */
import * as z from "zod";
import type { ArrayFacts, ModelFile, NetworkFacts, NetworkOutput, ProcessFlags } from "../../nodes/index.ts";
import { uses } from "../../onnx/adm/role.ts";
import type { ArrayShape, Fields, ImageFacts, ModelForm, ModelSummary } from "../protocol.ts";

const [text, number] = [z.string(), z.number()];

export const role = z.enum(uses);

export const modelFile: z.ZodType<ModelFile> = z.object({
  file: text,
  sha256: text,
  flags: text,
} satisfies Fields<ModelFile>);

const processFlags = z.object({
  noise_schedule: z.enum(["linear", "cosine"]).exactOptional(),
  diffusion_steps: number.exactOptional(),
  rescale_timesteps: z.boolean().exactOptional(),
} satisfies Fields<ProcessFlags>);

const networkOutput = z.object({
  name: text,
  dims: z.array(z.union([number, z.null()])).exactOptional(),
  stopped: text.exactOptional(),
  doubt: text.exactOptional(),
} satisfies Fields<NetworkOutput>);

export const networkFacts: z.ZodType<NetworkFacts> = z.object({
  content: text.exactOptional(),
  channels: number.exactOptional(),
  height: number.exactOptional(),
  width: number.exactOptional(),
  batch: number.exactOptional(),
  multiple: number.exactOptional(),
  classes: number.exactOptional(),
  classNames: z.array(text).exactOptional(),
  nullLabel: number.exactOptional(),
  predicts: z.enum(["eps", "x0"]).exactOptional(),
  learnSigma: z.boolean().exactOptional(),
  lowRes: number.exactOptional(),
  condition: number.exactOptional(),
  weights: z.literal("averaged").exactOptional(),
  fit: text.exactOptional(),
  sidesFixed: text.exactOptional(),
  doubt: text.exactOptional(),
  unrunnable: text.exactOptional(),
  head: z.enum(["softmax", "sigmoid", "score"]).exactOptional(),
  stopped: text.exactOptional(),
  outputs: z.array(networkOutput).exactOptional(),
  timed: z.boolean().exactOptional(),
  takesOther: z.boolean().exactOptional(),
  process: processFlags.exactOptional(),
} satisfies Fields<NetworkFacts>);

export const imageFacts: z.ZodType<ImageFacts> = z.object({
  content: text,
  channels: number.exactOptional(),
  height: number.exactOptional(),
  width: number.exactOptional(),
  batch: number.exactOptional(),
  labels: z.object({ max: number }).exactOptional(),
} satisfies Fields<ImageFacts>);

export const arrayFacts: z.ZodType<ArrayFacts> = z.object({
  content: text,
  type: text,
  dims: z.array(number),
} satisfies Fields<ArrayFacts>);

/** An array of a file, by its name. */
export const arrayShape: z.ZodType<ArrayShape> = z.object({
  name: text,
  type: text,
  dims: z.array(number),
} satisfies Fields<ArrayShape>);

export const modelSummary: z.ZodType<ModelSummary> = z.object({
  id: text,
  sha256: text.exactOptional(),
  role: role.exactOptional(),
  architecture: text.exactOptional(),
  parameters: number.exactOptional(),
  presets: z.array(text).exactOptional(),
  flags: text.exactOptional(),
  notes: z.array(text).exactOptional(),
  facts: networkFacts.exactOptional(),
  problem: text.exactOptional(),
} satisfies Fields<ModelSummary>);

export const modelForm: z.ZodType<ModelForm> = z.object({
  role: z.enum(["unet", "classifier"]),
  tells: z.array(z.object({ name: text, value: text })),
  asks: z.array(
    z.object({
      flag: text,
      help: text,
      value: text,
      from: z.enum(["given", "preset", "default", "nobody"]),
      needed: z.literal(true).exactOptional(),
      choices: z.array(text).exactOptional(),
    }),
  ),
  presets: z.array(z.object({ names: z.array(text), flags: text })),
  flags: text,
  notes: z.array(text),
  sampling: text.exactOptional(),
  problem: text.exactOptional(),
} satisfies Fields<ModelForm>);
