/**
 * The shards that are out, a small file each on the disk of the server: the next one knows them again, whatever became of it and of
 * Redis. One whose file is lost is drawn again, no more.
 */
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeFolder } from "../files/make-folder.ts";
import { keyOf, type Shard, shard, signIn } from "../shards/shard.ts";

export class GivenOut {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
    makeFolder(folder, 0o700);
  }

  /** What an earlier server noted, and what is whole of it. */
  get all(): readonly Shard[] {
    return readdirSync(this.#folder).flatMap((key) => {
      const read = signIn(shard, textOf(join(this.#folder, key)));
      return read && keyOf(read) === key && read.from < read.to ? [read] : [];
    });
  }

  note(one: Shard): void {
    try {
      writeFileSync(join(this.#folder, keyOf(one)), JSON.stringify(one));
    } catch {} // A full disk is told of by what cannot do without it.
  }

  forget(key: string): void {
    rmSync(join(this.#folder, key), { force: true });
  }

  /** All but these. */
  keep(some: readonly Shard[]): void {
    const kept = new Set(some.map(keyOf));
    for (const key of readdirSync(this.#folder)) if (!kept.has(key)) this.forget(key);
  }
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
