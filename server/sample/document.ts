/**
 * The graph that does what one of the reference's scripts does: classifier_sample.py where a classifier guides,
 * super_res_sample.py where pictures are enlarged, else image_sample.py. DDPM conditions the mean, DDIM the score.
 */
import { documentBuilder, type GraphDocument, type InnerBuilder, type Wire } from "../../graphs/document/index.ts";
import { type ModelFile, nodes } from "../../nodes/index.ts";

export interface SamplePlan {
  readonly unet: ModelFile;
  readonly classifier?: ModelFile & { readonly scale: number };
  /** Id of the pictures to enlarge. */
  readonly baseSamples?: string;
  /** Id of the pictures that the network takes beside x. */
  readonly condition?: string;
  /** The UNet takes labels. */
  readonly classCond: boolean;
  /** `classes`, or "" to draw them. */
  readonly classes: string;
  /** What is "" or 0, the network says. */
  readonly process: Readonly<Record<"noise_schedule" | "timestep_respacing" | "rescale_timesteps", string>> & {
    readonly diffusion_steps: number;
    readonly sigma_small?: boolean;
  };
  readonly ddim: boolean;
  readonly eta: number;
  readonly clipDenoised: boolean;
  readonly seed: number;
  readonly generator: string;
  readonly batchSize: number;
  readonly numSamples: number;
}

const type = (name: string) => `guidegraph/${name}`;

/** With `show`, a node shows the pictures; the command line has nobody to see it. */
export function sampleDocument(sample: SamplePlan, { show = false } = {}): GraphDocument {
  const { unet, classifier, baseSamples, classCond, process, batchSize: count, seed, generator } = sample;
  const script =
    baseSamples !== undefined ? "super_res_sample.py" : classifier ? "classifier_sample.py" : "image_sample.py";
  const about = {
    title: script.replace(/\.py$/, ""),
    description: `What ${script} of openai/guided-diffusion does with the same flags.`,
  };
  // What a flag cannot be is said by the plan, and in the editor at its node.
  const b = documentBuilder(nodes, about, { unchecked: true });
  const model = b.add(type("load-unet"), { ...unet }).out("model");
  const judge = classifier && b.add(type("load-classifier"), fileOf(classifier)).out("classifier");
  const isOpen = process.noise_schedule === "" || process.diffusion_steps === 0 || process.rescale_timesteps === "";
  const schedule = b
    .add(type("diffusion-schedule"), { ...(isOpen && { model }), ...process }, "Schedule")
    .out("schedule");
  const small = baseSamples === undefined ? undefined : b.add(type("low-res"), { model, file: baseSamples, count });

  const beside =
    sample.condition === undefined
      ? undefined
      : b.add(type("low-res"), { file: sample.condition, count }, "Condition").out("low_res");

  // super_res_sample.py takes labels from its file, classifier_sample.py draws them whether the UNet wants them or not.
  const labels =
    judge || (classCond && !small)
      ? b
          .add(
            type("class-labels"),
            { ...(judge && { classifier: judge }), model, schedule, classes: sample.classes, count, seed, generator },
            "Labels",
          )
          .out("labels")
      : classCond
        ? small?.out("labels")
        : undefined;
  const drawn = small ? undefined : labels;
  const noise = b.add(
    type("gaussian-noise"),
    { ...(drawn && { labels: drawn }), model, schedule, seed, generator, batch: count },
    "Noise",
  );
  const condFn =
    judge && labels
      ? b.add(type("build-cond-fn"), { classifier: judge, labels, scale: classifier.scale }).out("cond_fn")
      : undefined;
  const x = samplingLoop(b, sample, {
    schedule,
    x: noise.out("x_T"),
    noise: noise.out("noise"),
    model,
    ...(classCond && labels && { labels }),
    ...(small && { low_res: small.out("low_res") }),
    ...(beside && { condition: beside }),
    ...(condFn && { cond_fn: condFn }),
  });
  const images = b.add(type("decode-image"), { x }).out("image");
  if (show) b.add(type("preview"), { images: b.add(type("grid"), { images }).out("image") });
  const saved = small ? undefined : labels;
  b.add(type("save-npz"), { images, ...(saved && { labels: saved }), num_samples: sample.numSamples });
  return b.document();
}

const fileOf = ({ file, sha256, flags }: ModelFile): ModelFile & Record<string, string> => ({ file, sha256, flags });

type Entering = { readonly schedule: Wire; readonly x: Wire; readonly noise: Wire; readonly model: Wire } & {
  readonly [name in "labels" | "low_res" | "condition" | "cond_fn"]?: Wire;
};

/** `p_sample_loop` or `ddim_sample_loop`; what enters is named as it is inside. */
function samplingLoop(b: InnerBuilder, { ddim, eta, clipDenoised }: SamplePlan, entering: Entering): Wire {
  const loop = b.loop(ddim ? "DDIM" : "DDPM", entering, (inner) => {
    const step = inner.input("step", "step");
    const x = inner.input("x", "tensor");
    const noise = inner.input("noise", "noise");
    const model = inner.input("model", "model");
    const labels = entering.labels && inner.input("labels", "labels");
    const lowRes = entering.low_res && inner.input("low_res", "tensor");
    const condition = entering.condition && inner.input("condition", "tensor");
    const condFn = entering.cond_fn && inner.input("cond_fn", "cond_fn");
    const predicted = inner.add(type("predict"), {
      model,
      x,
      step,
      ...(labels && { labels }),
      ...(lowRes && { low_res: lowRes }),
      ...(condition && { condition }),
    });
    const modelOutput = predicted.out("model_output");
    const before = inner
      .add(type("mean-variance"), { model_output: modelOutput, x, step, clip_denoised: clipDenoised })
      .out("prediction");
    const prediction = condFn ? conditioned(inner, ddim, { prediction: before, condFn, x, step }) : before;
    const next = ddim
      ? inner.add(type("ddim-step"), { prediction, noise, eta })
      : inner.add(type("ddpm-step"), { prediction, noise });
    inner.output("x", "tensor", next.out("x"));
  });
  return loop.out("x");
}

function conditioned(
  inner: InnerBuilder,
  ddim: boolean,
  { prediction, condFn, x, step }: Readonly<Record<"prediction" | "condFn" | "x" | "step", Wire>>,
): Wire {
  const gradient = inner.add(type("guidance-gradient"), { cond_fn: condFn, x, step }).out("gradient");
  return inner.add(type(ddim ? "condition-score" : "condition-mean"), { prediction, gradient }).out("prediction");
}
