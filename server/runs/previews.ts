/**
 * The last picture of every node of a run, so that whoever comes later sees what those saw who were there. Previews are
 * not logged and may be lost with the server; when a run ends, its last ones are put beside its outputs.
 */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { Subject } from "rxjs";
import { writePieces } from "../files/atomic.ts";

export interface RunFrame {
  readonly run: string;
  readonly of: string;
  readonly frame: Uint8Array;
}

export class Previews {
  /** Frames as they come. */
  readonly live = new Subject<RunFrame>();
  readonly #last = new Map<string, Map<string, Uint8Array>>();
  readonly #folderOf: (run: string) => string;

  constructor(folderOf: (run: string) => string) {
    this.#folderOf = folderOf;
  }

  show({ run, of, frame }: RunFrame): void {
    const frames = this.#last.get(run) ?? new Map();
    this.#last.set(run, frames.set(of, frame));
    this.live.next({ run, of, frame });
  }

  /** The last frame of each node. */
  async of(run: string): Promise<readonly RunFrame[]> {
    const held = this.#last.get(run);
    if (held) return [...held].map(([of, frame]) => ({ run, of, frame }));
    const folder = this.#folderOf(run);
    const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith(extension));
    return Promise.all(
      names.sort().map(async (name) => ({
        run,
        of: decodeURIComponent(name.slice(0, -extension.length)),
        frame: await readFile(join(folder, name)),
      })),
    );
  }

  /** The run is over: its frames go to disk. Losing them is no failure of the run. */
  async keep(run: string): Promise<void> {
    const folder = this.#folderOf(run);
    const frames = [...(this.#last.get(run) ?? [])];
    await Promise.all(
      frames.map(([of, frame]) =>
        writePieces(join(folder, `${encodeURIComponent(of)}${extension}`), [frame]).catch(() => {}),
      ),
    );
    this.#last.delete(run);
  }
}

const extension = ".preview";
