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
  const given = text.split(",").flatMap((one) => readOne(one.trim()));
  if (given.length > maxDevices) throw new RangeError(`--devices takes at most ${maxDevices}, not ${given.length}`);
  // Which of several cards webgpu takes is not ours to choose, and cuda by itself takes the first.
  const cards = given.flatMap(({ backend, device = 0 }) =>
    backend === "cuda" ? [`cuda:${device}`] : backend === "webgpu" ? ["webgpu"] : [],
  );
  const twice = cards.find((card, i) => cards.indexOf(card) < i);
  if (twice !== undefined) throw new RangeError(`--devices names ${twice} twice: a card is one device`);
  const each = Math.max(1, Math.floor((threads || availableParallelism()) / given.length));
  const counts = new Map<string, number>();
  return given.map(({ backend, device }) => {
    const nth = (counts.get(backend) ?? 0) + 1;
    counts.set(backend, nth);
    const isMany = given.filter((other) => other.backend === backend).length > 1;
    const name = device !== undefined ? `${backend}:${device}` : isMany ? `${backend}#${nth}` : backend;
    return { name, backend, device, threads: given.length === 1 ? threads : each };
  });
}

function readOne(text: string): Pick<DeviceChoice, "backend" | "device">[] {
  const [, kind, index, times] = /^([a-z]+)(?::(\d{1,3}))?(?:\*(\d{1,3}))?$/.exec(text) ?? [];
  const backend = kinds.find((one) => one === kind);
  const isCard = index !== undefined;
  if (!backend || (isCard && backend !== "cuda") || (isCard && times !== undefined) || times === "0")
    throw new RangeError(
      `--devices takes devices such as cuda:0,cuda:1 or webgpu or cpu*2, not "${text}"${isCard && backend && backend !== "cuda" ? `: only cards of cuda have numbers` : ""}`,
    );
  return Array.from({ length: Number(times ?? 1) }, (_, nth) => {
    const device = isCard ? Number(index) : backend === "cuda" && times !== undefined ? nth : undefined;
    return { backend, ...(device !== undefined && { device }) };
  });
}
