/** A checkpoint that a command names and nobody has: until it is here it is what the flags say, as the reference's scripts believe them. */
import type { NetworkFacts } from "../../nodes/index.ts";
import type { ModelFlags } from "../../onnx/index.ts";
import type { SamplePlan } from "./document.ts";

/** guided-diffusion's script_util.py: NUM_CLASSES. */
const referenceClasses = 1000;

/** What the graph is made by. `flags`: typed ones over what the scripts assume. */
export function factsUnread(flags: ModelFlags): NetworkFacts {
  const height = flags.large_size ?? flags.image_size;
  return {
    ...(typeof height === "number" && { height }),
    ...(flags.class_cond === true && { classes: Number(flags.num_classes ?? referenceClasses) }),
  };
}

/** What is said of a command whose checkpoints are not here. */
export function notReadYet(
  absent: readonly string[],
  { unet, classCond }: Pick<SamplePlan, "unet" | "classCond">,
): string {
  const isUnlabelled = absent.includes(unet.file) && !classCond;
  const labels = isUnlabelled ? "; labels go into the UNet only where --class_cond True is given" : "";
  return `${absent.join(" and ")}: not read yet; what the command does not say of ${absent.length > 1 ? "them" : "it"}, the file and its card say${labels}`;
}
