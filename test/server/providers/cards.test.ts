import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { cards, cardText, readSmi } from "../../../server/providers/cards.ts";

/** A file system with these files. */
function machine(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), "guidegraph-"));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(root, path, ".."), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}
/** A program that prints this. */
function program(script: string): string {
  const path = join(machine({}), "smi");
  writeFileSync(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return path;
}

test("NVIDIA's program tells index, name, memory and driver", async () => {
  const said = "0, NVIDIA H100 80GB HBM3, 81559, 550.54.15\n1, Tesla T4, 15360, 550.54.15";
  const [h100, t4] = await cards({ smi: program(`printf '%s' '${said}'`) });
  expect(cardText(h100)).toBe("NVIDIA H100 80GB HBM3, 79.6 GiB, driver 550.54.15");
  expect(t4).toEqual({ name: "cuda:1", model: "Tesla T4", memoryBytes: 15 * 2 ** 30, driver: "550.54.15" });
  expect(readSmi("0, GRID A100, [N/A], 1")).toEqual([{ name: "cuda:0", model: "GRID A100", driver: "1" }]);
  for (const nothing of ["", "No devices were found", "a, b"]) expect(readSmi(nothing)).toEqual([]);
});

test("a program that is missing or fails leaves the kernel's own words", async () => {
  const root = machine({
    "proc/driver/nvidia/gpus/0000:01:00.0/information": "Model: \t\t NVIDIA L4\nIRQ: 1\n",
    "dev/dri/renderD128": "",
    "sys/class/drm/renderD128/device/vendor": "0x1002\n",
    "sys/class/drm/renderD128/device/device": "0x744c\n",
    "sys/class/drm/renderD128/device/mem_info_vram_total": `${24 * 2 ** 30}\n`,
    "drivers/amdgpu/is": "",
  });
  symlinkSync(join(root, "drivers/amdgpu"), join(root, "sys/class/drm/renderD128/device/driver"));
  for (const smi of [join(root, "no-program"), program("exit 9")])
    expect((await cards({ smi, root })).map((card) => `${card.name}: ${cardText(card)}`)).toEqual([
      "cuda:0: NVIDIA L4",
      "renderD128: 0x1002:0x744c, 24.0 GiB, driver amdgpu",
    ]);
  expect(await cards({ smi: join(root, "no-program"), root: machine({}) })).toEqual([]);
});
