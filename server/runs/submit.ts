/** From the body of POST /api/runs to a run in the queue. */
import { randomBytes } from "node:crypto";
import { type GraphDocument, setInPieces } from "../../graphs/document/index.ts";
import type { Registry } from "../../nodes/index.ts";
import { doneInTurns, textInTurns } from "../documents/in-turns.ts";
import { problemsIn, readSent } from "../documents/sent.ts";
import { type Problem, type RunRequest, runRequest } from "../protocol.ts";
import { Refusal } from "../refusal.ts";
import { Overwhelmed } from "../supervisor/asked.ts";
import type { RunHistory } from "./history.ts";
import type { Intake } from "./intake.ts";
import { oneATurn } from "./one-a-turn.ts";
import type { Planner } from "./planner.ts";
import type { Quarantine } from "./quarantine.ts";
import type { RunQueue } from "./queue.ts";
import { watchedIn } from "./watched.ts";
import { wrongRequest } from "./wrong-request.ts";

export interface SubmitOptions {
  readonly history: RunHistory;
  readonly queue: RunQueue;
  readonly quarantine: Quarantine;
  readonly intake: Intake;
  /** Plans graphs, so that one that cannot run is refused with every reason. */
  readonly planner: Planner;
  readonly registry: Registry;
}

/** A request as it came: its body, parsed, and what tells it from another. */
export interface Submission {
  readonly body: unknown;
  /** SHA-256 of the body's bytes. */
  readonly hash: string;
  /** Idempotency-Key, where the client gave one. */
  readonly key: string | undefined;
  /** Who sent it; undefined: the owner. */
  readonly by: string | undefined;
}

export interface Submitted {
  readonly id: string;
  /** It was submitted before under the same key. */
  readonly repeated: boolean;
  /** What will run, and may not be meant. */
  readonly notes: readonly Problem[];
}

export function submitter({ history, queue, quarantine, intake, planner, registry }: SubmitOptions) {
  /** Submissions under way, by their key: of a double click, the second waits for the first. */
  const underWay = new Map<string, Promise<unknown>>();
  /** To look at a graph takes milliseconds, many more in a new process. */
  const ownTurn = oneATurn();

  return async (submission: Submission): Promise<Submitted> => {
    const { key } = submission;
    if (key === undefined) return admitted(submission);
    while (underWay.has(key)) await underWay.get(key)?.catch(() => {});
    const repeated = repeat(submission, key);
    underWay.set(key, repeated);
    try {
      return await repeated;
    } finally {
      underWay.delete(key);
    }
  };

  async function repeat(submission: Submission, key: string): Promise<Submitted> {
    const before = await history.withKey(key);
    if (!before) return admitted(submission);
    if (before.request === submission.hash && before.by === submission.by)
      return { id: before.id, repeated: true, notes: [] };
    throw new Refusal("taken", "This Idempotency-Key was used for another request: choose a new one");
  }

  function admitted(submission: Submission): Promise<Submitted> {
    queue.checkOpen(submission.by);
    return intake.take(() => accept(submission), submission.by);
  }

  async function accept({ body, hash, key, by }: Submission): Promise<Submitted> {
    // Before it is looked at: that a graph asks for too much is not what is wrong.
    await queue.checkRoom();
    await ownTurn();
    const read = runRequest.safeParse(body);
    if (!read.success)
      throw new Refusal("malformed", wrongRequest(read.error.issues, body, Object.keys(runRequest.shape)));
    const { graph, set, batches, targets, first } = read.data;
    const document = await withParameters(await readSent(graph), set, registry);
    const { watch, notes: unseen } = watchedIn(document, read.data.watch, registry);
    const text = await textInTurns(document);
    const held = quarantine.problem(document);
    const id = newId();
    const options = { batches, set, watch, first, ...(targets && { targets }) };
    if (held) throw new Refusal("taken", [held]);
    queue.prepare({ id, graph: text, options });
    const notes = await planner
      .ask("check", { graph: text, batches, ...(targets && { targets }) })
      .catch((error: unknown) => {
        if (error instanceof Overwhelmed) queue.forsake(id);
        throw error;
      });
    const title = (document.about.title ?? "Untitled").slice(0, 200);
    await queue.add({ id, key, request: hash, title, document: document.about.id, graph: text, options, by });
    return { id, repeated: false, notes: [...notes, ...unseen] };
  }
}

async function withParameters(
  document: GraphDocument,
  set: RunRequest["set"],
  registry: Registry,
): Promise<GraphDocument> {
  try {
    return await doneInTurns(setInPieces(document, Object.entries(set), registry));
  } catch (error) {
    throw new Refusal("unfit", problemsIn(error));
  }
}

/** A run's id sorts by time, and its end cannot be guessed. */
const newId = (): string => `${Date.now().toString(36).padStart(9, "0")}-${randomBytes(6).toString("hex")}`;
