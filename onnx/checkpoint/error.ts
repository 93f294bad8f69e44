/** How the problems of a checkpoint are told. */
import { escaped } from "../source.ts";

/** One clear line about a file that cannot be used. Inside this folder it holds the problem alone; `inFile` names the file. */
export class CheckpointError extends Error {
  override readonly name = "CheckpointError";
}

/** Runs `work`; what it says of the file (a CheckpointError, or of the archive a SyntaxError) gets the file's name in front. */
export async function inFile<T>(name: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof CheckpointError || error instanceof SyntaxError)) throw error;
    if (error.message.startsWith("Cannot read checkpoint")) throw error;
    throw new CheckpointError(`Cannot read checkpoint ${escaped(name)}: ${error.message}`);
  }
}
