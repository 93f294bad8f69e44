/** Documents read, written and hashed on the thread that answers everybody: a large one takes it a tenth of a second, in slices. */
import { setImmediate as turn } from "node:timers/promises";
import {
  type Graph,
  type GraphDocument,
  type Pieces,
  pieceByPiece,
  readInPieces,
  writeInPieces,
} from "../../graphs/document/index.ts";

/** So much is done in a turn of the event loop; a piece by itself takes a fraction of it. */
export const sliceMs = 5;

export function doneInTurns<T>(pieces: Pieces<T>, now: () => number = () => performance.now()): Promise<T> {
  let began = now();
  return pieceByPiece(pieces, () => {
    if (now() - began < sliceMs) return undefined;
    return turn().then(() => {
      began = now();
    });
  });
}

/** Rejects with a DocumentError with every problem found. */
export const readInTurns = (json: unknown): Promise<GraphDocument> => doneInTurns(readInPieces(json));

export const writeInTurns = (document: Graph): Promise<object> => doneInTurns(writeInPieces(document));

export const textInTurns = async (document: Graph): Promise<string> => JSON.stringify(await writeInTurns(document));
