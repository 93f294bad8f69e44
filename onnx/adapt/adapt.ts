/**
 * Fits a network of somebody else to a sampler: pictures N×C×H×W in −1 … 1 and one float timestep a sample in front,
 * float32 behind, logits N×K where it is a classifier. What the file tells is taken from it, what it does not tell is
 * chosen, and both are said.
 */
import type { Head } from "../autodiff/cond-fn.ts";
import type { OnnxModel, ValueInfo } from "../ir.ts";
import { isFloat } from "../rewrite/float-types.ts";
import { standardIfPossible } from "../standard/standard.ts";
import type { Fit } from "./choices.ts";
import { fitHead } from "./head.ts";
import { fitPicture } from "./picture.ts";
import { type Ends, withEnds } from "./surgery.ts";
import { fitTime } from "./time.ts";

export interface Adaptable {
  /** Whether it answers with logits. */
  readonly isClassifier: boolean;
  readonly x: ValueInfo;
  readonly t?: ValueInfo;
  /** Outputs that are used: logits, or any. */
  readonly outs: readonly ValueInfo[];
}

export interface Adapted {
  readonly x: ValueInfo;
  readonly t?: ValueInfo;
  readonly outs: readonly ValueInfo[];
  /** Of a classifier. */
  readonly head?: Head;
  readonly classes?: number;
  /** Samples that it takes at a time, where that is fixed. */
  readonly batch?: number;
  /** What was found and chosen, for a person. */
  readonly said: readonly string[];
  /** The adapted graph; undefined where the file does as it is. */
  readonly change: ((model: OnnxModel) => OnnxModel) | undefined;
}

/** Throws a SyntaxError for what cannot be fitted. */
export function adapt(given: OnnxModel, { isClassifier, x, t, outs }: Adaptable, fit: Fit): Adapted {
  // What is taken off is named as the graph that is changed has it; one that cannot be changed is read as it is.
  const model = standardIfPossible(given);
  const head = isClassifier ? fitHead(outs[0], fit, model) : undefined;
  const picture = fitPicture(x, fit, {
    model,
    isTimed: t !== undefined,
    classes: head?.classes,
    outputs: outs.map(({ name }) => name),
  });
  const time = t && fitTime(t, x.dims?.[0]);
  const batch = typeof x.dims?.[0] === "number" ? x.dims[0] : undefined;
  const inputs: [string, EndOf][] = [];
  if (picture.adapt) inputs.push([x.name, { dims: picture.dims, adapt: picture.adapt }]);
  if (t && time?.adapt) inputs.push([t.name, { dims: [x.dims?.[0] ?? "N"], adapt: time.adapt }]);
  const outputs = outs.flatMap((out): [string, EndOf][] => {
    const end = head
      ? head.adapt && { dims: [out.dims?.[0] ?? "N", head.classes ?? "K"], adapt: head.adapt }
      : plain(out, picture.isNhwc);
    return end ? [[out.name, end]] : [];
  });
  const ends: Ends = { inputs: new Map(inputs), outputs: new Map(outputs), passed: head?.passed ?? new Set() };
  const isAsItIs = inputs.length === 0 && outputs.length === 0 && ends.passed.size === 0;
  const floats = (info: ValueInfo, by: ReadonlyMap<string, EndOf>): ValueInfo => {
    const end = by.get(info.name);
    return end ? { name: info.name, type: "float32", ...(end.dims && { dims: end.dims }) } : info;
  };
  return {
    x: floats(x, ends.inputs),
    ...(t && { t: floats(t, ends.inputs) }),
    outs: outs.map((out) => floats(out, ends.outputs)),
    ...(head && { head: head.head, ...(head.classes !== undefined && { classes: head.classes }) }),
    ...(batch !== undefined && { batch }),
    said: [
      ...picture.said,
      ...(time?.said ?? []),
      ...(batch === undefined ? [] : [batch === 1 ? "one picture at a time" : `${batch} pictures at a time`]),
      ...(head?.said ?? []),
    ],
    change: isAsItIs ? undefined : (model) => withEnds(model, ends),
  };
}

type EndOf = NonNullable<ReturnType<Ends["inputs"]["get"]>>;

/** An output that is no logits: as float32, pictures with their channels in front. */
function plain({ type, dims }: ValueInfo, isNhwc: boolean): EndOf | undefined {
  const isTurned = isNhwc && dims?.length === 4;
  if (!isTurned && type === "float32") return undefined;
  if (!isFloat(type)) return undefined;
  return {
    dims: isTurned ? [dims[0], dims[3], dims[1], dims[2]] : dims,
    adapt: (op, value) => {
      const floats = type === "float32" ? value : op.Cast(value, { to: "float32" });
      return isTurned ? op.Transpose(floats, { perm: [0, 3, 1, 2] }) : floats;
    },
  };
}
