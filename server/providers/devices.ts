/**
 * Which accelerators this machine has, told without starting them: a provider that fails to start writes to stderr from
 * native code, and onnxruntime-node does not say what WebGPU adapter it found.
 */
import { existsSync, readdirSync, realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";

/**
 * Why CUDA cannot be used here, or undefined when it may be tried: its provider is a library of its own, fetched on
 * demand.
 */
export function cudaRefusal(): string | undefined {
  if (process.platform === "darwin") return "there is no CUDA on macOS";
  return existsSync(cudaProvider()) ? undefined : `its library is not installed (${fetchesCuda()} fetches it)`;
}

/** Why CUDA's provider, which is there, cannot be loaded: mostly a library of NVIDIA's that is not. */
export function whyCudaIsNotLoaded(words = whyNotLoaded(cudaProvider())): string | undefined {
  const library = /^lib[\w-]+\.so\.[\d.]+(?=: cannot open shared object file)/.exec(words ?? "")?.[0];
  if (library === undefined) return words;
  // Others of CUDA's have numbers of their own.
  const version = /^lib(?:cublas|cublasLt|cudart)\.so\.(\d+)$/.exec(library)?.[1];
  return `${library} is not found: install ${version ? `the libraries of CUDA ${version}` : "what it is of"}, or name its folder in LD_LIBRARY_PATH (PyTorch brings those of its CUDA: site-packages/nvidia/*/lib)`;
}

function cudaProvider(): string {
  const folder = join(packageFolder("onnxruntime-node"), "bin", "napi-v6", process.platform, process.arch);
  const file = process.platform === "win32" ? "onnxruntime_providers_cuda.dll" : "libonnxruntime_providers_cuda.so";
  return join(folder, file);
}

/** Who works on the project has a script for it; where the package is installed, that of onnxruntime-node does it. */
function fetchesCuda(): string {
  if (existsSync(join(packageFolder("guidegraph"), "server", "build.mjs"))) return "npm run install-cuda";
  return `ONNXRUNTIME_NODE_INSTALL=true node ${join(packageFolder("onnxruntime-node"), "script", "install.js")}`;
}

/**
 * Why WebGPU cannot be used here, or undefined when it may be tried. On Linux a Vulkan adapter without a graphics device
 * behind it is a software one (SwiftShader, lavapipe), slower than the processor's own kernels; so is one that the Vulkan
 * loader's variables name. Windows (Direct3D 12) and macOS (Metal) always have a device, or none at all.
 */
export function webgpuRefusal(environment: NodeJS.ProcessEnv = process.env, root = "/"): string | undefined {
  if (process.platform !== "linux") return undefined;
  const drivers = environment.VK_DRIVER_FILES ?? environment.VK_ICD_FILENAMES ?? "";
  if (/swiftshader|lvp|lavapipe|llvmpipe/i.test(drivers))
    return "its adapter is a software one (named by VK_ICD_FILENAMES)";
  return hasGraphicsDevice(root)
    ? undefined
    : "this machine has no graphics device, so an adapter could only be a software one";
}

/** Where the machine shows no graphics device and nobody names a driver: WebGPU will hardly start, and its libraries say so. */
export const isWithoutCard = (environment: NodeJS.ProcessEnv = process.env, root = "/"): boolean =>
  (environment.VK_DRIVER_FILES ?? environment.VK_ICD_FILENAMES) === undefined &&
  webgpuRefusal(environment, root) !== undefined;

/** The bare images of containers have neither, and the runtime's own words name neither. */
export const noVulkan =
  "it finds no card by Vulkan: install the loader (Debian: libvulkan1, and libegl1 for NVIDIA) beside the card's driver; a container of NVIDIA's needs NVIDIA_DRIVER_CAPABILITIES=compute,graphics,utility";

/** Where Vulkan's loader is missing Dawn writes so to the terminal, past whoever started it: then it is not started. */
export const vulkanRefusal = (loader = "libvulkan.so.1"): string | undefined =>
  process.platform === "linux" && whyNotLoaded(loader) !== undefined ? noVulkan : undefined;

/** What the system's loader says of a library; undefined where it loads it. That it is no addon of Node's is no matter. */
function whyNotLoaded(file: string): string | undefined {
  try {
    process.dlopen({ exports: {} }, file);
  } catch (error) {
    const { message } = error as Error;
    if (!/did not self-register/.test(message)) return message;
  }
  return undefined;
}

/** Kernel drivers of displays that draw nothing themselves. */
const displayOnly = new Set([
  "vgem",
  "vkms",
  "simple-framebuffer",
  "bochs-drm",
  "cirrus",
  "ast",
  "mgag200",
  "hyperv_drm",
]);

function hasGraphicsDevice(root: string): boolean {
  if (existsSync(join(root, "dev/nvidia0")) || existsSync(join(root, "dev/dxg"))) return true;
  return renderNodes(root).length > 0;
}

/** The devices that draw, by the names of their nodes: "renderD128". */
export const renderNodes = (root = "/"): readonly string[] =>
  names(join(root, "dev/dri"))
    .filter((name) => name.startsWith("renderD"))
    .filter((node) => !displayOnly.has(driverOf(join(root, "sys/class/drm", node, "device/driver"))));

function names(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** The kernel driver that a link leads to, "" where there is none. */
export function driverOf(link: string): string {
  try {
    return basename(realpathSync(link));
  } catch {
    return "";
  }
}

function packageFolder(name: string): string {
  return dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));
}
