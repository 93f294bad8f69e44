/** The graphics cards of a machine, as its drivers tell of them: which, how much memory, by which driver. */
import { execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { driverOf, renderNodes } from "./devices.ts";

export interface Card {
  /** "cuda:1", as --devices takes it; of others the node of its driver, "renderD128". */
  readonly name: string;
  readonly model: string;
  readonly memoryBytes?: number;
  readonly driver?: string;
}

/** A driver that hangs is no reason to. */
const patienceMs = 5_000;
const query = ["--query-gpu=index,name,memory.total,driver_version", "--format=csv,noheader,nounits"];

/** The first of what is found; empty where there is none, or none that says so. `smi`: NVIDIA's program. */
export async function cards({ smi = "nvidia-smi", root = "/" } = {}): Promise<readonly Card[]> {
  const nvidia = readSmi(await textOf(smi, query));
  return nvidia.length > 0 ? nvidia : [...namedByKernel(root), ...rendering(root)];
}

/** "0, NVIDIA H100 80GB HBM3, 81559, 550.54.15", a line a card, memory in MiB. */
export function readSmi(text: string): Card[] {
  return text.split("\n").flatMap((line) => {
    const [index, model, memory, driver] = line.split(",").map((part) => part.trim());
    if (!/^\d+$/.test(index) || !model) return [];
    const memoryBytes = Number(memory) * 2 ** 20;
    return [
      {
        name: `cuda:${index}`,
        model,
        ...(memoryBytes > 0 && { memoryBytes }),
        ...(driver && { driver }),
      } satisfies Card,
    ];
  });
}

const textOf = (program: string, args: readonly string[]): Promise<string> =>
  new Promise((resolve) => {
    // A program that is missing, and a machine that starts none, are told by the callback or thrown.
    try {
      execFile(program, args, { timeout: patienceMs, killSignal: "SIGKILL" }, (error, out) =>
        resolve(error ? "" : out),
      );
    } catch {
      resolve("");
    }
  });

/** Where the program is not there, as in a container, the kernel's module still names its cards. */
function namedByKernel(root: string): Card[] {
  const folder = join(root, "proc/driver/nvidia/gpus");
  if (!existsSync(folder)) return [];
  return readdirSync(folder).flatMap((bus, i) => {
    const model = /^Model:\s*(.+)$/m.exec(read(join(folder, bus, "information")))?.[1];
    return model ? [{ name: `cuda:${i}`, model: model.trim() }] : [];
  });
}

function rendering(root: string): Card[] {
  return renderNodes(root).map((node) => {
    const device = join(root, "sys/class/drm", node, "device");
    const [vendor, model] = ["vendor", "device"].map((name) => read(join(device, name)).trim());
    const memoryBytes = Number(read(join(device, "mem_info_vram_total")));
    const driver = driverOf(join(device, "driver"));
    return {
      name: basename(node),
      model: vendor === "" ? "a graphics device" : `${vendor}:${model}`,
      ...(memoryBytes > 0 && { memoryBytes }),
      ...(driver !== "" && { driver }),
    };
  });
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

/** "NVIDIA H100, 79.6 GiB, driver 550.54.15" */
export const cardText = ({ model, memoryBytes, driver }: Card): string =>
  [
    model,
    ...(memoryBytes === undefined ? [] : [`${(memoryBytes / 2 ** 30).toFixed(1)} GiB`]),
    ...(driver === undefined ? [] : [`driver ${driver}`]),
  ].join(", ");
