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
  /** Bytes of the smallest card, or of the smallest share where several places are on one, infinite where no driver tells; undefined where there is none. */
  readonly cardBytes: number | undefined;
  /** Of so many places on that card each has that share; absent: one has the card for itself. */
  readonly cardProcesses?: number;
}

/** `find`: the cards of this machine. */
export async function gradientMemory(
  places: readonly RunsOn[],
  find: () => Promise<readonly Card[]> = cards,
): Promise<GradientMemory> {
  const mayBeCards = places.some(({ backend }) => !onProcessor.has(backend));
  const found = mayBeCards ? await find() : [];
  const used = places.map((place) => cardOf(place, found)).filter((card) => card !== undefined);
  const shares = used
    .map(({ name, bytes }) => ({ bytes, on: used.filter((other) => other.name === name).length }))
    .map(({ bytes, on }) => ({ bytes: bytes / on, on }))
    .sort((a, b) => a.bytes - b.bytes);
  const [least] = shares;
  return {
    isShared: used.length < places.length,
    cardBytes: least?.bytes,
    ...(least && least.on > 1 && { cardProcesses: least.on }),
  };
}

const onProcessor: ReadonlySet<string> = new Set(["cpu", "wasm"]);

/** The card with its bytes, infinite where its driver does not tell; undefined where the processor runs them. */
function cardOf(
  { backend, device = 0 }: RunsOn,
  all: readonly Card[],
): { readonly name: string; readonly bytes: number } | undefined {
  if (onProcessor.has(backend) || (backend === "auto" && all.length === 0)) return undefined;
  const told = all.map(({ name, memoryBytes = Number.POSITIVE_INFINITY }) => ({ name, bytes: memoryBytes }));
  const untold = { name: backend === "cuda" ? `cuda:${device}` : "", bytes: Number.POSITIVE_INFINITY };
  if (backend === "cuda") return told.find(({ name }) => name === untold.name) ?? untold;
  // Which of them it will be is not told.
  return told.reduce((largest, card) => (card.bytes > largest.bytes ? card : largest), told[0] ?? untold);
}
