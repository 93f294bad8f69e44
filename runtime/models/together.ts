/**
 * Networks that are asked at once. Where the provider gains by it those that look at the same x are one session: their graphs side
 * by side, what they share stored and computed once; in float32 the answers are those of sessions of their own. Where such a session
 * cannot be had they are asked one by one, and if they answer so they are until their run ends, which is said once; whatever fails
 * then fails whoever asked it.
 */
import type { Tensor as OrtTensor } from "onnxruntime-common";
import type { ValueInfo } from "../../onnx/index.ts";
import { type Called, type Composition, calledKey, wordsOf } from "./composition.ts";
import { keyOf } from "./key.ts";
import { nativeWords } from "./native-words.ts";
import type { ComputedIn } from "./precision.ts";
import type { Session } from "./session-cache.ts";
import { type Part, sideBySideOf } from "./side-by-side.ts";

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

/** A run that asks. */
interface Around {
  readonly heard: () => Promise<void>;
  /** What one session could not have. */
  readonly refused: Set<string>;
}

export class Together {
  readonly #joining: Joining;
  #asked: Asked[] | undefined;

  constructor(joining: Joining) {
    this.#joining = joining;
  }

  /** Whether a network that is asked together with others only needs no session of its own. */
  async mayJoin(called: Called): Promise<boolean> {
    return mayBeJoined(called) && this.#joining.gains();
  }

  /**
   * For one run: what is given to it asks at once what it asks before it returns. Rejects as the first of them that fails, in their
   * order. `heard` is awaited before each network that is asked behind another: where it rejects, so do those that are not
   * answered yet.
   */
  ofRun(): (asks: readonly (() => Promise<void>)[], heard: () => Promise<void>) => Promise<void> {
    const refused = new Set<string>();
    return (asks, heard) => this.#run(asks, { heard, refused });
  }

  async #run(asks: readonly (() => Promise<void>)[], around: Around): Promise<void> {
    const { heard } = around;
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
    for (const those of ofOneX(asked)) await this.#answer(those, around);
    for (const one of await ended) if (one.status === "rejected") throw one.reason;
  }

  ask(question: Question): Promise<Answer> {
    const asked = this.#asked;
    return asked ? new Promise((resolve) => asked.push({ ...question, resolve })) : question.alone();
  }

  async #answer(asked: readonly Asked[], { heard, refused }: Around): Promise<void> {
    const joint = asked.length > 1 ? jointOf(asked) : undefined;
    let refusal: unknown;
    const answers =
      joint && !refused.has(joint.key)
        ? await heard()
            .then(() => this.#jointly(joint))
            .catch((error: unknown) => {
              refusal = error;
            })
        : undefined;
    let areAnswered = true;
    for (const one of asked) {
      const answer = answers ? Promise.resolve(answers.get(one)) : heard().then(one.alone);
      one.resolve(answer);
      await answer.catch(() => {
        areAnswered = false;
      });
    }
    // What is wrong with one of them is told by whoever asked it, and says nothing of the session.
    if (!joint || refusal === undefined || !areAnswered) return;
    refused.add(joint.key);
    const names = asked.map(({ called }) => wordsFor(called)).join(" and ");
    this.#joining.say(
      `${names} are asked one by one in this run, since one session cannot have them: ${nativeWords(refusal)}`,
    );
  }

  async #jointly({ asked, composition, begun, feeds, outputs }: JointQuestion): Promise<ReadonlyMap<Asked, Answer>> {
    const joint = await this.#joining.joined(composition, begun);
    try {
      const session = await joint.session();
      const fed = session.inputNames.map((name) => [name, feeds.get(name)!] as const);
      const given = await session.run(Object.fromEntries(fed), outputs);
      return new Map(asked.map((one, i) => [one, given[outputs[i]]]));
    } catch (error) {
      await joint.drop();
      throw error;
    }
  }
}

/** What one session is asked. */
interface JointQuestion {
  readonly asked: readonly Asked[];
  readonly composition: Composition<Called>;
  /** Tells it from others of its run, of whatever size. */
  readonly key: string;
  readonly begun: ComputedIn | undefined;
  readonly feeds: ReadonlyMap<string, OrtTensor>;
  /** In the order of `asked`. */
  readonly outputs: readonly string[];
}

function jointOf(questions: readonly Asked[]): JointQuestion {
  // Whoever is asked first, it is the same session.
  const keyed = questions.map((one) => [`${calledKey(one.called)} ${one.output}`, one] as const);
  const asked = keyed.sort(([a], [b]) => (a < b ? -1 : Number(a > b))).map(([, one]) => one);
  const { graph, calls, inputs, outputs } = sideBySideOf(asked.map(partOf));
  const networks = new Map(asked.map(({ called }) => [calledKey(called), called]));
  const composition: Composition<Called> = { graph, calls, networks };
  const named = asked.flatMap(({ feeds }, i) =>
    Object.entries(feeds).map(([name, feed]) => [inputs[i].get(name)!, feed] as const),
  );
  const [{ begun }] = questions;
  return { asked, composition, key: keyOf(...wordsOf(composition), begun), begun, feeds: new Map(named), outputs };
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

/** A network as its session would be fed: what is open there may be of any length. */
function partOf({ called, feeds, output }: Question): Part {
  const { roles } = called.network;
  const declared = new Map(Object.values(roles).flatMap((role) => ("name" in role ? [[role.name, role.dims]] : [])));
  const open = (name: string, { dims }: OrtTensor) => dims.map((_, axis) => (axis === 0 ? "N" : `${name} ${axis}`));
  const inputs = Object.entries(feeds).map(
    ([name, feed]): ValueInfo => ({
      ...{ name, type: feed.type as ValueInfo["type"] },
      dims: declared.get(name) ?? open(name, feed),
    }),
  );
  return { network: calledKey(called), inputs, x: roles.x.name, t: roles.t?.name, output };
}
