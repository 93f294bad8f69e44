/** What whoever runs an exported graph must know, as JSON: what goes in and comes out, and how GuideGraph made what goes in. */
import type { Step } from "../diffusion/index.ts";
import type { Dim } from "../onnx/index.ts";
import type { Exported, ExportedStep } from "./export.ts";
import type { GraphInput } from "./inputs.ts";
import type { GraphOutput } from "./outputs.ts";

export interface ManifestAbout {
  /** Of GuideGraph. */
  readonly version: string;
  readonly title: string;
  /** File names, of the steps in their order; `inputs`: the NPZ with the values at hand. */
  readonly files: { readonly sampler: string; readonly steps: readonly string[]; readonly inputs?: string | undefined };
  /** What whoever exports it is told, in sentences. */
  readonly notes: readonly string[];
}

/** Raised when a reader of an older one would go wrong. */
const format = 1;

export const manifestOf = (exported: Exported, { version, title, files, notes }: ManifestAbout) => ({
  ...{ format, guidegraph: version, title, opset: opsetOf(exported) },
  sampler: {
    file: files.sampler,
    inputs: exported.inputs.map((input) => inputOf(input)),
    outputs: exported.outputs.map((output) => ({
      ...outputOf(output, exported),
      node: output.node.title,
      path: output.node.path,
    })),
  },
  steps: exported.steps.map((step, i) => ({ file: files.steps[i], ...stepOf(step, exported) })),
  // Symbolic dimensions are called N.
  samples: { any: exported.samples.isOpen, ...(files.inputs && { [files.inputs]: exported.samples.count }) },
  networks: exported.networks.map(({ about, facts: { classes, classNames, nullLabel } }) => ({
    ...{ file: about.file, sha256: about.sha256, architecture: about.architecture },
    ...{ classes, class_names: classNames, null_label: nullLabel },
  })),
  built_in: exported.builtIn.map(({ node: { title, path, port }, value, by }) => ({
    ...{ name: `${title}.${port}`, path, value, why: `“${by}” computes with it` },
  })),
  left_out: exported.leftOut.map(({ path, title, why }) => ({ node: title, path, why })),
  notes,
});

const opsetOf = ({ sampler }: Exported): number | undefined => sampler.opsets.get("");

const meanings: { readonly [I in GraphInput["is"]]: (input: GraphInput) => string } = {
  tensor: ({ node }) => `the tensor ${node.port} of ${node.title}`,
  noise: ({ node }) => `standard normal draws of ${node.title}, a row for each number in "draws"`,
  labels: () => "the class of each sample",
  image: ({ node }) => `the pictures of ${node.title}, bytes`,
  number: ({ node }) => `the number ${node.port} of ${node.title}`,
};

function inputOf(input: GraphInput) {
  const { name, type, dims, is, node, draws, made, atHand } = input;
  const [value] = is === "number" ? atHand.values() : [];
  return {
    ...{ name, type, shape: dims, meaning: meanings[is](input), node: node.title, path: node.path },
    ...(value && { default: Number(value[0]) }),
    ...(draws && { draws }),
    ...(made && { made_by: made }),
  };
}

const outputs: { readonly [I in GraphOutput["is"]]: { readonly type: string; readonly meaning: string } } = {
  x: { type: "float32", meaning: "what the pictures show: N×C×H×W, −1 … 1 where it is not clipped" },
  pictures: { type: "uint8", meaning: "bytes as an image file has them: N×H×W×C" },
  tensor: { type: "float32", meaning: "N×C×H×W" },
};

function outputOf({ name, is }: GraphOutput, { sampler }: Exported) {
  const { type, meaning } = outputs[is];
  const { dims } = sampler.graph.outputs.find((output) => output.name === name) ?? {};
  return { name, type, ...(dims && { shape: dims.map(shownSize) }), meaning };
}

/** A size that is no sum and product of N has a name that means nothing to anybody: a run tells it. */
const shownSize = (dim: Dim): Dim | null => (typeof dim === "string" && dim.includes("⌊") ? null : dim);

function stepOf({ loop, model, ports }: ExportedStep, { inputs }: Exported) {
  const { steps } = loop;
  const states = new Map(ports.states.map(({ name }) => [name, `${name} as the step before left it`]));
  const draws = new Map(ports.draws.map((draw) => [draw.name, draw]));
  const known = new Map(inputs.map((input) => [input.name, input]));
  return {
    ...{ loop: loop.title, path: loop.path, count: steps.length },
    inputs: model.graph.inputs.map(({ name, type, dims }) => {
      const draw = draws.get(name);
      const meaning =
        name === ports.step
          ? "which step it is, from 0"
          : (states.get(name) ??
            (draw
              ? `the draw of the step: of ${draw.stream} the row in "rows"`
              : meanings[known.get(name)!.is](known.get(name)!)));
      return { name, type, shape: dims, meaning, ...(draw && { rows: draw.rows }) };
    }),
    outputs: [
      ...ports.states.map(({ name, next }) => ({ name: next, meaning: `${name} for the next step` })),
      ...ports.scans.map(({ name, of, turns }) => ({
        ...{ name, meaning: `what the step adds to ${of}, in those of "collects" alone`, collects: turns },
      })),
      ...(ports.x0 === undefined ? [] : [{ name: ports.x0, meaning: "the clean pictures that the step predicts" }]),
    ],
    ...{ count: steps.length, ...(steps.some(({ isCounted }) => isCounted) ? {} : levelsOf(steps)) },
  };
}

/** Of each step: the timestep of the whole process, and how much of the picture is left. */
const levelsOf = (steps: readonly Step[]) => ({
  t: steps.map(({ t }) => t),
  alpha_bar: steps.map(({ at }) => at.alphaBar),
});
