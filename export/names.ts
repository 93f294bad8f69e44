/**
 * What an exported graph calls what goes in and comes out: ONNX has one set of names for both and for every value between. What is
 * made on the way is called `word/…`, as sheets and networks are.
 */
import { freeName } from "../graphs/document/index.ts";

export class Names {
  readonly #taken: Set<string>;

  constructor(taken: Iterable<string> = []) {
    this.#taken = new Set(taken);
  }

  /** The first of the wishes that nothing is called yet; where there is none, the last, without strokes and with a number. */
  free(...wishes: readonly [string, ...string[]]): string {
    // Halves of letters are all one in a file.
    const wanted = wishes.map((wish) => wish.replace(/\p{Cs}/gu, "\ufffd"));
    const isTaken = (name: string) => name === "" || this.#taken.has(name) || isInner.test(name);
    const free = wanted.find((name) => !isTaken(name)) ?? freeName(wanted.at(-1)!.replaceAll("/", "."), isTaken);
    this.#taken.add(free);
    return free;
  }
}

const isInner = /^[a-z]+\d*\//;
