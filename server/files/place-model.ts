/** Models get their places together with their cards, or neither does, and nothing that is there is written over. */
import { existsSync } from "node:fs";
import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { isNamedAs } from "../../nodes/index.ts";
import { cardName, type ModelFlags, parseCard } from "../../onnx/index.ts";
import { Refusal } from "../refusal.ts";
import { writePieces } from "./atomic.ts";
import type { ModelCard } from "./model-card.ts";
import { type Arrived, expectSame, place } from "./receive.ts";

/**
 * False: the same bytes were there already. Without a card, the one that is there goes on. Throws a Refusal where another
 * model has the name, where another card has, and where the card would be that of a model beside it, too: all stay then.
 */
export const placeModel = (
  arrived: Arrived,
  folder: string,
  name: string,
  card: ModelCard | undefined,
): Promise<boolean> =>
  inTurn(async () => {
    await expectSame(join(folder, name), arrived.sha256);
    const path = join(folder, cardName(name));
    const writes = card !== undefined && (await lacks(folder, name, card));
    // The card first: a model without what it needs is seen by nobody.
    if (writes) await writePieces(path, [new TextEncoder().encode(card.text)]);
    try {
      return await place(arrived, folder, name);
    } catch (error) {
      if (writes) await rm(path, { force: true });
      throw error;
    }
  });

/** Whether the card is to be written. */
async function lacks(folder: string, name: string, card: ModelCard): Promise<boolean> {
  const file = cardName(name);
  if (existsSync(join(folder, file))) {
    const flags = flagsOf(await readFile(join(folder, file), "utf8"));
    if (flags && card.isSaidBy(flags)) return false;
    throw new Refusal("taken", `There is another card ${file}: give the model another name`);
  }
  const beside = (await readdir(folder)).find(
    (other) => other !== name && isNamedAs("model", other) && cardName(other) === file,
  );
  if (beside === undefined) return true;
  throw new Refusal("taken", `The card ${file} would be that of ${beside} too: give the model another name`);
}

/** Undefined for what is no card. */
function flagsOf(text: string): ModelFlags | undefined {
  try {
    return parseCard(text);
  } catch {
    return undefined;
  }
}

let last: Promise<unknown> = Promise.resolve();

/** What one finds stays so until it is done. The data folder has one server, so nobody else places models in it. */
function inTurn<T>(act: () => Promise<T>): Promise<T> {
  const mine = last.then(act);
  last = mine.catch(() => {});
  return mine;
}
