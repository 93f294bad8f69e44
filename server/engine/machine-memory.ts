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

type Usage = Pick<NodeJS.MemoryUsage, "rss" | "heapTotal" | "external">;
const nothing: Usage = { rss: 0, heapTotal: 0, external: 0 };

/** What this process holds; nothing where the system does not tell: Linux does so below /proc, which a chroot may lack. */
function usage(): Usage {
  try {
    return process.memoryUsage();
  } catch {
    return nothing;
  }
}

/** Bytes; 0 where nobody tells. */
export const residentMemory = (): number => usage().rss;

/** Bytes that this process holds outside of JavaScript's objects and buffers: what native code took, and the program itself. */
export function nativeMemory(): number {
  const { rss, heapTotal, external } = usage();
  return Math.max(0, rss - heapTotal - external);
}

/** What is done without where nobody tells how much a process holds; undefined where that is told. */
export const unmeasured = (): string | undefined =>
  residentMemory() > 0
    ? undefined
    : "This system does not tell how much memory a process holds: networks are weighed by their files alone, and no limit of memory is kept";

/** What makes a system tell. */
export const toMeasure = "mount -t proc proc /proc";
