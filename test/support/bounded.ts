/** Time and memory as the oracle of a property: fast-check prints seed and path of the input that takes more. */
import { performance } from "node:perf_hooks";

export interface Bound {
  readonly ms: number;
  /** That the process holds more afterwards than before. */
  readonly bytes: number;
}

/** What `look` gives; throws when it took more than this. */
export async function bounded<T>({ ms, bytes }: Bound, look: () => T | Promise<T>): Promise<T> {
  const [began, before] = [performance.now(), process.memoryUsage.rss()];
  const result = await look();
  const [took, grown] = [performance.now() - began, process.memoryUsage.rss() - before];
  if (took > ms) throw new Error(`It took ${Math.round(took)} ms, at most ${ms} are given`);
  if (grown > bytes) throw new Error(`It grew by ${grown} bytes, at most ${bytes} are given`);
  return result;
}
