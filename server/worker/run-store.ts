/** Where the files of a server's run go: a folder of its own. Rows of many batches wait on the disk, of one in memory. */
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { freeName, memorySpool, type Spool, type Store } from "../../runtime/index.ts";
import { FileSpool } from "../files/file-spool.ts";
import { keeper } from "../files/keeper.ts";
import { makeFolder } from "../files/make-folder.ts";
import { Marked } from "../files/marked.ts";

export class RunStore implements Store {
  readonly save: Store["save"];
  readonly #folder: string;
  readonly #spools: FileSpool[] = [];
  readonly #inMemory: boolean;

  constructor(folder: string, batches: number) {
    this.save = keeper(folder);
    this.#folder = folder;
    this.#inMemory = batches === 1;
  }

  async numbers(_stem: string, from: number) {
    const numbers = new Marked(from);
    return { take: (count: number, batch: number) => numbers.add(count, batch) };
  }

  async free(stem: string, extension: string): Promise<string> {
    return freeName(stem, extension, (name) => existsSync(join(this.#folder, name)));
  }

  /** Named like a file that is not finished: whoever finds it behind a killed process removes it. */
  async spool(name: string): Promise<Spool> {
    if (this.#inMemory) return memorySpool();
    makeFolder(this.#folder);
    const spool = await FileSpool.open(join(this.#folder, `.${name}.tmp`));
    this.#spools.push(spool);
    return spool;
  }

  /** Lets the rows go. */
  async close(): Promise<void> {
    for (const spool of this.#spools.splice(0)) {
      await spool.close();
      await rm(spool.path, { force: true });
    }
  }
}
