/** All a node may ask of the world (nodes/context.ts), over the networks, files and outputs of one run. */
import { Tensor as OrtTensor } from "onnxruntime-common";
import type { Step, Tensor } from "../diffusion/index.ts";
import {
  type Classifier,
  type CondFn,
  type Context,
  checkFinite,
  GraphError,
  HandleError,
  type Labels,
  type Model,
  type NetworkHandle,
} from "../nodes/index.ts";
import { differentiated } from "./drawn/differentiated.ts";
import type { Behind, Judged } from "./drawn/values.ts";
import type { Called } from "./models/composition.ts";
import { floats, inPieces, labelTensor, tensorOf, timesteps } from "./models/feed.ts";
import { keyOf } from "./models/key.ts";
import { nativeWords } from "./models/native-words.ts";
import type { Network } from "./models/network.ts";
import type { Networks, Runner } from "./models/networks.ts";
import type { ComputedIn } from "./models/precision.ts";

type Models = Context["models"];

/** The networks of a run, as nodes see them; `begun`: in which precision, asked for when one is loaded. */
export function modelsOf(networks: Networks, begun: () => ComputedIn | undefined = () => undefined): Models {
  const opened = new WeakMap<Model | Classifier | NetworkHandle, Network>();
  const remembered = <T extends Model | Classifier | NetworkHandle>(
    network: Network,
    of: (network: Network, sized: Sized) => T,
  ): T => {
    const handle: T = of(network, new Sized({ network, use: "forward" }, () => handle, networks, begun));
    opened.set(handle, network);
    return handle;
  };
  const judged = new WeakMap<CondFn, Judged>();
  const found = <T>(known: T | undefined): T => {
    if (!known) throw new GraphError("This network was not loaded from a file, so nothing can be drawn of it");
    return known;
  };
  const behind: Behind = {
    network: (handle) => found(opened.get(handle)),
    condFn: (handle) => found(judged.get(handle)),
  };
  return {
    async unet(file): Promise<Model> {
      return remembered(await networks.network("unet", file), unet);
    },
    async classifier(file): Promise<Classifier> {
      return remembered(await networks.network("classifier", file), classifierOf);
    },
    async network(file): Promise<NetworkHandle> {
      return remembered(await networks.network("network", file), handleOf);
    },
    differentiated: (graph) => differentiated(graph, networks, behind),
    async condFn(of, labels, scale): Promise<CondFn> {
      const network = opened.get(of);
      if (!network) throw new GraphError("The classifier does not come from Load Classifier", "classifier");
      const made = condFn(network, labels, scale, new Sized({ network, use: "cond_fn" }, () => of, networks, begun));
      judged.set(made, { network, labels, scale });
      return made;
    },
  };
}

function unet(network: Network, sized: Sized): Model {
  const { facts, label, roles } = network;
  return {
    key: facts.content,
    facts,
    load: (together) => sized.load(together),
    async predict(x, step, y, lowRes, condition) {
      const [batch, , height, width] = x.dims;
      const feeds: Record<string, OrtTensor> = { [roles.x.name]: floats(x) };
      if (roles.t) feeds[roles.t.name] = timesteps(roles.t, step.modelT, batch);
      if (roles.y) feeds[roles.y.name] = labelTensor(y ?? unlabelled(network, batch), batch, facts);
      if (roles.lowRes) {
        if (!lowRes) throw new GraphError(`${label} enlarges pictures: wire a low_res to it`, "low_res");
        feeds[roles.lowRes.name] = floats(lowRes);
      }
      if (roles.condition) {
        if (!condition) throw new GraphError(`${label} takes a condition: wire one to it`, "condition");
        feeds[roles.condition.name] = floats(condition);
      }
      const source = at(label, step);
      const tensor = tensorOf(await sized.ask(feeds, roles.out.name, source, step), [batch, -1, height, width], source);
      checkFinite(tensor.data, source, { given: floatsOf(feeds) });
      return { out: tensor, facts, step };
    },
  };
}

/** What a class-conditional network is given when nothing is wired: its null label. */
function unlabelled({ facts, label }: Network, batch: number): readonly number[] {
  if (facts.nullLabel === undefined)
    throw new GraphError(`${label} is class-conditional and has no null label: wire labels to it`, "labels");
  return new Array<number>(batch).fill(facts.nullLabel);
}

/** What answers for an x of given dimensions: another network for pictures of another size, where there are such. */
class Sized {
  readonly #called: Called;
  /** Of its file. */
  readonly #handle: () => object;
  readonly #networks: Networks;
  readonly #begun: () => ComputedIn | undefined;
  readonly #loaded = new Map<Network, Promise<Runner>>();

  constructor(called: Called, handle: () => object, networks: Networks, begun: () => ComputedIn | undefined) {
    this.#called = called;
    this.#handle = handle;
    this.#networks = networks;
    this.#begun = begun;
  }

  /** One with a size of its own mostly gets that; of any other it is known when it is given something. */
  async load(together = false): Promise<void> {
    const { forSize, facts } = this.#called.network;
    if (forSize && facts.height === undefined) return;
    if (!(together && (await this.#networks.together.mayJoin(this.#called)))) await this.#runner(this.#called.network);
  }

  /**
   * Of a network that takes a fixed number of samples at a time: by as many runs as they fill. Throws a GraphError that says
   * what was to be computed, in the runtime's words for why it was not.
   */
  async ask(feeds: Readonly<Record<string, OrtTensor>>, output: string, source: string, step: Step | undefined) {
    const { network, use } = this.#called;
    const { batch, roles } = network;
    const sized = network.forSize?.(feeds[roles.x.name].dims) ?? network;
    const alone = async (): Promise<OrtTensor | undefined> => {
      const session = await (await this.#runner(sized))();
      try {
        const once = async (feeds: Record<string, OrtTensor>) => (await session.run(feeds, [output]))[output];
        return await (batch === undefined ? once({ ...feeds }) : inPieces(feeds, batch, once));
      } catch (error) {
        throw new GraphError(`${source[0].toUpperCase()}${source.slice(1)} cannot be computed: ${nativeWords(error)}`);
      }
    };
    const t = roles.t && step?.modelT;
    return this.#networks.together.ask({
      ...{ called: { network: sized, use }, feeds, output, t, begun: this.#begun() },
      alone,
    });
  }

  #runner(network: Network): Promise<Runner> {
    const runner = this.#loaded.get(network) ?? this.#load(network);
    this.#loaded.set(network, runner);
    return runner;
  }

  /** What is wrong with the file is wrong where it was chosen, whenever that is found. */
  async #load(network: Network): Promise<Runner> {
    try {
      if (this.#called.use === "cond_fn") return await this.#networks.condFn(network);
      return await this.#networks.forward(network, this.#begun());
    } catch (error) {
      if (!(error instanceof GraphError) || error.path !== undefined) throw error;
      throw new HandleError(error.message, error.port, this.#handle());
    }
  }
}

/** Guidance needs the gradient alone; the classifier's own session is loaded when somebody asks for its opinion. */
function classifierOf(network: Network, sized: Sized): Classifier {
  const { facts, label, roles } = network;
  return {
    key: facts.content,
    facts,
    async logits(x, step) {
      const [batch] = x.dims;
      const source = at(label, step);
      const feeds = classifierFeeds(network, x, step);
      const out = await sized.ask(feeds, roles.out.name, source, step);
      const tensor = tensorOf(out, [batch, -1], source);
      checkFinite(tensor.data, source, { given: floatsOf(feeds) });
      return tensor;
    },
  };
}

function condFn(network: Network, labels: Labels, scale: number, sized: Sized): CondFn {
  const { facts, label } = network;
  const scaleTensor = new OrtTensor("float32", Float32Array.of(scale), []);
  return {
    key: keyOf(facts.content, labels.values, scale),
    load: (together) => sized.load(together),
    async gradient(x, step) {
      const feeds = classifierFeeds(network, x, step);
      feeds.labels = labelTensor(labels.values, x.dims[0], facts);
      feeds.scale = scaleTensor;
      const source = `the gradient of ${at(label, step)}`;
      const tensor = tensorOf(await sized.ask(feeds, "gradient", source, step), x.dims, source);
      checkFinite(tensor.data, source, { given: floatsOf(feeds) });
      return tensor;
    },
  };
}

function classifierFeeds({ roles }: Network, x: Tensor, step: Step): Record<string, OrtTensor> {
  const feeds: Record<string, OrtTensor> = { [roles.x.name]: floats(x) };
  if (roles.t) feeds[roles.t.name] = timesteps(roles.t, step.modelT, x.dims[0]);
  return feeds;
}

function handleOf(network: Network, sized: Sized): NetworkHandle {
  const { facts, label, roles } = network;
  return {
    key: facts.content,
    facts,
    load: (together) => sized.load(together),
    async apply(x, output, other, step) {
      const feeds: Record<string, OrtTensor> = { [roles.x.name]: floats(x) };
      if (roles.t && step) feeds[roles.t.name] = timesteps(roles.t, step.modelT, x.dims[0]);
      if (roles.other && other) feeds[roles.other.name] = floats(other);
      const source = step ? at(label, step) : label;
      const out = await sized.ask(feeds, output === "" ? roles.out.name : output, source, step);
      const tensor = tensorOf(
        out,
        (out?.dims ?? []).map(() => -1),
        source,
      );
      checkFinite(tensor.data, source, { given: floatsOf(feeds) });
      return tensor;
    },
  };
}

/** Those that can be at fault when the output is not finite. */
const floatsOf = (feeds: Readonly<Record<string, OrtTensor>>): Readonly<Record<string, Float32Array>> =>
  Object.fromEntries(
    Object.entries(feeds).flatMap(([name, { data }]) => (data instanceof Float32Array ? [[name, data] as const] : [])),
  );

const at = (label: string, { index, count, t }: Step): string =>
  `${label} at step ${count - index} of ${count} (t ${t})`;
