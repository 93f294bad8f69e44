/** A place for the files of a run that is a map. */

import { freeFileName } from "../../graphs/document/index.ts";
import { concat } from "../../runtime/codecs/inflate.ts";
import { memorySpool, type Store } from "../../runtime/index.ts";

export const memoryStore = (files: Map<string, Uint8Array>): Store => ({
  async save(name, pieces) {
    const all: Uint8Array[] = [];
    for await (const piece of pieces) all.push(Uint8Array.from(piece));
    files.set(name, concat(all));
    return "hash";
  },
  async numbers(_stem, from) {
    let next = from;
    return {
      take(count, { at }) {
        const begin = at === undefined ? next : from + at;
        next = begin + count;
        return begin;
      },
    };
  },
  free: async (stem, extension) => freeFileName(stem, extension, (name) => files.has(name)),
  computedIn: async (is) => is,
  spool: async () => memorySpool(),
  gathered: new Map(),
});
