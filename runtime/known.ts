/**
 * The planner asks what is known of files and gets its answer at once, but files are read in their own time. So a plan
 * is tried, what it asked is looked up, and it is tried again: it asks each file once, and nothing has to guess from a
 * document which files its nodes will ask for. What the plan before this one asked is looked up first: mostly it is the
 * same, and then one attempt is enough.
 */
import { flagsIn, GraphError, type Known, type ModelFile } from "../nodes/index.ts";
import type { Told, ToldFile } from "./held.ts";
import type { ImageStore } from "./images.ts";
import type { AskedNetwork, Networks } from "./models/networks.ts";
import type { TensorStore } from "./tensors.ts";

type KnownFiles = Pick<Known, "network" | "image" | "tensor">;
type Look = () => Promise<unknown>;
type Answer = { readonly value: unknown } | { readonly error: unknown };

/** The same questions, answered in their own time. */
export interface FileFacts {
  network(...asked: Parameters<Known["network"]>): Promise<ReturnType<Known["network"]>>;
  image(id: string): Promise<ReturnType<Known["image"]>>;
  tensor(id: string, array: string): Promise<ReturnType<Known["tensor"]>>;
}

/** Where the answers come from. */
export interface ReadFiles {
  readonly networks: Networks;
  readonly images: Pick<ImageStore, "facts">;
  readonly tensors: Pick<TensorStore, "facts">;
}

const askedBefore = new WeakMap<object, ReadonlyMap<string, Look>>();

/** What came of an attempt, and what it was told. */
export interface Informed<T> {
  readonly value: T;
  readonly told: Told;
}

/** Runs `attempt` until all that it asks is answered, and gives its last result or error. */
export const withKnown = async <T>(files: ReadFiles, attempt: (known: KnownFiles) => T): Promise<T> =>
  (await withTold(files, attempt)).value;

/** The same, and what it was told. */
export function withTold<T>(
  { networks, images, tensors }: ReadFiles,
  attempt: (known: KnownFiles) => T,
): Promise<Informed<T>> {
  const files: FileFacts = {
    network: async (role, file) => (await networks.network(role, file).catch(inNodeFlags)).facts,
    image: (id) => images.facts(id),
    tensor: (id, array) => tensors.facts(id, array),
  };
  return informed(files, attempt, networks);
}

/** What is wrong with a file that a node names: where advice names a flag, the node takes it. */
export function inNodeFlags(error: unknown): never {
  if (!(error instanceof GraphError) || !flagsIn(error.message).some(({ flag }) => flag !== undefined)) throw error;
  throw new GraphError(`${error.message} (typed in flags of its node)`, error.port);
}

/** The result, with facts from elsewhere. */
export const withFacts = async <T>(files: FileFacts, attempt: (known: KnownFiles) => T): Promise<T> =>
  (await informed(files, attempt, files)).value;

/** `of`: what was asked before is remembered of this. */
async function informed<T>(files: FileFacts, attempt: (known: KnownFiles) => T, of: object): Promise<Informed<T>> {
  const answers = new Map<string, Answer>();
  const asked = new Map<string, Look>();
  const named = new Map<string, ToldFile>();
  const networks = new Map<string, AskedNetwork>();
  await lookUp(askedBefore.get(of) ?? new Map(), answers);
  for (;;) {
    const questions = new Map<string, Look>();
    const ask = <V>(key: string, look: () => Promise<V>): V => {
      asked.set(key, look);
      const answer = answers.get(key);
      if (!answer) {
        questions.set(key, look);
        throw new GraphError("It is not known yet");
      }
      if ("error" in answer) throw answer.error;
      return answer.value as V;
    };
    const name = (file: ToldFile) => named.set(JSON.stringify(file), file);
    const known: KnownFiles = {
      network(role, file) {
        name({ kind: "model", file: file.file, sha256: file.sha256 });
        const key = networkKey(role, file);
        networks.set(key, { role, file });
        return ask(key, () => files.network(role, file));
      },
      image(id) {
        name({ kind: "image", file: id });
        return ask(imageKey(id), () => files.image(id));
      },
      tensor(id, array) {
        name({ kind: "tensor", file: id });
        return ask(tensorKey(id, array), () => files.tensor(id, array));
      },
    };
    const result = outcome(() => attempt(known));
    if (questions.size === 0) {
      askedBefore.set(of, asked);
      if ("error" in result) throw result.error;
      return { value: result.value, told: toldOf(answers, [...named.values()], [...networks.values()]) };
    }
    await lookUp(questions, answers);
  }
}

const networkKey = (role: string, { file, sha256, flags }: ModelFile) => JSON.stringify([role, file, sha256, flags]);
const imageKey = (id: string) => JSON.stringify(["image", id]);
const tensorKey = (id: string, array: string) => JSON.stringify(["tensor", id, array]);

function toldOf(
  answers: ReadonlyMap<string, Answer>,
  files: readonly ToldFile[],
  networks: readonly AskedNetwork[],
): Told {
  const content = (key: string) => {
    const answer = answers.get(key);
    return answer && "value" in answer ? (answer.value as { readonly content?: string }).content : undefined;
  };
  return {
    network: (role, file) => content(networkKey(role, file)),
    image: (id) => content(imageKey(id)),
    tensor: (id, array) => content(tensorKey(id, array)),
    files,
    networks,
  };
}

async function lookUp(questions: ReadonlyMap<string, Look>, answers: Map<string, Answer>): Promise<void> {
  await Promise.all([...questions].map(async ([key, look]) => answers.set(key, await settled(look))));
}

function outcome<T>(attempt: () => T): { readonly value: T } | { readonly error: unknown } {
  try {
    return { value: attempt() };
  } catch (error) {
    return { error };
  }
}

async function settled(look: Look): Promise<Answer> {
  try {
    return { value: await look() };
  } catch (error) {
    return { error };
  }
}
