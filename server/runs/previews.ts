/**
 * The last picture of every node of a run, so that whoever comes later sees what those saw who were there. Previews are
 * not logged and may be lost with the server; when a run ends, its last ones are put beside its outputs.
 */
import { open, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { Subject } from "rxjs";
import { writePieces } from "../files/atomic.ts";

/** Those who followed a run have seen its end by then: not one of them asks the disk. */
const overMs = 5_000;

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

  /** The last frame of each node, each fetched when it is asked for: whoever takes them slowly holds one. */
  async *of(run: string): AsyncGenerator<RunFrame, void> {
    for (const of of await this.#nodes(run)) {
      const frame = this.#held(run, of) ?? (await readFile(this.#pathOf(run, of)).catch(() => undefined));
      if (frame) yield { run, of, frame };
    }
  }

  /** The same as bytes, each with its length before it (uint32, little-endian); a kept one in pieces, from the disk. */
  async *bytes(run: string): AsyncGenerator<Uint8Array, void> {
    for (const of of await this.#nodes(run)) {
      const held = this.#held(run, of);
      if (held) {
        yield lengthBefore(held.length);
        yield held;
        continue;
      }
      const file = await open(this.#pathOf(run, of)).catch(() => undefined);
      if (!file) continue;
      try {
        yield lengthBefore((await file.stat()).size);
        yield* file.createReadStream();
      } finally {
        await file.close();
      }
    }
  }

  /** The run is over: its frames go to disk. Losing them is no failure of the run. */
  async keep(run: string): Promise<void> {
    const frames = this.#last.get(run) ?? new Map();
    this.#last.set(run, frames);
    await Promise.all([...frames].map(([of, frame]) => writePieces(this.#pathOf(run, of), [frame]).catch(() => {})));
    setTimeout(() => {
      if (this.#last.get(run) === frames) this.#last.delete(run);
    }, overMs).unref();
  }

  /** Those that have one. */
  async #nodes(run: string): Promise<readonly string[]> {
    const held = this.#last.get(run);
    if (held) return [...held.keys()];
    const names = await readdir(this.#folderOf(run)).catch(() => []);
    return names
      .filter((name) => name.endsWith(extension))
      .sort()
      .map((name) => decodeURIComponent(name.slice(0, -extension.length)));
  }

  #held = (run: string, of: string): Uint8Array | undefined => this.#last.get(run)?.get(of);

  #pathOf = (run: string, of: string): string => join(this.#folderOf(run), `${encodeURIComponent(of)}${extension}`);
}

const extension = ".preview";

function lengthBefore(length: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(length);
  return bytes;
}
