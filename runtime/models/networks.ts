/** Networks in use: each file is read once, built once for a provider, and loaded when it is run. */
import { GraphError, type ModelFile } from "../../nodes/index.ts";
import {
  GradientError,
  type ModelFlags,
  type OnnxModel,
  type Peak,
  type Use,
  ZeroGradientError,
} from "../../onnx/index.ts";
import { BoundedCache, type Budget } from "../bounded-cache.ts";
import {
  type Called,
  type Composition,
  composed,
  condFnOf,
  type Differentiable,
  drawnWords,
  loweredDrawing,
  wordsOf,
} from "./composition.ts";
import { allCurrent, expectCurrent } from "./current.ts";
import { type FoundModel, findModel } from "./find.ts";
import type { BuiltModel, BuiltModels, Files, Provider } from "./host.ts";
import { keyOf } from "./key.ts";
import { kernelWords, loweredFor } from "./lowered.ts";
import { nativeWords } from "./native-words.ts";
import type { Network } from "./network.ts";
import { type ComputedIn, computed, computedIn, type Precision } from "./precision.ts";
import { readNetwork } from "./read-network.ts";
import { type Session, SessionCache } from "./session-cache.ts";
import { type Joint, Together } from "./together.ts";
import { Weighing } from "./weighing.ts";

export interface NetworksOptions {
  readonly files: Files;
  readonly built: BuiltModels;
  /** Asked for when something is to run. */
  readonly provider: () => Promise<Provider>;
  /** Sessions that weigh more than this together are let go, the least recently used first. */
  readonly maxSessionBytes: number;
  /** Default: auto. */
  readonly precision?: Precision | undefined;
  /** Bytes that this process holds outside of JavaScript's: by it is learned what sessions take when they run. */
  readonly held?: () => number;
  /** For what is remembered of networks. */
  readonly budget?: Budget;
  /** Takes a line that a person should read, once. */
  readonly say?: (line: string) => void;
}

/** What runs: ask for the session at every use, since an unused one may have been let go. */
export type Runner = () => Promise<Session>;

/** A network as a graph asks for it. */
export interface AskedNetwork {
  readonly role: Use;
  readonly file: ModelFile;
}

export class Networks {
  readonly #options: NetworksOptions;
  readonly #sessions: SessionCache;
  readonly #networks: BoundedCache<Network>;
  readonly #weighing: Weighing;
  readonly #said = new Set<string>();
  /** Those of them that are asked at once. */
  readonly together: Together;

  constructor(options: NetworksOptions) {
    this.#options = options;
    this.#weighing = new Weighing(options.built);
    this.#networks = new BoundedCache(options.budget ?? 64 * 2 ** 20, ({ bytes }) => bytes);
    const create = async (model: BuiltModel) => (await options.provider()).createSession(model);
    this.#sessions = new SessionCache(create, { maxBytes: options.maxSessionBytes, held: options.held });
    this.together = new Together({
      gains: async () => (await options.provider()).joins === true,
      joined: (composition, begun) => this.#joined(composition, begun),
      say: (line) => options.say?.(line),
    });
  }

  /** What is known of a model as a graph names it. Throws a GraphError that names the parameter. */
  async network(role: Use, file: ModelFile): Promise<Network> {
    const found = await findModel(this.#options.files, file);
    const { source, sha256 } = found;
    // One that cannot be read is complained of by whoever reads the model.
    const card = await source.card().catch(() => undefined);
    const key = keyOf(role, file.file, source.path, sha256, card, words(file.flags));
    const read = () => this.#networks.getOrMake(key, () => readNetwork(found, role, file));
    const network = await read();
    if (await network.isCurrent()) return network;
    this.#networks.delete(key);
    return read();
  }

  /** SHA-256 of the file that a graph would get under this id; undefined where there is none. */
  async sha256(id: string): Promise<string | undefined> {
    const [source] = await this.#options.files.models(id);
    return source?.sha256().catch(() => undefined);
  }

  /**
   * A model whose role its file tells, read with `defaults` for what neither shapes, flags, card nor a preset tell.
   * Throws a GraphError that names the parameter.
   */
  async open(role: Use | undefined, file: ModelFile, defaults?: ModelFlags): Promise<Network> {
    return readNetwork(await findModel(this.#options.files, file), role, file, defaults);
  }

  /** A file that is in no folder yet, by what its bytes tell. Throws a GraphError that names the parameter. */
  look(found: FoundModel, file: ModelFile): Promise<Network> {
    return readNetwork(found, undefined, file);
  }

  /** The network itself, its session loaded; of a run that was `begun` in a precision, in that. */
  async forward(network: Network, begun?: ComputedIn): Promise<Runner> {
    const provider = await this.#options.provider();
    const { file } = network;
    const half = this.#half(network, provider, begun);
    const key = keyOf(network.facts.content, "as it is");
    // What a file asks for may be what WebGPU computes wrongly.
    if (file && provider.flavour !== "portable")
      return this.#load(
        network.label,
        provider,
        key,
        async () => file,
        () => expectCurrent(network),
      );
    return this.#built(network, provider, { use: "forward", half }, (model) => model);
  }

  /** The gradient of a classifier's log probabilities, its session loaded. */
  async condFn(network: Network): Promise<Runner> {
    const provider = await this.#options.provider();
    // What is said of a classifier is said here too: guidance may ask for nothing else of it.
    this.#half(network, provider);
    return this.#built(network, provider, { use: "cond_fn", half: false }, (model) => condFnOf(network, model));
  }

  /** What is wired around networks, and its gradient where one is wanted, its session loaded. */
  async drawn(composition: Differentiable, isDifferentiated: boolean): Promise<Runner> {
    const provider = await this.#options.provider();
    const { built } = this.#options;
    const key = keyOf(built.builder, ...drawnWords(composition, isDifferentiated, provider));
    const build = () => loweredDrawing(composition, isDifferentiated, provider);
    const current = () => allCurrent(composition);
    return this.#load("what is drawn", provider, key, () => built.get(key, build, current), current);
  }

  /** Networks side by side as one session, loaded, each in its own precision. */
  async #joined(composition: Composition<Called>, begun: ComputedIn | undefined): Promise<Joint> {
    const provider = await this.#options.provider();
    const { built } = this.#options;
    const halves = new Map(
      [...composition.networks.values()].map(({ network }) => [network, this.#half(network, provider, begun)]),
    );
    const key = keyOf(built.builder, "joined", ...wordsOf(composition), [...halves.values()], kernelWords(provider));
    const build = async () =>
      loweredFor(
        await composed(composition, (network) => network.build({ fp16: halves.get(network) ?? false })),
        provider,
      );
    const current = () => allCurrent(composition);
    const label = [...halves.keys()].map(({ label }) => label).join(" with ");
    const session = await this.#load(label, provider, key, () => built.get(key, build, current), current);
    return { session, drop: () => this.#sessions.drop(key) };
  }

  /**
   * In which precision these are computed here, in a run that was `begun` in one: in another where this device has not that.
   * Throws a GraphError where what was typed cannot be had.
   */
  async computedIn(networks: readonly Network[], begun?: ComputedIn): Promise<ComputedIn> {
    const provider = await this.#options.provider();
    return atFile(() => computedIn(networks, provider, this.#options.precision ?? "auto", begun));
  }

  /** What the same takes to run with named dimensions of these sizes. */
  weighed(
    composition: Differentiable,
    isDifferentiated: boolean,
    sizes: Readonly<Record<string, number>>,
  ): Promise<Peak> {
    return this.#weighing.peak(composition, isDifferentiated, sizes);
  }

  /** What is there of sessions that take turns and weigh so much: the one in use and the one before, and others while there is room. */
  kept(each: readonly number[]): number {
    const [first = 0, second = 0] = each.toSorted((a, b) => b - a);
    const all = each.reduce((sum, bytes) => sum + bytes, 0);
    return Math.min(all, Math.max(first + second, this.#options.maxSessionBytes));
  }

  /** What the sessions that are loaded weigh. */
  get sessionBytes(): number {
    return this.#sessions.bytes;
  }

  /** Lets the sessions go. */
  close(): Promise<void> {
    return this.#sessions.clear();
  }

  #built(
    network: Network,
    provider: Provider,
    { use, half }: { readonly use: "forward" | "cond_fn"; readonly half: boolean },
    graphOf: (model: OnnxModel) => OnnxModel,
  ): Promise<Runner> {
    const { built } = this.#options;
    const key = keyOf(built.builder, network.facts.content, use, kernelWords(provider), half);
    const build = async () => loweredFor(graphOf(await network.build({ fp16: half })), provider);
    const current = () => expectCurrent(network);
    return this.#load(network.label, provider, key, () => built.get(key, build, current), current);
  }

  async #load(
    label: string,
    { name }: Pick<Provider, "name">,
    key: string,
    build: () => Promise<BuiltModel>,
    current: () => Promise<void>,
  ): Promise<Runner> {
    const runner = () => this.#sessions.get(key, build, current);
    try {
      await runner();
    } catch (error) {
      if ([GradientError, ZeroGradientError, GraphError].some((own) => error instanceof own)) throw error;
      throw new GraphError(`Cannot load ${label} on ${name}: ${nativeWords(error)}`, "file");
    }
    return runner;
  }

  /** Whether its torso is computed in half precision, which is said once. */
  #half(network: Network, provider: Provider, begun?: ComputedIn): boolean {
    const { half, said } = atFile(() => computed(network, provider, this.#options.precision ?? "auto", begun));
    if (said !== undefined) this.#say(said);
    return half;
  }

  #say(line: string): void {
    if (this.#said.has(line)) return;
    this.#said.add(line);
    this.#options.say?.(line);
  }
}

/** Flags that differ in the blanks between them are the same. */
const words = (flags: string): string => (flags.match(/(?:"[^"]*"|[^\s"])+|"/g) ?? []).join(" ");

/** What cannot be done with a file is wrong where the file was chosen. */
function atFile<T>(make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw error instanceof RangeError ? new GraphError(error.message, "file") : error;
  }
}
