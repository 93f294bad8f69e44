/**
 * What a worker is asked without running anything: a row a question, with what is asked and what is replied. Each side
 * holds what it gets to its schema. The worker's handlers are tied to the rows by their type (worker/answers.ts), and so
 * is whoever asks (`Worker.ask`): a new question is a row here, a handler there, and the route that asks it.
 */
import { z } from "zod";
import { commandRequest } from "../protocol.ts";
import { imageFacts, modelFile, modelSummary, networkFacts, role } from "./facts.ts";

const text = z.string();
const nothing = z.null();
const object = z.custom<object>((value) => typeof value === "object" && value !== null);

export const questions = {
  /** Whether a graph, as the text of its document, can run; what is wrong with it comes as problems. */
  check: { ask: z.object({ graph: text, targets: z.array(text).exactOptional() }), reply: nothing },
  /** Every model that graphs may name. */
  models: { ask: nothing, reply: z.array(modelSummary) },
  model: { ask: z.object({ file: text, flags: text }), reply: modelSummary },
  /** Every picture that graphs may name. */
  images: { ask: nothing, reply: z.array(text) },
  image: { ask: z.object({ file: text }), reply: imageFacts },
  network: { ask: z.object({ role, file: modelFile }), reply: networkFacts },
  /** A sampling command of the reference as a graph. */
  command: { ask: commandRequest, reply: z.object({ graph: object, batches: z.int().min(1) }) },
} satisfies Readonly<Record<string, Row<unknown, unknown>>>;

export interface Row<A, R> {
  readonly ask: z.ZodType<A>;
  readonly reply: z.ZodType<R>;
}

export type Question = keyof typeof questions;
export type Ask<Q extends Question> = z.infer<(typeof questions)[Q]["ask"]>;
export type Reply<Q extends Question> = z.infer<(typeof questions)[Q]["reply"]>;

/** Its schemas, tied to its types. */
export const schemasOf = <Q extends Question>(question: Q) => questions[question] as unknown as Row<Ask<Q>, Reply<Q>>;
