/**
 * What a worker is asked without running anything: a row a question, with what is asked and what is replied. Each side
 * holds what it gets to its schema. The worker's handlers are tied to the rows by their type (worker/answers.ts), and so
 * is whoever asks (`Planner.ask`): a new question is a row here, a handler there, and the route that asks it.
 */
import * as z from "zod";
import { commandRequest } from "../protocol.ts";
import { arrayFacts, arrayShape, imageFacts, modelFile, modelForm, modelSummary, networkFacts, role } from "./facts.ts";
import { problem } from "./problem.ts";

const text = z.string();
const nothing = z.null();
const object = z.custom<object>((value) => typeof value === "object" && value !== null);

export interface Row<A, R> {
  readonly ask: z.ZodType<A>;
  readonly reply: z.ZodType<R>;
  /** What is looked at, in words. */
  readonly subject: string;
  /** So long the process may be deaf while it is at it; then it is ended. Files are read meanwhile, which it hears through. */
  readonly quietMs: number;
  /** The listed file that is looked at, which is held when processes end of it. */
  readonly file?: (ask: A) => string;
}

const row = <A, R>(its: Row<A, R>): Row<A, R> => its;

export const questions = {
  /** Whether a graph, as the text of its document, can run, and what of it may not be meant; what is wrong with it comes as problems. */
  check: row({
    ask: z.object({ graph: text, batches: z.int().min(1), targets: z.array(text).exactOptional() }),
    reply: z.array(problem),
    subject: "this graph",
    quietMs: 45_000,
  }),
  /** What another machine needs to draw batches of it: the document held to its files, and where these are here. */
  order: row({
    ask: z.object({ graph: text, batches: z.int().min(1), targets: z.array(text).exactOptional() }),
    reply: z.object({
      graph: text,
      /** Whether its batches may be drawn side by side. */
      canSpread: z.boolean(),
      /** Of a batch, where that is one number. */
      pictures: z.int().min(0).exactOptional(),
      identity: text,
      files: z.array(
        z.object({ of: z.enum(["models", "images"]), id: text, sha256: text, bytes: z.int().min(0), path: text }),
      ),
    }),
    subject: "this graph",
    quietMs: 45_000,
  }),
  /** The names of the files of a graph's export, the manifest's last, in a folder that is there for them. */
  export: row({
    ask: z.object({ graph: text, folder: text }),
    reply: z.array(text),
    subject: "the export of this graph",
    // Networks are built and differentiated in one go.
    quietMs: 120_000,
  }),
  /** The ids of all models that graphs may name. */
  models: row({ ask: nothing, reply: z.array(text), subject: "the models folders", quietMs: 20_000 }),
  model: row({
    ask: z.object({ file: text, flags: text }),
    reply: modelSummary,
    subject: "this model",
    quietMs: 30_000,
    file: ({ file }) => file,
  }),
  /** A model that is not in a folder yet: its bytes are at `path`, its name will be `name`, and `card`, else the one that is there, lie beside it. */
  newModel: row({
    ask: z.object({ path: text, sha256: text, name: text, flags: text, card: text.exactOptional() }),
    reply: modelSummary,
    subject: "this model",
    quietMs: 30_000,
  }),
  /** What is asked of such a model before it is in a folder; null where that is nothing. */
  modelForm: row({
    ask: z.object({ path: text, name: text, flags: text, command: text.exactOptional() }),
    reply: modelForm.nullable(),
    subject: "this model",
    quietMs: 30_000,
  }),
  /** The ids of all pictures that graphs may name. */
  images: row({ ask: nothing, reply: z.array(text), subject: "the pictures folders", quietMs: 20_000 }),
  image: row({
    ask: z.object({ file: text }),
    reply: imageFacts,
    subject: "this picture",
    // A gigabyte of NPZ is hashed and unpacked in one go.
    quietMs: 45_000,
    file: ({ file }) => file,
  }),
  newImage: row({
    ask: z.object({ path: text, name: text }),
    reply: imageFacts,
    subject: "this picture",
    quietMs: 45_000,
  }),
  /** The ids of all arrays that graphs may name. */
  tensors: row({ ask: nothing, reply: z.array(text), subject: "the pictures folders", quietMs: 20_000 }),
  tensor: row({
    ask: z.object({ file: text, array: text }),
    reply: arrayFacts,
    subject: "this array",
    quietMs: 45_000,
    file: ({ file }) => file,
  }),
  newTensor: row({
    ask: z.object({ path: text, name: text }),
    reply: z.array(arrayShape),
    subject: "this array",
    quietMs: 45_000,
  }),
  network: row({
    ask: z.object({ role, file: modelFile }),
    reply: networkFacts,
    subject: "this model",
    quietMs: 30_000,
    file: ({ file: { file } }) => file,
  }),
  /** A sampling command of the reference as a graph. */
  command: row({
    ask: commandRequest,
    reply: z.object({ graph: object, batches: z.int().min(1), notes: z.array(z.string()).readonly() }),
    subject: "this command",
    quietMs: 30_000,
  }),
};

export type Question = keyof typeof questions;
export type Ask<Q extends Question> = z.infer<(typeof questions)[Q]["ask"]>;
export type Reply<Q extends Question> = z.infer<(typeof questions)[Q]["reply"]>;

/** Its row, tied to its types. */
export const rowOf = <Q extends Question>(question: Q) => questions[question] as unknown as Row<Ask<Q>, Reply<Q>>;
