/** Of which step a node is: its own, or that of the prediction which it is given. */
import type { Kind } from "../nodes/index.ts";
import type { Feed } from "./feed.ts";
import type { Item } from "./item.ts";
import type { Placed } from "./scope.ts";

export function stepOf(item: Item, all: ReadonlyMap<Placed, Item>): Feed | undefined {
  for (let at: Item | undefined = item; at; ) {
    const step: Feed | undefined = at.feeds.get("step");
    if (step && step.is !== "nothing") return step;
    const made: Feed | undefined = madeIn(at);
    at = made?.is === "output" ? all.get(made.of) : undefined;
  }
  return undefined;
}

/** What it is given that tells of which step it is. */
const madeIn = ({ feeds, placed }: Item): Feed | undefined =>
  [...feeds].find(([port]) => ofStep.has(placed.inputs.get(port)?.kind as string))?.[1];

/** Kinds of values that tell it. */
const ofStep: ReadonlySet<string> = new Set<Kind>(["prediction", "model_output"]);
