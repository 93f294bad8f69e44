/**
 * Networks that are asked at once. Where the provider gains by it those that look at the same x are one session: their graphs side
 * by side, what they share stored and computed once, the answers those of sessions of their own. Where such a session cannot be
 * had they are asked one by one, which is said; whatever fails then fails whoever asked it.
 */
import type { Tensor as OrtTensor } from "onnxruntime-common";
import { type Call, sideBySide, type ValueInfo } from "../../onnx/index.ts";
import { type Called, type Composition, calledKey, wordsOf } from "./composition.ts";
import { keyOf } from "./key.ts";
import { nativeWords } from "./native-words.ts";
import type { ComputedIn } from "./precision.ts";
import type { Session } from "./session-cache.ts";

type Answer = OrtTensor | undefined;

/** A network asked for one output. */
export interface Question {
  readonly called: Called;
  /** By the names of the network. */
  readonly feeds: Readonly<Record<string, OrtTensor>>;
  readonly output: string;
  /** The time, of a network that takes it. */
  readonly t: number | undefined;
  /** In which precision its run was begun. */
  readonly begun: ComputedIn | undefined;
  /** The answer of a session of its own. */
  alone(): Promise<Answer>;
}

/** A session of several networks; `drop` lets it go. */
export interface Joint {
  session(): Promise<Session>;
  drop(): Promise<void>;
}

/** What is taken of whoever has the sessions. */
export interface Joining {
  /** Whether the provider gains by it. */
  gains(): Promise<boolean>;
  joined(composition: Composition<Called>, begun: ComputedIn | undefined): Promise<Joint>;
  say(line: string): void;
}

type Asked = Question & { resolve(answer: Promise<Answer>): void };

export class Together {
  readonly #joining: Joining;
  /** Those that cannot be had. */
  readonly #refused = new Set<string>();
  #asked: Asked[] | undefined;

  constructor(joining: Joining) {
    this.#joining = joining;
  }

  /** Whether a network that is asked together with others only needs no session of its own. */
  async mayJoin(called: Called): Promise<boolean> {
    return mayBeJoined(called) && this.#joining.gains();
  }

  /**
   * What these ask before they return is asked at once. Rejects as the first of them that fails, in their order. `heard` is awaited
   * before each network that is asked behind another: where it rejects, so do those that are not answered yet.
   */
  async run(asks: readonly (() => Promise<void>)[], heard: () => Promise<void>): Promise<void> {
    if (!(await this.#joining.gains())) {
      for (const ask of asks) {
        await heard();
        await ask();
      }
      return;
    }
    const asked: Asked[] = [];
    this.#asked = asked;
    const ended = Promise.allSettled(asks.map(async (ask) => ask()));
    this.#asked = undefined;
    for (const those of ofOneX(asked)) await this.#answer(those, heard);
    for (const one of await ended) if (one.status === "rejected") throw one.reason;
  }

  ask(question: Question): Promise<Answer> {
    const asked = this.#asked;
    return asked ? new Promise((resolve) => asked.push({ ...question, resolve })) : question.alone();
  }

  async #answer(asked: readonly Asked[], heard: () => Promise<void>): Promise<void> {
    let refusal: unknown;
    const refused = (error: unknown): undefined => {
      refusal = error;
    };
    const jointly = () => this.#jointly(asked);
    const answers = asked.length > 1 ? await heard().then(jointly).catch(refused) : undefined;
    let areAnswered = true;
    for (const [i, { alone, resolve }] of asked.entries()) {
      const answer = answers ? Promise.resolve(answers[i]) : heard().then(alone);
      resolve(answer);
      await answer.catch(() => {
        areAnswered = false;
      });
    }
    // What is wrong with one of them is told by whoever asked it.
    if (refusal === undefined || !areAnswered) return;
    const names = asked.map(({ called }) => wordsFor(called)).join(" and ");
    this.#joining.say(`${names} are asked one by one, since one session cannot have them: ${nativeWords(refusal)}`);
  }

  /** Undefined where it is known that it cannot be done; throws when that is found. */
  async #jointly(asked: readonly Asked[]): Promise<readonly Answer[] | undefined> {
    // Whoever is asked first, it is the same session.
    const keyed = asked.map((one) => [`${calledKey(one.called)} ${one.output}`, one] as const);
    const inOrder = keyed.sort(([a], [b]) => (a < b ? -1 : Number(a > b))).map(([, one]) => one);
    const { composition, feeds, outputs } = sideBySideOf(inOrder);
    const [{ begun }] = asked;
    const key = keyOf(...wordsOf(composition), begun);
    if (this.#refused.has(key)) return undefined;
    let joint: Joint | undefined;
    try {
      joint = await this.#joining.joined(composition, begun);
      const session = await joint.session();
      const fed = session.inputNames.map((name) => [name, feeds.get(name)!] as const);
      const given = await session.run(Object.fromEntries(fed), outputs);
      return asked.map((one) => given[outputs[inOrder.indexOf(one)]]);
    } catch (error) {
      this.#refused.add(key);
      await joint?.drop();
      throw error;
    }
  }
}

/** A file that runs as it is stays so, and what takes a fixed number of samples is asked in pieces. */
const mayBeJoined = ({ network, use }: Called): boolean =>
  network.batch === undefined && !(use === "forward" && network.file);

const wordsFor = ({ network, use }: Called): string =>
  use === "forward" ? network.label : `the gradient of ${network.label}`;

/** Those that may be joined, by what they look at; each of the others for itself. */
function ofOneX(asked: readonly Asked[]): readonly (readonly Asked[])[] {
  const groups: Asked[][] = [];
  for (const one of asked) {
    const fits = (other: Asked) =>
      mayBeJoined(other.called) && xOf(other).data === xOf(one).data && (other.t ?? one.t) === (one.t ?? other.t);
    const group = mayBeJoined(one.called) ? groups.find((those) => those.every(fits)) : undefined;
    if (group) group.push(one);
    else groups.push([one]);
  }
  return groups;
}

const xOf = ({ called, feeds }: Question): OrtTensor => feeds[called.network.roles.x.name];

/** Their graph, what is fed to it, and by which name it answers each. */
function sideBySideOf(asked: readonly Question[]) {
  const [samples] = xOf(asked[0]).dims;
  const feeds = new Map<string, OrtTensor>();
  const calls = asked.map(({ called, feeds: own, output }, i): Call => {
    const { x, t } = called.network.roles;
    const inputs = Object.entries(own).map(([name, feed]) => {
      // x and t are fed once.
      const shared = name === x.name ? "x" : name === t?.name ? `t ${feed.type}` : `${i} ${name}`;
      feeds.set(shared, feed);
      return [name, shared] as const;
    });
    const outputs = new Map([[output, `answer ${i}`]]);
    return { name: `call ${i}`, at: 0, network: calledKey(called), inputs: new Map(inputs), outputs };
  });
  const inputs = [...feeds].map(
    ([name, { type, dims }]): ValueInfo => ({
      ...{ name, type: type as ValueInfo["type"] },
      dims: dims.map((dim, axis) => (axis === 0 && dim === samples ? "N" : dim)),
    }),
  );
  const networks = new Map(asked.map(({ called }) => [calledKey(called), called]));
  const composition: Composition<Called> = { graph: sideBySide(inputs, calls), calls, networks };
  return { composition, feeds, outputs: asked.map((_, i) => `answer ${i}`) };
}
