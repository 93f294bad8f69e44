/**
 * What is known of a value while a graph is traced: the value itself, for each turn; what stands for it in a sheet; or why there
 * is neither. `entered` is how a node that is drawn on a sheet sees it.
 */
import type { Pictures, Schedule, Step, Tensor } from "../diffusion/index.ts";
import type { Typed } from "../executor/index.ts";
import {
  type Classifier,
  type DrawnCondFn,
  type DrawnLabels,
  type DrawnNoise,
  type DrawnNumber,
  GraphError,
  type Kind,
  type Labels,
  labelsFor,
  type Model,
  type NetworkHandle,
  type Value,
} from "../nodes/index.ts";
import {
  type DrawnPictures,
  drawnClassifier,
  drawnModel,
  drawnNetwork,
  imageOf,
  type Network,
  partsOf,
  readPictures,
} from "../runtime/index.ts";
import { constantOf, type Frame, hole, type Known } from "./frame.ts";
import { type Samples, Tabled } from "./given.ts";
import type { MovedNoise } from "./noise-stream.ts";
import type { ExportSheet } from "./sheet.ts";

export type Traced =
  | { readonly is: "known"; readonly known: Known; readonly typed?: Typed | undefined }
  /** `value`: by its kind, a value of the sheet or a record of such. `known`: the one at hand, of what enters the graph. */
  | {
      readonly is: "drawn";
      readonly kind: Kind;
      readonly sheet: ExportSheet;
      readonly value: () => unknown;
      readonly known?: Known;
      /** In the first turns of a loop there is none. */
      readonly absent?: Absent;
      /** That makes it. */
      readonly node?: Maker;
    }
  /** It cannot be drawn; `behind` are the values that it would be made of. */
  | { readonly is: "lost"; readonly problem: GraphError; readonly behind: readonly Traced[]; readonly node: Maker };

/** So many turns of the frame's loop. */
export interface Absent {
  readonly frame: Frame;
  readonly turns: number;
}

type Maker = Pick<Typed, "path" | "title">;

/** What is wired to a node, by port. */
export type Wired = readonly (readonly [port: string, traced: Traced])[];

/** What tracing gives `entered` beside the sheet. */
export interface Around {
  readonly outermost: Frame;
  readonly samples: Samples;
  network(handle: Model | Classifier | NetworkHandle): Network;
  /** The graph's own input for a number that was typed; undefined where it is built in. */
  parameter(typed: Typed, value: number): Value | undefined;
  /** Tells that what is traced computes with such a number. */
  computed(typed: Typed): void;
}

/** A value as a node sees it that is drawn on the sheet. Throws a GraphError where it cannot be. */
export function entered(kind: Kind, traced: Traced, sheet: ExportSheet, around: Around): unknown {
  if (traced.is === "lost") throw traced.problem;
  if (traced.is === "drawn") return moved(traced.kind, traced.value(), traced.sheet, sheet);
  return enteredKnown(kind, traced.known, traced.typed, sheet, around);
}

function enteredKnown(kind: Kind, known: Known, typed: Typed | undefined, sheet: ExportSheet, around: Around): unknown {
  const computed = typed && (() => around.computed(typed));
  const given = <T>() => new Tabled(known as Known<T>, around.outermost, sheet, around.samples, computed);
  const constant = () => {
    const value = constantOf(known);
    if (value === undefined) throw new GraphError(`a ${kind} that differs from step to step cannot be exported`);
    return value;
  };
  const typedValue = (): Value | undefined => {
    const value = typed && around.parameter(typed, constantOf(known) as number);
    return value === undefined ? undefined : sheet.import(value, around.outermost.sheet);
  };
  switch (kind) {
    case "tensor":
      return given<Tensor>().tensor((tensor) => tensor);
    case "number":
      return numberOf(given<number>(), typedValue);
    case "number,tensor":
      return isOfTensors(known) ? given<Tensor>().tensor((tensor) => tensor) : numberOf(given(), typedValue).value;
    case "text":
    case "boolean":
      return constant();
    case "labels":
      return labelsOf(given<Labels>());
    case "image":
      return imageOf(given<Pictures>());
    case "model": {
      const model = constant() as Model;
      return drawnModel(around.network(model), model.facts, sheet);
    }
    case "classifier": {
      const classifier = constant() as Classifier;
      return sharedClassifier(around.network(classifier), classifier, sheet);
    }
    case "network": {
      const network = constant() as NetworkHandle;
      return drawnNetwork(around.network(network), network.facts, sheet);
    }
    case "step":
      return given<Step>();
    case "schedule":
      return given<Schedule>();
    default:
      throw new GraphError(`a ${kind} that does not depend on the inputs of the graph cannot be exported`);
  }
}

/** Of a port that takes both. */
const isOfTensors = ({ values }: Known): boolean => typeof values.find((value) => value !== hole) === "object";

function numberOf(given: Tabled<number>, typed: () => Value | undefined): DrawnNumber {
  const value = () => typed() ?? given.number((value) => value);
  const fixed = (): number => {
    const { constant } = given;
    if (constant === undefined)
      throw new GraphError("a whole number that differs from step to step cannot be exported");
    return constant;
  };
  return Object.defineProperties(given, {
    value: { get: value },
    fixed: { get: fixed },
  }) as unknown as DrawnNumber;
}

const labelsOf = (given: Tabled<Labels>): DrawnLabels => ({
  each: (check = () => {}) =>
    given.perSample(({ values }, batch) => {
      check(values);
      return labelsFor(values, batch);
    }, "int64"),
});

/** A cond_fn that may be called on another sheet than the one where it is made. */
export interface MovedCondFn extends DrawnCondFn {
  on(sheet: ExportSheet): MovedCondFn;
}

function sharedClassifier(network: Network, { facts }: Classifier, home: ExportSheet) {
  const condFn = (labels: DrawnLabels, scale: DrawnNumber): MovedCondFn => {
    const wanted = { labels: labels.each(), scale: scale.value };
    const on = (sheet: ExportSheet): MovedCondFn => {
      const [each, strength] = [wanted.labels, wanted.scale];
      const here: DrawnLabels = { each: (_, of) => sheet.labelsFor(sheet.import(each, home), of) };
      const number = Object.defineProperty({}, "value", { get: () => sheet.import(strength, home) }) as DrawnNumber;
      return { ...drawnClassifier(network, facts, sheet).condFn(here, number), on };
    };
    return on(home);
  };
  return { ...drawnClassifier(network, facts, home), condFn };
}

/** A drawn value on a sheet within. */
export function moved(kind: Kind, drawn: unknown, from: ExportSheet, to: ExportSheet): unknown {
  if (from === to) return drawn;
  const value = (value: Value): Value => to.import(value, from);
  const parts = partsOf(kind);
  if (parts) {
    const { step } = drawn as { readonly step?: Tabled<Step> };
    return parts.make((name) => value(parts.of(drawn as never, name)), drawn as never, step?.on(to) as never);
  }
  switch (kind) {
    case "number,tensor":
      return value(drawn as Value);
    case "labels":
      return { each: (_, of) => to.labelsFor(value((drawn as DrawnLabels).each()), of) } satisfies DrawnLabels;
    case "noise":
      return { draw: (step, factor) => (drawn as MovedNoise).drawOn(to, step, factor) } satisfies DrawnNoise;
    case "image": {
      const { bytes } = drawn as DrawnPictures;
      return readPictures(to.op, Number(from.shape(bytes)[3]), value(bytes));
    }
    case "cond_fn":
      return (drawn as MovedCondFn).on(to);
    default:
      throw new GraphError(`a ${kind} cannot be taken into a loop that is exported`);
  }
}
