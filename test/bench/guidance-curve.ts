/**
 * `npm run guidance -- [--pictures N] [--scales 0,5,…] [--out DIR] [--devices LIST]`: how accuracy and Fréchet distance of the
 * demo's pictures depend on the classifier's scale, as Dhariwal and Nichol (arXiv:2105.05233, section 4.3 and figure 4) tell of
 * ImageNet; writes docs/guidance.md. It may be interrupted: a scale that is drawn is not drawn again, the one at work goes on.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { packageRoot } from "../../server/files/package-root.ts";
import { markdownTable } from "../support/markdown-table.ts";

/** Pictures of a batch: what a card takes as long for as for a few, and a processor for each. */
const batch = 64;

interface Measured {
  readonly value: number;
  readonly low?: number;
  readonly high?: number;
}
interface Point {
  readonly pictures: number;
  readonly frechet: Measured;
  readonly accuracy: Measured;
  readonly precision: Measured;
  readonly recall: Measured;
}

const { values: given } = parseArgs({
  options: {
    pictures: { type: "string", default: "2048" },
    scales: { type: "string", default: "0,2,5,10,15,22,30,45,60" },
    out: { type: "string", default: "out/guidance" },
    devices: { type: "string" },
  },
});
const pictures = Math.ceil(Number(given.pictures) / batch) * batch;
const scales = given.scales.split(",").map(Number);
if (!(pictures > 0) || scales.some((scale) => !(scale >= 0))) {
  console.error("--pictures takes a number of pictures, --scales a list such as 0,5,22");
  process.exit(2);
}
const typed = [
  `--pictures ${pictures}`,
  `--scales ${scales.join(",")}`,
  ...(given.devices ? [`--devices '${given.devices}'`] : []),
];
const points = scales.map((scale) => [scale, judged(drawn(scale))] as const);
writeFileSync(join(packageRoot, "docs", "guidance.md"), page(points));

/** The pictures of a scale: of a class each, chosen by chance, from the same noise for every scale. */
function drawn(scale: number): string {
  const out = join(given.out, `${pictures}-at-${scale}`);
  const samples = () => (existsSync(out) ? readdirSync(out).find((name) => name.endsWith(".npz")) : undefined);
  if (samples() === undefined) {
    console.error(`Scale ${scale}:`);
    const set = [`Build cond_fn.scale=${scale}`, "Wanted shape.classes=", `Wanted shape.count=${batch}`];
    const where = given.devices === undefined ? [] : ["--devices", given.devices];
    const args = ["run", "guided-ddim", ...set.flatMap((one) => ["--set", one]), ...where, "--out", out];
    guidegraph([...args, "--batches", String(pictures / batch)], ["ignore", "ignore", "inherit"]);
  }
  return join(out, samples() as string);
}

function judged(samples: string): Point {
  return JSON.parse(guidegraph(["evaluate", samples, "--json"], ["ignore", "pipe", "inherit"]));
}

/** Ends as it ends, where it does not end well. */
function guidegraph(args: readonly string[], stdio: ("ignore" | "pipe" | "inherit")[]): string {
  const bin = join(packageRoot, "server", "guidegraph.mjs");
  const { status, stdout } = spawnSync(process.execPath, [bin, ...args], { stdio, encoding: "utf8" });
  if (status !== 0) process.exit(status ?? 130);
  return stdout ?? "";
}

function page(points: readonly (readonly [scale: number, point: Point])[]): string {
  const shown = ({ value, low, high }: Measured, digits: number) =>
    `${value.toFixed(digits)}${low === undefined || high === undefined ? "" : ` [${low.toFixed(digits)}, ${high.toFixed(digits)}]`}`;
  const rows = points.map(([scale, { accuracy, frechet, precision, recall }]) => [
    String(scale),
    shown(accuracy, 3),
    shown(frechet, 3),
    shown(precision, 3),
    shown(recall, 3),
  ]);
  return `# What guidance does

How the demo's pictures depend on the classifier's scale: guided DDIM, 25 steps, ${points[0][1].pictures} pictures a point, a class each
chosen by chance, the same noise at every scale. Accuracy: the demo's reader takes a picture for the shape that was wanted. The
Fréchet distance is of the reader's features to its 2,048 real pictures, in brackets 95 of 100 bootstrap samples
([judging](judging.md)); it depends on how many pictures there are. Dhariwal and Nichol (arXiv:2105.05233, section 4.3) tell of
ImageNet: a larger scale trades variety (recall) for fidelity (accuracy, precision).

${markdownTable(["scale", "accuracy", "Fréchet distance", "precision", "recall"], rows)}

Written by \`npm run guidance -- ${typed.join(" ")}\`, which may be
interrupted and goes on (\`--devices\` as in [scale-out](scale-out.md#on-several-devices)). A scale of 2,048 pictures took an H200
20 seconds (\`--devices webgpu*4\`), and takes two cores most of an hour.
`;
}
