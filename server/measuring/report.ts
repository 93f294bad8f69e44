/** What was measured of a machine's devices, as it is kept and as people read it. */

/** What a device is asked for. */
export type Timed = "unet" | "gradient" | "step" | "joint";

/** Milliseconds; undefined: not measured. */
export interface Row {
  readonly device: string;
  readonly size: number;
  readonly batch: number;
  readonly precision: "float32" | "float16";
  readonly unet?: number;
  readonly gradient?: number;
  readonly step?: number;
  /** A guided step with both networks in one session, as a run has them on a card. */
  readonly joint?: number;
  /** What it cannot do, by why: one that is loaded may still fail when it runs. */
  readonly failed?: Readonly<Partial<Record<Timed, string>>>;
  /** Relative L2 of the UNet's output to the processor's, of one picture. */
  readonly error?: number;
}

/** From the graph to the first answer: built and loaded, and loaded again. */
export interface First {
  readonly device: string;
  readonly size: number;
  readonly cold: number;
  readonly warm: number;
}

export interface Measured {
  readonly rows: readonly Row[];
  readonly firsts: readonly First[];
}

/** Of 64 channels, or of the shapes of released checkpoints; with random weights. */
export type Networks = "small" | "released";

/** With where and when it was. */
export interface Report extends Measured {
  /** Absent in what was measured when there were none but small ones. */
  readonly networks?: Networks;
  readonly version: string;
  /** Of onnxruntime; absent in what was measured when nobody asked. */
  readonly runtime?: string;
  readonly date: string;
  readonly processor: string;
  readonly cards: readonly string[];
  /** Devices that cannot be used, with the reason. */
  readonly refused: readonly string[];
}

/** Markdown: where it was measured, and the table. */
export const reportText = (report: Report): string =>
  [
    `Measured on ${report.date}, GuideGraph ${report.version}${report.runtime ? `, onnxruntime ${report.runtime}` : ""}: ${[report.processor, ...report.cards].join("; ")}.`,
    ...(report.networks === "released"
      ? ["Networks of the shapes of `64x64_diffusion` and `64x64_classifier`, and so on."]
      : []),
    ...report.refused.map((line) => `${line}.`),
    "",
    tableOf(report),
  ].join("\n");

function cell(row: Row, timed: Timed): string {
  const [ms, why] = [row[timed], row.failed?.[timed]];
  if (ms !== undefined) return ms < 10 ? ms.toFixed(1) : String(Math.round(ms));
  return why === undefined ? "not measured" : `failed: ${why}`;
}

/** A line of it while it goes on. */
export const rowText = (row: Row): string => {
  const { device, size, batch, precision } = row;
  return `${device} ${size}×${size}, batch ${batch}, ${precision}: UNet ${cell(row, "unet")}, gradient ${cell(row, "gradient")}, guided step ${cell(row, "step")}, in one session ${jointCell(row)} (ms)`;
};

/** A processor has a session for each. */
const jointCell = (row: Row): string => (row.device === "cpu" ? "–" : cell(row, "joint"));

/** A row each, with how many times as fast as the processor a guided step is. */
export function tableOf({ rows, firsts }: Measured): string {
  const onCpu = (row: Row) =>
    rows.find(({ device, size, batch }) => device === "cpu" && size === row.size && batch === row.batch)?.step;
  const times = (row: Row) => {
    const cpu = onCpu(row);
    return cpu === undefined || row.step === undefined ? "not measured" : `${(cpu / row.step).toPrecision(2)}×`;
  };
  const line = (cells: readonly string[]) => `| ${cells.map((text) => text.replaceAll("|", "\\|")).join(" | ")} |`;
  return [
    line([
      ...["device", "pictures", "precision", "UNet", "gradient", "guided step", "in one session"],
      ...["to the processor", "relative L2"],
    ]),
    line(Array(9).fill("---")),
    ...rows.map((row) =>
      line([
        row.device,
        `${row.batch} of ${row.size}×${row.size}`,
        row.precision,
        cell(row, "unet"),
        cell(row, "gradient"),
        cell(row, "step"),
        jointCell(row),
        times(row),
        row.error === undefined ? "not measured" : row.error.toExponential(1),
      ]),
    ),
    "",
    ...firsts.map(
      ({ device, size, cold, warm }) =>
        `- ${device}, ${size}×${size}: the first answer comes ${Math.round(cold)} ms after the graph is asked for, ${Math.round(warm)} ms after one that is built is loaded.`,
    ),
  ].join("\n");
}
