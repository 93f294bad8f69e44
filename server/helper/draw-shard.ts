/** Draws one shard on one device, in a folder of its own, and packs what it made as one file. */
import { randomBytes } from "node:crypto";
import { rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { PreviewMessage } from "../channel/messages.ts";
import type { Device } from "../devices/device.ts";
import type { Lender } from "../devices/lender.ts";
import { SharedRun } from "../devices/shared-run.ts";
import { writeAtomically } from "../files/atomic.ts";
import { Journal } from "../files/journal.ts";
import type { SavedFile } from "../files/journal-lines.ts";
import { makeFolder } from "../files/make-folder.ts";
import { computedInName } from "../files/output-folder.ts";
import { maxPreviewBytes, maxPreviews, type Packed, packedPieces } from "../shards/packed.ts";
import type { Order, Shard } from "../shards/shard.ts";

export interface DrawOptions {
  /** Below it a folder is made, which is there until the result is of no use any more. */
  readonly folder: string;
  readonly device: Device;
  readonly order: Order;
  readonly cancel: AbortSignal;
  /** Of each batch that is done. */
  readonly done: () => void;
}

/** A result on the disk of this machine. */
export interface DrawnShard {
  readonly path: string;
  /** How many of its batches were computed; the others were known, of a run before. */
  readonly computed: number;
  readonly remove: () => Promise<void>;
}

/** The server says when it took too long. */
const endlessMs = Number.POSITIVE_INFINITY;

/** Rejects with a RunStopped where it fails or is cancelled, and leaves nothing then. */
export async function drawShard({ from, to, computedIn }: Shard, options: DrawOptions): Promise<DrawnShard> {
  const { device, order, cancel, done } = options;
  // Runs of processes are told apart by name, and this one may have been given up here before.
  const run = `shard-${randomBytes(8).toString("hex")}`;
  const folder = join(options.folder, run);
  const outputs = join(folder, "outputs");
  const remove = () => rm(folder, { recursive: true, force: true });
  makeFolder(outputs);
  try {
    const journal = await Journal.open(outputs, run);
    try {
      // As if batches before had been drawn here: where it would be in another, it is not drawn.
      if (computedIn !== undefined) await journal.choose(computedInName, computedIn);
      const task = {
        run,
        graph: order.graph,
        options: { batches: order.batches, watch: [], ...(order.targets && { targets: [...order.targets] }) },
        folder: outputs,
        identity: order.identity,
      };
      const shared = new SharedRun(task, device, {
        lender: alone(device),
        cancel,
        deadlineMs: endlessMs,
        journal,
        first: from,
        before: to,
      });
      const frames = new Map<string, Uint8Array>();
      const batches = await drawn(shared, done, ({ of, frame }) => frames.set(of, frame));
      const shown = [...frames].filter(([, { length }]) => length <= maxPreviewBytes).slice(0, maxPreviews);
      const about: Packed = {
        batches,
        kept: shared.kept,
        names: Object.fromEntries(journal.names),
        rows: rowsOf(shared.kept.spools, { from, to }),
        files: await sizesOf(
          outputs,
          batches.flatMap(({ saved }) => saved),
        ),
        ...(shown.length > 0 && { previews: shown.map(([of, { length: bytes }]) => ({ of, bytes })) }),
      };
      const path = join(folder, "result");
      await writeAtomically(path, async (file) => {
        for await (const piece of packedPieces(about, {
          ...{ rows: journal.folder, files: outputs },
          frames: shown.map(([, frame]) => frame),
        }))
          await file.writeFile(piece);
      });
      return { path, computed: batches.filter(({ cached }) => !cached).length, remove };
    } finally {
      await journal.close(true).catch(() => {});
    }
  } catch (error) {
    await remove();
    throw error;
  }
}

/** Its own device, whatever becomes of it: where that fails, the server gives the shard to another. */
const alone = (device: Device): Lender => ({
  isAskedFor: () => false,
  giveBack: () => {},
  ask: () => {},
  failed: () => {},
  unfit: () => {},
  all: () => [device],
  mayCome: () => false,
});

function drawn(
  { events$ }: SharedRun,
  done: () => void,
  show: (preview: PreviewMessage) => void,
): Promise<Packed["batches"]> {
  const batches: Packed["batches"] = [];
  let saved: SavedFile[] = [];
  return new Promise((resolve, reject) =>
    events$.subscribe({
      next(event) {
        if (event.type === "preview") show(event);
        else if (event.type === "output") {
          const { type: _, ...file } = event;
          saved.push(file);
        } else if (event.type === "batch") {
          const { index: batch, ms, cached } = event;
          batches.push({ batch, ms, ...(cached && { cached }), saved });
          saved = [];
          done();
        }
      },
      error: reject,
      complete: () => resolve(batches),
    }),
  );
}

/**
 * Each batch has as many rows: so many bytes up to the end of one tell where another begins. What is beside the rows is the same,
 * whoever writes it.
 */
function rowsOf(spools: Readonly<Record<string, number>>, { from, to }: Pick<Shard, "from" | "to">): Packed["rows"] {
  return Object.entries(spools).map(([name, end]) => {
    const at = name.endsWith(".beside") ? 0 : (end / to) * from;
    if (!Number.isSafeInteger(at)) throw new Error(`The rows of ${name} are not as many in each batch`);
    return { name, at, bytes: end - at };
  });
}

const sizesOf = (folder: string, saved: readonly SavedFile[]): Promise<Packed["files"]> =>
  Promise.all(saved.map(async ({ name }) => ({ name, bytes: (await stat(join(folder, name))).size })));
