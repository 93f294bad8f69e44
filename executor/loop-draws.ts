/**
 * Which draws of a noise nodes take, as far as that is known before a run: of the step for which each draws, in each step of the
 * loop around. Nodes that draw for one step are one draw: all that is found of them is found once.
 */
import type { Kind } from "../nodes/index.ts";
import { allFeeds } from "./differentiate.ts";
import type { Feed } from "./feed.ts";
import { type At, Foretold } from "./foretold.ts";
import { type Item, isLoopItem, type LoopItem } from "./item.ts";
import { contentKey, type Ledger } from "./ledger.ts";
import type { Placed } from "./scope.ts";

/** Nodes that take the same draws. */
export interface Draws {
  readonly items: Item[];
  readonly step: Feed;
  /** The loop with whose steps they change; undefined outside of loops. */
  readonly loop: LoopItem | undefined;
  /** The number of the draw in each step of that loop, or the one; undefined where it is not known. */
  readonly numbers: readonly number[] | undefined;
}

/** So many steps are computed that are not a loop's own, since a graph is looked at whenever somebody changes it. */
const mostComputed = 2_000;

export class LoopDraws {
  readonly foretold: Foretold;
  readonly #all: ReadonlyMap<Placed, Item>;
  readonly #ledger: Ledger;
  readonly #steps = new Map<LoopItem, ReturnType<Foretold["steps"]>>();
  readonly #before = new Map<LoopItem, ReadonlySet<Item>>();
  #left = mostComputed;

  constructor(all: ReadonlyMap<Placed, Item>, ledger: Ledger) {
    this.#all = all;
    this.#ledger = ledger;
    this.foretold = new Foretold(all, ledger);
  }

  /** By the noise that they draw of, in order. */
  of(drawing: readonly Item[]): ReadonlyMap<string, readonly Draws[]> {
    const found = new Map<string, Map<string, Draws>>();
    for (const item of drawing) {
      const step = this.#stepOf(item);
      if (!step) continue;
      const [noise, own] = [item.feeds.get("noise") as Feed, step].map((feed) =>
        contentKey(this.#ledger.identity(feed)),
      );
      const ofNoise = found.get(noise) ?? new Map<string, Draws>();
      found.set(noise, ofNoise);
      const known = ofNoise.get(own);
      if (known) known.items.push(item);
      else ofNoise.set(own, { items: [item], step, ...this.#numbered(step) });
    }
    return new Map([...found].map(([noise, draws]) => [noise, [...draws.values()]]));
  }

  /** Whether a loop goes on from what another made. */
  isAfter(later: LoopItem, earlier: LoopItem): boolean {
    return later !== earlier && this.#leadingTo(later).has(earlier);
  }

  /** Whether a step is made of the one that a loop gives: its neighbour. */
  isBeside({ step }: Draws, { loop }: Draws): boolean {
    const of = step.is === "output" ? this.#all.get(step.of)?.feeds.get("step") : undefined;
    return loop !== undefined && of?.is === "given" && of.by === loop.placed;
  }

  #numbered(step: Feed): Pick<Draws, "loop" | "numbers"> {
    const loop = this.#ledger.home(step);
    const drawAt = (at?: At) => (this.foretold.value(step, at) as { readonly draw: number } | undefined)?.draw;
    if (!loop) {
      const draw = drawAt();
      return { loop, numbers: draw === undefined ? undefined : [draw] };
    }
    if (!this.#steps.has(loop)) this.#steps.set(loop, this.foretold.steps(loop));
    const steps = this.#steps.get(loop);
    if (steps && step.is === "given") return { loop, numbers: steps.map(({ draw }) => draw) };
    if (!steps || steps.length > this.#left) return { loop, numbers: undefined };
    this.#left -= steps.length;
    const numbers = steps.map((step) => drawAt({ loop, step }));
    return { loop, numbers: numbers.every((draw) => draw !== undefined) ? (numbers as number[]) : undefined };
  }

  /** The step for which it draws: its own, or that of the prediction which it is given. */
  #stepOf(item: Item): Feed | undefined {
    for (let at: Item | undefined = item; at; ) {
      const step: Feed | undefined = at.feeds.get("step");
      if (step && step.is !== "nothing") return step;
      const made: Feed | undefined = madeIn(at);
      at = made?.is === "output" ? this.#all.get(made.of) : undefined;
    }
    return undefined;
  }

  /** All loops that a loop depends on. */
  #leadingTo(later: LoopItem): ReadonlySet<Item> {
    const known = this.#before.get(later);
    if (known) return known;
    const seen = new Set<Item>([later]);
    for (const item of seen)
      for (const feed of allFeeds(item)) {
        const source = feed.is === "output" ? this.#all.get(feed.of) : undefined;
        for (let at = source; at; at = at.within) seen.add(at);
      }
    const loops = new Set([...seen].filter(isLoopItem));
    this.#before.set(later, loops);
    return loops;
  }
}

/** What it is given that tells of which step it is. */
const madeIn = ({ feeds, placed }: Item): Feed | undefined =>
  [...feeds].find(([port]) => ofStep.has(placed.inputs.get(port)?.kind as string))?.[1];

/** Kinds of values that tell it. */
const ofStep: ReadonlySet<string> = new Set<Kind>(["prediction", "model_output"]);
