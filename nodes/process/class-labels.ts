import { philoxLabels, torchAtBatch } from "../../diffusion/index.ts";
import { atPort, isUnread } from "../checks.ts";
import type { NetworkFacts } from "../handles.ts";
import type { Labels } from "../kinds.ts";
import { defineNode, GraphError } from "../node.ts";
import * as port from "../port.ts";
import { readClasses } from "./read-classes.ts";

export default defineNode({
  type: "guidegraph/class-labels",
  version: 1,
  title: "Class Labels",
  category: "process",
  description: "Says which class each picture of the batch shall be: one for all, a list, or drawn at random.",
  reference: "classes = th.randint(...)",
  inputs: {
    classifier: port.classifier({
      factsAlone: true,
      optional: true,
      help: "Its classes are drawn from, and may be written by name.",
    }),
    model: port.model({ factsAlone: true, optional: true, help: "The same, where no classifier is wired." }),
    schedule: port.schedule({ optional: true, help: "Counts torch's draws, for random labels of later batches." }),
    classes: port.text({
      default: "",
      empty: "random",
      help: "One class or a list, 3 or 3,3,7, repeated as needed; empty: random.",
    }),
    count: port.number({ default: 0, min: 0, max: 4096, integer: true, help: "Pictures a batch; 0: as the list." }),
    num_classes: port.number({
      default: 0,
      min: 0,
      max: 1_000_000,
      integer: true,
      help: "Random labels lie below; 0: the classifier's, else the model's without its null label.",
    }),
    seed: port.number({ default: 0, min: 0, max: Number.MAX_SAFE_INTEGER, integer: true, seed: true }),
    generator: port.text({
      default: "philox",
      choices: ["philox", "torch"],
      help: "torch draws before the noise from the same seed, as the reference's scripts do: give the noise node both too.",
    }),
  },
  outputs: { labels: port.labels() },
  perBatch: true,
  enters: true,
  infer: ({ classifier, model }, known) => {
    const [classes, count, below] = ["classes", "count", "num_classes"].map((name) => known.parameter(name));
    if (typeof classes !== "string" || typeof count !== "number" || typeof below !== "number") return {};
    const isOpen = (isUnread(classifier) || isUnread(model)) && !saysAll(classes, below);
    if (isOpen) return { labels: { batch: count || classes.split(",").length } };
    const list = readClasses(classes, classifier, model);
    const max = list ? largest(list) : classCount(below, classifier, model) - 1;
    return { labels: { batch: count || (list?.length ?? 1), max } };
  },
  run: ({ classifier, model, schedule, classes, count, num_classes, seed, generator }, { batch }) => {
    const list = readClasses(classes, classifier?.facts, model?.facts);
    const size = count || (list?.length ?? 1);
    const firstSample = batch.index * size;
    if (list) return { labels: { values: repeat(list, firstSample, size) } };
    const below = classCount(num_classes, classifier?.facts, model?.facts);
    if (generator === "philox") return { labels: { values: philoxLabels(seed, below, size, firstSample) } };
    const draws = schedule && 1 + schedule.count;
    return { labels: torchLabels(below, size, seed, batch.index, draws, (model ?? classifier)?.facts) };
  },
});

/** Names, and how many classes there are, may come from a network. */
const saysAll = (classes: string, below: number): boolean =>
  classes.trim() === "" ? below > 0 : /^[\d\s,]+$/.test(classes);

const largest = (list: readonly number[]): number => list.reduce((most, label) => Math.max(most, label));

/** The list goes round and round over the samples of all batches. */
const repeat = (list: readonly number[], first: number, count: number): number[] =>
  Array.from({ length: count }, (_, n) => list[(first + n) % list.length]);

function classCount(given: number, classifier?: NetworkFacts, model?: NetworkFacts): number {
  const ofModel = model?.classes === undefined ? undefined : model.classes - (model.nullLabel === undefined ? 0 : 1);
  const count = given || (classifier?.classes ?? ofModel);
  if (count) return count;
  throw new GraphError("Cannot draw labels: give classes, give num_classes, or wire a classifier", "num_classes");
}

/** The reference's order: each batch draws its labels, then its noise, from one generator. */
function torchLabels(
  below: number,
  count: number,
  seed: number,
  batch: number,
  draws: number | undefined,
  network: NetworkFacts | undefined,
): Labels {
  const { channels, height, width } = network ?? {};
  if (batch > 0 && (channels === undefined || height === undefined || width === undefined || draws === undefined))
    throw new GraphError(
      "Cannot go on with torch's draws in a second batch: wire the model and the schedule, which tell how many there were",
      draws === undefined ? "schedule" : "model",
    );
  const dims = [count, channels ?? 0, height ?? 0, width ?? 0];
  const generator = atPort("seed", () =>
    torchAtBatch({ seed, dims, batch, labels: count, ...(draws === undefined ? {} : { draws }) }),
  );
  return { values: generator.randint(below, count), drawn: count, counted: dims.slice(1) };
}
