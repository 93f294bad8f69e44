/** Where gradients are held: in the memory of the machine, or in a card's, which may be larger or smaller. */
import type { Provider } from "../../runtime/index.ts";
import { type Card, cards } from "../providers/cards.ts";
import type { Backend } from "../providers/choose.ts";

/** Where graphs run. */
export interface RunsOn {
  /** "auto": whoever asks cannot know what it comes to, and takes any card for it. */
  readonly backend: Provider["name"] | Backend;
  /** Which of several cards. */
  readonly device?: number | undefined;
}

/** What holds the gradients of a run that any of several places may be given. */
export interface GradientMemory {
  /** Whether one of them holds them in the memory of the machine, beside all else. */
  readonly isShared: boolean;
  /** Bytes of the smallest card, infinite where no driver tells; undefined where there is none. */
  readonly cardBytes: number | undefined;
}

/** `find`: the cards of this machine. */
export async function gradientMemory(
  places: readonly RunsOn[],
  find: () => Promise<readonly Card[]> = cards,
): Promise<GradientMemory> {
  const mayBeCards = places.some(({ backend }) => !onProcessor.has(backend));
  const found = mayBeCards ? await find() : [];
  const bytes = places.map((place) => cardMemory(place, found));
  const ofCards = bytes.filter((one) => one !== undefined);
  return {
    isShared: ofCards.length < places.length,
    cardBytes: ofCards.length === 0 ? undefined : Math.min(...ofCards),
  };
}

const onProcessor: ReadonlySet<string> = new Set(["cpu", "wasm"]);

/** Bytes of the card, infinite where its driver does not tell; undefined where the processor runs them. */
function cardMemory({ backend, device = 0 }: RunsOn, all: readonly Card[]): number | undefined {
  if (onProcessor.has(backend) || (backend === "auto" && all.length === 0)) return undefined;
  if (backend === "cuda")
    return all.find((card) => card.name === `cuda:${device}`)?.memoryBytes ?? Number.POSITIVE_INFINITY;
  // Which of them it will be is not told.
  return (
    Math.max(0, ...all.map(({ memoryBytes }) => memoryBytes ?? Number.POSITIVE_INFINITY)) || Number.POSITIVE_INFINITY
  );
}
