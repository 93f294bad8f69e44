/** `--devices cuda:0,cuda:1`, `cpu*2`, `webgpu`: the devices of a machine, a process each, and how its threads are divided. */
import { availableParallelism } from "node:os";
import type { Backend } from "./choose.ts";

/** Where a process runs networks. */
export interface DeviceChoice {
  /** "cuda:1", "cpu#2", as people know it; undefined where there is one and no more is to be said of it. */
  readonly name: string | undefined;
  readonly backend: Backend;
  /** Of several cards. */
  readonly device?: number | undefined;
  /** Threads of an operator; 0: one a core. */
  readonly threads: number;
}

/** A process holds every network by itself: no machine has use for more. */
const maxDevices = 64;
const kinds = ["cuda", "webgpu", "cpu", "wasm"] as const;

/** Throws a RangeError with what to type instead. */
export function readDevices(text: string, threads: number): readonly DeviceChoice[] {
  const listed = text.split(",").map((one) => readOne(one.trim()));
  const given = listed.flat();
  wantFew(given.length);
  // cuda by itself takes the first card; which of several webgpu takes is not ours to choose.
  const cards = listed.flatMap((ones) => [
    ...new Set(
      ones.filter(({ backend }) => isCard(backend)).map(({ backend, device = 0 }) => cardName(backend, device)),
    ),
  ]);
  const twice = cards.find((card, i) => cards.indexOf(card) < i);
  if (twice !== undefined)
    throw new RangeError(`--devices names ${twice} twice; several processes on one card are ${twice}*2`);
  const each = Math.max(1, Math.floor((threads || availableParallelism()) / given.length));
  const counts = new Map<string, number>();
  const names = given.map(({ backend, device }) => cardName(backend, device));
  return given.map(({ backend, device }, i) => {
    const nth = (counts.get(names[i]) ?? 0) + 1;
    counts.set(names[i], nth);
    const isMany = names.filter((name) => name === names[i]).length > 1;
    const name = isMany ? `${names[i]}#${nth}` : names[i];
    return { name, backend, device, threads: given.length === 1 ? threads : each };
  });
}

/** "auto" is known to be one, or none, when it has been chosen. */
export const isCard = (name: Backend): boolean => name === "cuda" || name === "webgpu";
const cardName = (backend: Backend, device: number | undefined): string =>
  backend === "cuda" && device !== undefined ? `cuda:${device}` : backend;

function wantFew(count: number): void {
  if (count > maxDevices) throw new RangeError(`--devices takes at most ${maxDevices}, not ${count}`);
}

/** `cuda*2` are two cards, `cuda:0*2` and `webgpu*2` two processes on one, `cpu*2` two on the processor. */
function readOne(text: string): Pick<DeviceChoice, "backend" | "device">[] {
  const [, kind, index, times] = /^([a-z]+)(?::(\d{1,3}))?(?:\*(\d{1,9}))?$/.exec(text) ?? [];
  const backend = kinds.find((one) => one === kind);
  const isNumbered = index !== undefined;
  if (!backend || (isNumbered && backend !== "cuda") || Number(times) === 0)
    throw new RangeError(
      `--devices takes devices such as cuda:0,cuda:1 or webgpu or cpu*2, not "${text}"${isNumbered && backend && backend !== "cuda" ? `: only cards of cuda have numbers` : ""}`,
    );
  wantFew(Number(times ?? 1));
  return Array.from({ length: Number(times ?? 1) }, (_, nth) => {
    const device = isNumbered ? Number(index) : backend === "cuda" && times !== undefined ? nth : undefined;
    return { backend, ...(device !== undefined && { device }) };
  });
}
