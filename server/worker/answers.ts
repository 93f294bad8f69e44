/** What a worker replies to the questions of the catalogue. */
import { readDocument } from "../../graphs/document/index.ts";
import { formatModelFlags } from "../../onnx/index.ts";
import { inNodeFlags, type Network } from "../../runtime/index.ts";
import { presentableNotes } from "../channel/problems.ts";
import { type Ask, type Question, type Reply, rowOf } from "../channel/questions.ts";
import { checkDocument } from "../engine/documents.ts";
import type { Engine } from "../engine/engine.ts";
import { writeExport } from "../exporting/write-export.ts";
import { diskSource } from "../files/disk-source.ts";
import { readBytes } from "../files/read-bytes.ts";
import type { ModelSummary } from "../protocol.ts";
import { modelForm } from "../sample/model-form.ts";
import { commandGraph } from "../sample/pasted.ts";
import { orderOf } from "./order.ts";

/** A handler for each row, and none beside. */
export type Answers = { readonly [Q in Question]: (ask: Ask<Q>) => Promise<Reply<Q>> };

/** `folder`: where runs save. */
export const answersOf = (engine: Engine, folder: string): Answers => {
  const { files, hashes, networks, images, tensors } = engine;
  return {
    async check({ graph, ...options }) {
      const { plan } = await checkDocument(engine, readDocument(JSON.parse(graph)), { ...options, folder });
      return presentableNotes(plan.notes ?? []);
    },
    order: ({ graph, ...options }) => orderOf(engine, readDocument(JSON.parse(graph)), { ...options, folder }),
    async export({ graph, folder }) {
      // Its notes are in the manifest; whoever wants it no more ends the process.
      const options = { folder, title: "graph", note: () => {}, signal: new AbortController().signal };
      return [...(await writeExport(engine, readDocument(JSON.parse(graph)), options))];
    },
    models: async () => [...(await files.list())],
    model: async ({ file, flags }) => modelSummaryOf(await networks.open(undefined, { file, sha256: "", flags })),
    async newModel({ path, sha256, name, flags, card }) {
      const found = await diskSource(path, name, hashes, name);
      const source = card === undefined ? found : { ...found, card: async () => card };
      return modelSummaryOf(await networks.look({ source, sha256 }, { file: name, sha256: "", flags }));
    },
    async modelForm({ path, name, flags, command }) {
      return (await modelForm(await diskSource(path, name, hashes, name), name, flags, command)) ?? null;
    },
    images: async () => [...(await files.listImages())],
    image: ({ file }) => images.facts(file),
    newImage: async ({ path, name }) => images.look(name, await readBytes(path)),
    tensors: async () => [...(await files.listTensors())],
    tensor: ({ file, array }) => tensors.facts(file, array),
    newTensor: async ({ path, name }) => tensors.look(name, await readBytes(path)),
    network: async ({ role, file }) => (await networks.network(role, file).catch(inNodeFlags)).facts,
    command: async ({ command }) => commandGraph(engine, command),
  };
};

/** The reply to what somebody asks. Throws what the handler throws, and an Error when either is not as the row says. */
export async function answer<Q extends Question>(answers: Answers, question: Q, asked: unknown): Promise<Reply<Q>> {
  const { ask, reply } = rowOf(question);
  const given = ask.safeParse(asked);
  if (!given.success) throw new Error(`This is not how ${question} is asked: ${given.error.issues[0].message}`);
  const made = reply.safeParse(await answers[question](given.data));
  if (!made.success) throw new Error(`The reply to ${question} is not one: ${made.error.issues[0].message}`);
  return made.data;
}

function modelSummaryOf({ about, facts, role }: Network): ModelSummary {
  const { file, sha256, architecture, presets, flags, parameters, notes } = about;
  return {
    id: file,
    sha256,
    role,
    architecture,
    parameters,
    ...(presets && { presets }),
    flags: formatModelFlags(flags),
    ...(notes.length > 0 && { notes }),
    facts,
  };
}
