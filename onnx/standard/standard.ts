/** The one form that everything after it knows, whatever a file or a checkpoint says. */
import type { OnnxModel } from "../ir.ts";
import { fold } from "./fold.ts";
import { unfuse } from "./unfuse.ts";
import { unrollLoops } from "./unroll.ts";
import { upgrade } from "./upgrade.ts";

/**
 * A model of opset 18 or later in the operators of ai.onnx, its shape arithmetic constant. Being made here is the proof: a
 * copy with another graph is an ordinary model again.
 */
export class StandardModel implements OnnxModel {
  readonly graph: OnnxModel["graph"];
  readonly opsets: OnnxModel["opsets"];
  readonly metadata: OnnxModel["metadata"];
  declare protected readonly isStandard: true;

  private constructor({ graph, opsets, metadata }: OnnxModel) {
    this.graph = graph;
    this.opsets = opsets;
    this.metadata = metadata;
  }

  /** Throws a RangeError for opsets that are too old. */
  static of(model: OnnxModel): StandardModel {
    return model instanceof StandardModel ? model : new StandardModel(fold(upgrade(unfuse(model))));
  }

  /** The same with its loops written out where they can be: what is to be differentiated. */
  static withoutLoops(model: OnnxModel): StandardModel {
    const standard = StandardModel.of(model);
    const unrolled = unrollLoops(standard);
    return unrolled === standard ? standard : StandardModel.of(unrolled);
  }
}

/** The standard form, or the model as it is where it has none. */
export function standardIfPossible(model: OnnxModel): OnnxModel {
  try {
    return StandardModel.of(model);
  } catch {
    return model;
  }
}
