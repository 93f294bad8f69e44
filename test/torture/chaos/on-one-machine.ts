/** Runs of the command line: killed at any moment, and on several devices. */
import { join } from "node:path";
import { temporaryFolder } from "../../support/cli.ts";
import { begunIn, filesIn, graphOf, inOneGo, judged, type Row, sleep, startRun, until, written } from "./drawn.ts";

/** A process begins within so long: one kill of four comes while it does, the others at any moment of its first batches. */
const beginsMs = 1_500;
const firstBatches = 6;

export interface KilledOptions {
  readonly kills: number;
  readonly random: () => number;
  readonly batches: number;
  /** So long each takes. */
  readonly ms: number;
}

/** Killed with -9 at random moments, and started again by the same command each time: a batch a kill is drawn again at most. */
export async function killedAndResumed({ kills, random, batches, ms }: KilledOptions): Promise<Row> {
  const graph = graphOf(1, ms);
  const [path, out, begun] = [written(graph), temporaryFolder(), join(temporaryFolder(), "begun")];
  const start = () => startRun(path, out, ["--batches", `${batches}`], { GUIDEGRAPH_BEGUN: begun });
  const told: number[] = [];
  let faults = 0;
  for (let kill = 0; kill < kills; kill++) {
    const run = start();
    const [isEarly, more, after] = [random() < 0.25, random() * firstBatches, random()];
    const isOver = () => run.child.exitCode !== null || run.child.signalCode !== null;
    const drawing = () => until(() => run.told.length >= more || isOver()).then(() => sleep(after * ms));
    const moment = isEarly ? sleep(after * beginsMs) : drawing();
    await Promise.race([moment, run.ended]);
    if (run.child.exitCode === null) faults++;
    run.child.kill("SIGKILL");
    await run.ended;
    told.push(...run.told);
  }
  const last = start();
  const status = await last.ended;
  told.push(...last.told);
  const again = begunIn(begun) - batches;
  const row = judged(
    await inOneGo(graph, batches),
    { files: filesIn(out), told, begun: begunIn(begun), again, faults },
    batches,
  );
  return status === 0 ? row : { ...row, broken: [...row.broken, `The last ended with status ${status}`] };
}

/** On so many devices of this machine, none of which fails. */
export async function onDevices(devices: number, batches: number, ms: number): Promise<Row> {
  const graph = graphOf(1 + devices, ms);
  const [out, begun] = [temporaryFolder(), join(temporaryFolder(), "begun")];
  const args = ["--batches", `${batches}`, "--devices", `cpu*${devices}`];
  const run = startRun(written(graph), out, args, { GUIDEGRAPH_BEGUN: begun });
  await run.ended;
  const drawn = { files: filesIn(out), told: run.told, begun: begunIn(begun), again: 0, faults: 0 };
  return judged(await inOneGo(graph, batches), drawn, batches);
}
