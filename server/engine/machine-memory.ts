/** How much memory there is for this program: the machine's, or what its container or service is given of it; and what it holds. */
import { totalmem } from "node:os";

/** Bytes. Where nothing limits a process, Node tells of a limit beyond all there is, or of none. */
export function machineMemory(): number {
  const given = process.constrainedMemory();
  return given > 0 ? Math.min(totalmem(), given) : totalmem();
}

/** Of what there is; the rest is for the system and for whoever has them draw. */
const drawingShare = 7 / 8;

/** Bytes that a process which draws may hold, where there are so many of them. */
export const memoryEach = (devices: number): number => (machineMemory() * drawingShare) / devices;

/** Bytes that this process holds outside of JavaScript's objects and buffers: what native code took, and the program itself. */
export function nativeMemory(): number {
  const { rss, heapTotal, external } = process.memoryUsage();
  return Math.max(0, rss - heapTotal - external);
}
