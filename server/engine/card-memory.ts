/** Where gradients are held: in the memory of the machine, or in a card's, which may be larger or smaller. */
import type { Provider } from "../../runtime/index.ts";
import { type Card, cards } from "../providers/cards.ts";
import type { Backend } from "../providers/choose.ts";

export interface CardMemoryOptions {
  /** What runs them, where that is chosen; "auto": whoever asks cannot know, and takes any card for it. */
  readonly name: Provider["name"] | Backend;
  /** Which of several cards. */
  readonly device?: number | undefined;
  readonly find?: () => Promise<readonly Card[]>;
}

/** Bytes of the card, infinite where its driver does not tell; undefined where the processor runs them. */
export async function cardMemory({ name, device = 0, find = cards }: CardMemoryOptions): Promise<number | undefined> {
  if (name === "cpu" || name === "wasm") return undefined;
  const all = await find();
  if (name === "auto" && all.length === 0) return undefined;
  if (name === "cuda")
    return all.find((card) => card.name === `cuda:${device}`)?.memoryBytes ?? Number.POSITIVE_INFINITY;
  // Which of them it will be is not told.
  return (
    Math.max(0, ...all.map(({ memoryBytes }) => memoryBytes ?? Number.POSITIVE_INFINITY)) || Number.POSITIVE_INFINITY
  );
}
