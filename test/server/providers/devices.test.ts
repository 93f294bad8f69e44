import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { isWithoutCard, vulkanRefusal, webgpuRefusal, whyCudaIsNotLoaded } from "../../../server/providers/devices.ts";
import { wasmRefusal } from "../../../server/providers/wasm.ts";

/** A file system with a render node of this kernel driver. */
function machine(driver?: string): string {
  const root = mkdtempSync(join(tmpdir(), "guidegraph-"));
  if (driver === undefined) return root;
  for (const folder of ["dev/dri", "sys/class/drm/renderD128/device", `drivers/${driver}`])
    mkdirSync(join(root, folder), { recursive: true });
  writeFileSync(join(root, "dev/dri/renderD128"), "");
  symlinkSync(join(root, "drivers", driver), join(root, "sys/class/drm/renderD128/device/driver"));
  return root;
}

describe.runIf(process.platform === "linux")("webgpuRefusal", () => {
  test("a machine with a graphics device may try", () => {
    expect(webgpuRefusal({}, machine("amdgpu"))).toBeUndefined();
  });
  test("without a graphics device an adapter could only be a software one", () => {
    expect(webgpuRefusal({}, machine())).toMatch(/no graphics device/);
    expect(webgpuRefusal({}, machine("vgem"))).toMatch(/no graphics device/);
  });
  test("a software driver that is named in the environment is one", () => {
    const environment = { VK_ICD_FILENAMES: "/usr/lib/chromium/vk_swiftshader_icd.json" };
    expect(webgpuRefusal(environment, machine("amdgpu"))).toMatch(/software/);
  });
  test("what is tried where nothing shows a card is tried apart; who names a driver knows it", () => {
    expect(isWithoutCard({}, machine())).toBe(true);
    expect(isWithoutCard({}, machine("amdgpu"))).toBe(false);
    expect(isWithoutCard({ VK_ICD_FILENAMES: "/usr/lib/chromium/vk_swiftshader_icd.json" }, machine())).toBe(false);
  });
});

test.runIf(process.platform === "linux")("without Vulkan's loader nothing is started that would look for it", () => {
  expect(vulkanRefusal("libnone-such.so.1")).toMatch(/^it finds no card by Vulkan: install the loader/);
  // Any library that a system has, and that is no addon of Node's.
  expect(vulkanRefusal("libm.so.6")).toBeUndefined();
});

test.each([
  ["libcublasLt.so.13", "install the libraries of CUDA 13, or name its folder"],
  ["libcudart.so.12", "install the libraries of CUDA 12, or name its folder"],
  ["libcurand.so.10", "install what it is of, or name its folder"],
  ["libcudnn.so.9", "install what it is of, or name its folder"],
])("a library that CUDA's provider lacks is named, with where to find it: %s", (library, wanted) => {
  const said = whyCudaIsNotLoaded(`${library}: cannot open shared object file: No such file or directory`);
  expect(said).toMatch(new RegExp(`^${library} is not found: ${wanted} in LD_LIBRARY_PATH`));
  expect(whyCudaIsNotLoaded("an undefined symbol")).toBe("an undefined symbol");
});

test("without its package wasm says so, and with it is tried", () => {
  expect(wasmRefusal()).toBeUndefined();
  const missing = () => {
    throw new Error("Cannot find module 'onnxruntime-web'");
  };
  expect(wasmRefusal(missing)).toBe("the package onnxruntime-web is not installed, which a portable bundle leaves out");
});
