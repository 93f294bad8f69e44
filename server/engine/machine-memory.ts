/** How much memory there is for this program: the machine's, or what its container or service is given of it. */
import { totalmem } from "node:os";

/** Bytes. Where nothing limits a process, Node tells of a limit beyond all there is, or of none. */
export function machineMemory(): number {
  const given = process.constrainedMemory();
  return given > 0 ? Math.min(totalmem(), given) : totalmem();
}
