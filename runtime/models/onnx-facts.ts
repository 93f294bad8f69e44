/** What a plan goes by of an ONNX file: from its shapes, and from flags what they leave open. */
import type { NetworkFacts } from "../../nodes/index.ts";
import type { Adapted, ModelFlags, Use } from "../../onnx/index.ts";
import type { Roles } from "./roles.ts";

interface ReadOnnx {
  readonly use: Use;
  /** As they are when it is fitted. */
  readonly roles: Roles;
  readonly flags: ModelFlags;
  readonly fitted: Pick<Adapted, "classes" | "head">;
  /** By output: why no gradient comes through it, and why it may be no logits. */
  readonly stopped: readonly (string | undefined)[];
  readonly doubts: readonly (string | undefined)[];
  readonly label: string;
}

/** Throws a SyntaxError for what neither tells. */
export function factsOf({ use, roles, flags, fitted, stopped, doubts, label }: ReadOnnx): NetworkFacts {
  const { x, t, other, out, outs, y, lowRes, condition } = roles;
  const number = (dim: number | string | undefined) => (typeof dim === "number" ? dim : undefined);
  // Pictures of any size are resized.
  const isResized = x.dims?.[2] === "height";
  const [ofFile, ofFlags] = [(x.dims ?? []).slice(2).map(number), flags.large_size ?? flags.image_size];
  const [height, width] = isResized ? [] : [ofFile[0] ?? ofFlags, ofFile[1] ?? ofFlags];
  // Of what its file leaves open the runtime has the last word.
  const isOpen = !isResized && x.dims !== undefined && ofFile.every((side) => side === undefined);
  const channels = number(x.dims?.[1]) ?? flags.in_channels;
  const outChannels = number(out.dims?.[1]) ?? flags.out_channels;
  const process = {
    ...(flags.noise_schedule && { noise_schedule: flags.noise_schedule }),
    ...(flags.diffusion_steps && { diffusion_steps: flags.diffusion_steps }),
    ...(flags.rescale_timesteps !== undefined && { rescale_timesteps: flags.rescale_timesteps }),
  };
  const common = {
    ...(height !== undefined && { height }),
    ...(width !== undefined && { width }),
    ...(isOpen && { multiple: 1 }),
    ...(ofFile.some((side) => side !== undefined) &&
      !isResized && { sidesFixed: `the file of ${label} fixes its sides: export it with open ones` }),
    ...(channels !== undefined && { channels }),
    ...(flags.classes && { classNames: flags.classes }),
    process,
    ...(use !== "network" && stopped[0] !== undefined && { stopped: stopped[0] }),
  };
  if (use === "network") {
    const shapes = outs.map(({ name, dims }, i) => ({
      name,
      ...(dims && { dims: dims.map((dim) => number(dim) ?? null) }),
      ...(stopped[i] !== undefined && { stopped: stopped[i] }),
      ...(doubts[i] !== undefined && { doubt: doubts[i] }),
    }));
    return { ...common, outputs: shapes, timed: t !== undefined, takesOther: other !== undefined };
  }
  if (use === "classifier") {
    const classes =
      fitted.classes ?? number(out.dims?.[1]) ?? flags.num_classes ?? flags.out_channels ?? flags.classes?.length;
    if (classes === undefined)
      throw new SyntaxError(`its logits "${out.name}" do not say how many classes there are: give --num_classes N`);
    return { ...common, classes, ...(fitted.head && { head: fitted.head }) };
  }
  if (y && flags.num_classes === undefined)
    throw new SyntaxError(`it takes labels ("${y.name}"), of how many classes it does not say: give --num_classes N`);
  const beside = number(condition?.dims?.[1]) ?? flags.condition_channels;
  const lowSize = number(lowRes?.dims?.[2]) ?? flags.small_size;
  return {
    ...common,
    predicts: flags.predict_xstart ? "x0" : "eps",
    learnSigma:
      channels !== undefined && outChannels !== undefined ? outChannels === 2 * channels : (flags.learn_sigma ?? false),
    ...(y && flags.num_classes !== undefined && { classes: flags.num_classes }),
    ...(flags.null_label !== undefined && { nullLabel: flags.null_label }),
    ...(condition && beside !== undefined && { condition: beside }),
    ...(lowRes && lowSize !== undefined && { lowRes: lowSize }),
  };
}
