/**
 * Measures this machine's devices and writes all that was ever measured into docs/devices.md. On a machine without the
 * repository: `./run.sh measure -o FILE.json` of the portable bundle; the file goes to test/bench/measured/, where this finds it.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../../server/files/package-root.ts";
import { type Report, reportText } from "../../server/measuring/report.ts";

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
  const reports = readdirSync(folder)
    .filter((name) => name.endsWith(".json"))
    .map((name) => JSON.parse(readFileSync(join(folder, name), "utf8")) as Report);
  writeFileSync(page, withReports(readFileSync(page, "utf8"), reports));
}

/** The page with what was measured between its two marks. */
export function withReports(text: string, reports: readonly Report[]): string {
  const [before, rest] = text.split(begin);
  const after = rest?.split(end)[1];
  if (after === undefined) throw new Error(`docs/devices.md lacks ${begin} or ${end}`);
  const hasCard = reports.some(({ rows }) => rows.some(({ device, step }) => device !== "cpu" && step !== undefined));
  const parts = [...(hasCard ? [] : [nothing]), ...reports.map(reportText)];
  return `${before}${begin}\n\n${parts.join("\n\n")}\n\n${end}${after}`;
}
