/** Flags that several commands take. */
import { statSync } from "node:fs";
import { precisions, type SampleRange } from "../../runtime/index.ts";
import { UsageError } from "../flags/errors.ts";
import type { Flags } from "../flags/grammar.ts";
import { type Backend, backends } from "../providers/choose.ts";
import { type DeviceChoice, readDevices } from "../providers/device-list.ts";

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;

export const modelFolderFlags = {
  models: { type: "list", help: "folders with models, before the bundled one", value: "DIR…", more: isFolder },
  cache: { type: "text", help: "folder of built models (GUIDEGRAPH_CACHE, else ~/.cache/guidegraph)", value: "DIR" },
} satisfies Flags;

export const graphFlags = {
  images: {
    type: "list",
    help: "folders with pictures (PNG, JPEG, WebP, NPZ) and arrays (NPY, NPZ) that graphs name",
    value: "DIR…",
    more: isFolder,
  },
  nodes: {
    type: "list",
    help: "modules with nodes of your own; each exports them, or a list as default",
    value: "FILE…",
    more: (value: string) => /\.[cm]?[jt]s$/.test(value),
  },
} satisfies Flags;

export const backendFlags = {
  backend: { type: "text", help: "where networks run (auto)", choices: backends },
  threads: { type: "integer", min: 0, help: "threads of an operator (0: one a core)" },
} satisfies Flags;

export const precisionFlag = {
  type: "text",
  help: "half: the torso of UNets in float16; auto: where the checkpoint's flags say use_fp16 and the device gains by it (auto)",
  choices: precisions,
} as const;

export const devicesFlag = {
  type: "text",
  help: "run on several, a process each: cuda:0,cuda:1, webgpu*2 (two on a card) or cpu*2 (instead of --backend; threads are divided)",
  value: "LIST",
} as const;

/** Throws a UsageError for what names no devices, or two things at once. */
export function devicesOf({
  devices,
  backend,
  threads = 0,
}: {
  readonly devices?: string;
  readonly backend?: Backend;
  readonly threads?: number;
}): readonly DeviceChoice[] | undefined {
  if (devices === undefined) return undefined;
  if (backend !== undefined) throw new UsageError("--devices and --backend say the same: give one of them");
  try {
    return readDevices(devices, threads);
  } catch (error) {
    throw new UsageError((error as RangeError).message);
  }
}

export const rangeFlag = {
  type: "text",
  help: "only the samples from A to before B, as one run of all would have drawn them; gather joins the parts",
  value: "A..B",
} as const;

/** A run counts so far: nine digits, in the names of its files too. */
const lastSample = 999_999_999;

/** Throws a UsageError for what is no range. */
export function rangeOf(text: string | undefined): SampleRange | undefined {
  if (text === undefined) return undefined;
  const [, from, to] = (/^(\d+)\.\.(\d+)$/.exec(text) ?? []).map(Number);
  if (to > lastSample) throw new UsageError(`--range takes samples up to ${lastSample}, not "${text}"`);
  if (from !== undefined && from >= to)
    throw new UsageError(
      `--range ${text} has no samples: it goes from A to before B, so sample ${from} alone is ${from}..${from + 1}`,
    );
  if (from === undefined || to === undefined)
    throw new UsageError(`--range takes the first sample and the one after the last, like 0..1000, not "${text}"`);
  return { from, to };
}
