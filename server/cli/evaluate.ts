/** `guidegraph evaluate`: how good samples are, against real pictures, by networks of one's own. */
import { type Measured, maxDrawnFeatures } from "../../diffusion/evaluation/index.ts";
import { layoutChoices, valueChoices } from "../../onnx/index.ts";
import { engine } from "../engine/engine.ts";
import { featuresOf, type Judges, type Output } from "../evaluation/features.ts";
import { drawsOf, type Judgement, judge, keptFor, labelOfNone, maxManifold } from "../evaluation/judge.ts";
import { type Judging, judging } from "../evaluation/judging.ts";
import { probed, remarksOn, type Sizes, type Taken } from "../evaluation/probe.ts";
import { realFeatures } from "../evaluation/real-features.ts";
import { referenceFile } from "../evaluation/reference-file.ts";
import { type SamplesFile, samplesFile } from "../evaluation/samples-file.ts";
import { fileAt, folderAt } from "../files/file-at.ts";
import { bundledModels } from "../files/package-root.ts";
import { resolveInside } from "../files/resolve-inside.ts";
import { UsageError } from "../flags/errors.ts";
import { type Flags, parseFlags } from "../flags/grammar.ts";
import { type Idle, idleFlags } from "../flags/idle.ts";
import { chooseProvider } from "../providers/choose.ts";
import { jsonFlag } from "./as-json.ts";
import type { Command } from "./command.ts";
import { LeftOut } from "./left-out.ts";
import { pictureCounter } from "./progress.ts";
import { backendFlags, modelFolderFlags } from "./shared-flags.ts";

const flags = {
  reference: {
    type: "text",
    help: "NPZ of real pictures, or of mu and sigma of their features, which are used where it has both (the demo's)",
    value: "FILE",
  },
  features: { type: "text", help: "ONNX network whose output is compared (the demo's reader)", value: "FILE" },
  features_output: { type: "text", help: "which of its outputs, if not the first", value: "NAME" },
  spatial_output: {
    type: "text",
    help: "an output of the same network that is a feature map, for sFID: of its first 7 channels",
    value: "NAME",
  },
  classifier: {
    type: "text",
    help: "classifier, ONNX or a checkpoint, that says which class a picture shows",
    value: "FILE",
  },
  classifier_output: { type: "text", help: "which of its outputs has the logits, if not the first", value: "NAME" },
  values: { type: "text", help: "values that both networks want pictures in (auto)", choices: valueChoices },
  layout: { type: "text", help: "where the channels of their input are (auto)", choices: layoutChoices },
  resize: { type: "text", help: "auto, none, or pixels that pictures are resized to, such as 299", value: "N" },
  bootstrap: {
    type: "integer",
    min: 0,
    help: `draws for intervals (100; for distances of over ${maxDrawnFeatures} features 0)`,
  },
  batch_size: { type: "integer", min: 1, help: "pictures at a time (64)" },
  json: jsonFlag("what is judged"),
  ...backendFlags,
  ...modelFolderFlags,
} satisfies Flags;

/** The demo's own, where nothing is given. */
const demo = {
  network: "shapes32_reader.onnx",
  reference: "shapes32_reference.npz",
  features: "features",
  classes: "shape",
};

const idle: readonly Idle<typeof flags, undefined>[] = [
  {
    flags: ["classifier_output"],
    why: ({ classifier }) =>
      classifier === undefined ? "without --classifier FILE, whose output it names" : undefined,
    isRefused: true,
  },
];

export const evaluateCommand: Command = {
  summary: "Judge samples against real pictures: Fréchet distance, precision and recall, class accuracy.",
  usage: "evaluate SAMPLES.npz… [--reference FILE] [--features FILE] [--classifier FILE] [--json]",
  description: [
    "The Fréchet distance is FID, and the score of probabilities the Inception Score, where --features and --classifier are",
    "Inception; with other networks they are numbers of their own, to be compared with each other alone.",
    "Several files are put side by side. In brackets: where 95 of 100 bootstrap samples lie.",
  ].join("\n"),
  flags,
  async run(args, terminal) {
    const { given, operands } = parseFlags(args, flags);
    if (operands.length === 0) throw new UsageError("evaluate takes one NPZ file of samples or more");
    idleFlags(idle, given, undefined);
    const { backend = "auto", threads = 0, batch_size: batch = 64, models, cache } = given;
    const below = [...(models ?? []), bundledModels];
    const reference = await located(given.reference ?? demo.reference, below);
    const typed = await Promise.all(
      [given.features, given.classifier].filter((path) => path !== undefined).map((path) => located(path, below)),
    );
    const say = (line: string) => terminal.err(`${line}\n`);
    const provider = () => chooseProvider(backend, { threads }, say);
    const { environment, signal } = terminal;
    const opened = engine({ models, cache, typed, environment, signal, provider, say });
    try {
      const fit = (["values", "layout", "resize"] as const).flatMap((name) =>
        given[name] === undefined ? [] : [`--${name} "${given[name]}"`],
      );
      const network = async (path: string, output: string, isClassifier = false): Promise<Output> => {
        const network = await judging(opened.models, { path, fit: fit.join(" "), isClassifier });
        if (network.isAtZero) say(`${path} takes a timestep: it is asked at t = 0, as of pictures without noise`);
        return { network, output: wantOutput(path, network, output) };
      };
      const isDemo = given.features === undefined;
      const features = await network(
        given.features ?? demo.network,
        given.features_output ?? (isDemo ? demo.features : ""),
      );
      const classifier =
        given.classifier !== undefined
          ? await network(given.classifier, given.classifier_output ?? "", true)
          : isDemo
            ? { ...features, output: demo.classes }
            : undefined;
      const channelAxis = given.layout === "NHWC" ? 3 : 1;
      const spatial =
        given.spatial_output === undefined
          ? undefined
          : ({
              ...features,
              output: wantOutput(given.features ?? demo.network, features.network, given.spatial_output),
              channelAxis,
            } as const);
      const judges: Judges = { features, spatial, classifier };
      const by = {
        features: namedBy(given.features ?? demo.network, features),
        ...(classifier && { classifier: namedBy(given.classifier ?? demo.network, classifier) }),
      };
      const isAllDemo = isDemo && given.classifier === undefined && given.reference === undefined;
      const judgedBy = `Judged by ${by.features}${by.classifier === undefined ? "" : `, classes by ${by.classifier}`}, against ${reference}${isAllDemo ? ": the demo's, of its ten shapes; --features, --classifier and --reference take others" : ""}`;
      const compared = await referenceFile(reference);
      const leftOut = new LeftOut(terminal, { all: operands.length, isJson: given.json === true });
      // What is wrong with a file is said before hours are spent on the others.
      const files: (readonly [path: string, file: SamplesFile])[] = [];
      let size: Sizes | undefined;
      // Before the files are: what its pictures were taken for, theirs may be blamed for.
      const unclassified: Judges = { ...judges, classifier: undefined };
      let taken: Taken | undefined;
      if (compared.pictures) {
        await probed(reference, compared.pictures, unclassified);
        taken = { file: compared.pictures, judges: unclassified };
      }
      for (const path of operands)
        await leftOut.unless(path, async () => {
          const file = await samplesFile(await located(path));
          size = await probed(path, file, judges, taken);
          taken = { file, judges };
          files.push([path, file]);
        });
      if (!size) return leftOut.status();
      for (const [path, file] of files)
        for (const line of remarksOn(path, file, { size: size.features, reference, real: compared.pictures }))
          say(line);
      const draws = drawsOf(size, given.bootstrap);
      const kept = keptFor(compared.pictures?.count ?? 0, drawsOf(size, 0));
      const real = await realFeatures(compared, unclassified, { path: reference, size, say, batch, kept });
      const judged: [string, Judgement][] = [];
      const tell = () => {
        if (!given.json && judged.length > 0) for (const line of [...table(judged), judgedBy]) terminal.out(line);
      };
      for (const [path, file] of files)
        await leftOut
          .unless(path, async () => {
            const options = {
              batch,
              kept: keptFor(file.count, draws),
              seen: pictureCounter(terminal.err, path, file.count),
            };
            const seen = await featuresOf(file, judges, options);
            const label = labelOfNone(seen);
            if (label !== undefined)
              say(
                `${path} has a label ${label}, and the classifier tells ${seen.classes} classes: no accuracy is told`,
              );
            const judgement = judge(seen, real, draws);
            const { accuracy } = judgement;
            if (accuracy && accuracy.value <= chance / seen.classes)
              say(
                `${path} has an accuracy no better than chance (1 of ${seen.classes} classes): its labels are perhaps of other classes than those of ${by.classifier}`,
              );
            if (given.json) terminal.out(JSON.stringify({ file: path, reference, by, ...judgement }));
            judged.push([path, judgement]);
          })
          .catch((error) => {
            // What was judged before a card was lost, or before Ctrl-C, is worth its work.
            tell();
            throw error;
          });
      tell();
      if (real.count > 0 && judged.some(([, { manifold }]) => manifold === maxManifold))
        say(`Precision and recall are of the first ${maxManifold} pictures of either side`);
      return leftOut.status();
    } finally {
      await opened.networks.close();
    }
  },
};

/** Little above what guessing comes to. */
const chance = 1.2;

/** "reader.onnx (features)": a network, and which of its outputs. */
function namedBy(path: string, { network, output }: Output): string {
  const name = output || network.facts.outputs?.[0]?.name;
  return name === undefined ? path : `${path} (${name})`;
}

/** The name of an output, "" for the first. Throws a UsageError that lists them where there is none of it. */
function wantOutput(path: string, { facts: { outputs = [] } }: Judging, name: string): string {
  const names = outputs.map((output) => output.name);
  if (name === "" || names.includes(name)) return name;
  throw new UsageError(`${path} has no output "${name}"; there are ${names.join(", ")}`);
}

/** Where a file is that was named: a path, or a name below one of these folders. Throws a UsageError. */
async function located(name: string, folders: readonly string[] = []): Promise<string> {
  const typed = await fileAt(name);
  if (typed !== undefined) return typed;
  for (const folder of folders) {
    const listed = await resolveInside(folder, name);
    if (listed !== undefined) return listed;
  }
  if ((await folderAt(name)) !== undefined) throw new UsageError(`${name} is a folder: name the files in it`);
  throw new UsageError(
    `There is no file ${name}${folders.length > 0 ? `, nor one of that name in a models folder (--models)` : ""}`,
  );
}

function table(judged: readonly (readonly [string, Judgement])[]): string[] {
  const columns: readonly (readonly [string, (one: Judgement) => string])[] = [
    ["pictures", ({ pictures }) => String(pictures)],
    ["Fréchet", ({ frechet }) => withInterval(frechet)],
    ...(judged.some(([, { spatialFrechet }]) => spatialFrechet !== undefined)
      ? [["spatial", ({ spatialFrechet }: Judgement) => withInterval(spatialFrechet)] as const]
      : []),
    ["score", ({ inceptionScore }) => withInterval(inceptionScore)],
    ["precision", ({ precision }) => withInterval(precision)],
    ["recall", ({ recall }) => withInterval(recall)],
    ["accuracy", ({ accuracy }) => withInterval(accuracy)],
  ];
  const rows = [
    ["", ...columns.map(([title]) => title)],
    ...judged.map(([path, one]) => [path, ...columns.map(([, text]) => text(one))]),
  ];
  const widths = rows[0].map((_, i) => Math.max(...rows.map((row) => row[i].length)));
  return rows.map((row) =>
    row.map((text, i) => (i === 0 ? text.padEnd(widths[i]) : text.padStart(widths[i]))).join("  "),
  );
}

function withInterval(one: Measured | undefined): string {
  if (!one) return "–";
  const { value, low, high } = one;
  const interval = low === undefined || high === undefined ? "" : ` [${low.toPrecision(4)}, ${high.toPrecision(4)}]`;
  return `${value.toPrecision(4)}${interval}`;
}
