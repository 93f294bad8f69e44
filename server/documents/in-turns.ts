/** Documents read and written on the thread that answers everybody: a large one takes it a tenth of a second, in pieces. */
import { setImmediate as turn } from "node:timers/promises";
import {
  type Graph,
  type GraphDocument,
  pieceByPiece,
  readInPieces,
  writeInPieces,
} from "../../graphs/document/index.ts";

/** Rejects with a DocumentError with every problem found. */
export const readInTurns = (json: unknown): Promise<GraphDocument> => pieceByPiece(readInPieces(json), turn);

export const writeInTurns = (document: Graph): Promise<object> => pieceByPiece(writeInPieces(document), turn);

export const textInTurns = async (document: Graph): Promise<string> => JSON.stringify(await writeInTurns(document));
