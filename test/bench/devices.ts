/**
 * Measures this machine's devices and writes all that was ever measured into docs/devices.md. On a machine without the
 * repository: `./run.sh measure -o FILE.json` of the portable bundle; the file goes to test/bench/measured/, where this finds it.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../../server/files/package-root.ts";
import { type Report, reportText } from "../../server/measuring/report.ts";
import { markdownTable } from "../support/markdown-table.ts";

const folder = join(packageRoot, "test/bench/measured");
const page = join(packageRoot, "docs/devices.md");
const nothing = "A card: not measured.";
const [begin, end] = ["<!-- measured -->", "<!-- /measured -->"];

export async function devices(): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const bin = join(packageRoot, "server/guidegraph.mjs");
  const path = join(folder, "here.json");
  const { status } = spawnSync(process.execPath, [bin, "measure", "-o", path], { stdio: "inherit" });
  if (status !== 0) throw new Error("guidegraph measure failed: nothing is written");
  const measured = readdirSync(folder)
    .filter((name) => name.endsWith(".json"))
    .map((name) => JSON.parse(readFileSync(join(folder, name), "utf8")) as Report | TorchReport);
  const reports = measured.filter((report): report is Report => !("torch" in report));
  const others = measured.filter((report): report is TorchReport => "torch" in report);
  writeFileSync(page, withReports(readFileSync(page, "utf8"), reports, others));
  spawnSync("npx", ["biome", "check", "--write", page], { stdio: "inherit" });
}

/** What test/bench/torch/measure.py wrote: milliseconds of the same graphs in PyTorch. */
export interface TorchReport {
  readonly torch: string;
  readonly device: string;
  readonly date: string;
  readonly rows: readonly {
    readonly kind: "unet" | "gradient";
    readonly size: number;
    readonly batch: number;
    readonly precision: string;
    readonly eager: number;
    /** As one CUDA graph. */
    readonly captured?: number;
  }[];
}

const torchText = ({ torch, device, date, rows }: TorchReport): string =>
  [
    `The same graphs node by node in PyTorch ${torch} on ${device}, ${date}; captured: as one CUDA graph.`,
    "",
    markdownTable(
      ["graph", "pictures", "precision", "as it is", "captured"],
      rows.map(({ kind, size, batch, precision, eager, captured }) => [
        kind,
        `${batch} of ${size}×${size}`,
        precision,
        eager.toFixed(1),
        captured?.toFixed(1) ?? "not measured",
      ]),
    ),
  ].join("\n");

/** The page with what was measured between its two marks. */
export function withReports(text: string, reports: readonly Report[], others: readonly TorchReport[] = []): string {
  const [before, rest] = text.split(begin);
  const after = rest?.split(end)[1];
  if (after === undefined) throw new Error(`docs/devices.md lacks ${begin} or ${end}`);
  const hasCard = reports.some(({ rows }) => rows.some(({ device, step }) => device !== "cpu" && step !== undefined));
  const parts = [...(hasCard ? [] : [nothing]), ...reports.map(reportText), ...others.map(torchText)];
  return `${before}${begin}\n\n${parts.join("\n\n")}\n\n${end}${after}`;
}
