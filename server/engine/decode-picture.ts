/**
 * Pictures as people have them: PNG of every kind, JPEG and WebP, decoded by libvips. It is native code that reads strangers'
 * bytes, so it is called in the processes that may end of it, and with all else that it can read blocked.
 */
import type { Pictures } from "../../diffusion/index.ts";
import type { DecodePicture } from "../../runtime/index.ts";

/** 4096 × 4096: what a 50 KB file may claim must not be allocated unseen. */
const maxPixels = 2 ** 24;

type Sharp = typeof import("sharp")["default"];

let loaded: Promise<Sharp> | undefined;

/** Loaded when a picture is read: whoever has none does not wait for 18 MB of code. */
async function load(): Promise<Sharp> {
  const { default: sharp } = await import("sharp");
  sharp.cache(false);
  // One picture at a time takes one thread beside the device's.
  sharp.concurrency(1);
  sharp.block({ operation: ["VipsForeignLoad"] });
  sharp.unblock({ operation: ["Png", "Jpeg", "Webp"].map((kind) => `VipsForeignLoad${kind}Buffer`) });
  return sharp;
}

/**
 * As PIL's convert("RGB") does, grey is repeated, transparency is dropped, colour profiles are passed over, and inks are mixed by
 * the plain formula; 16 bits become their upper 8, and a camera's turn is undone. Throws a SyntaxError when the file is damaged, an
 * animation or beyond a limit.
 */
export const decodePicture: DecodePicture = async (bytes) => {
  loaded ??= load();
  const sharp = await loaded;
  try {
    // Asked of the decoder itself, and of its header alone: nothing that reads headers otherwise can differ from it.
    const about = await sharp(bytes, { limitInputPixels: false, failOn: "error" }).metadata();
    const { width, height, pages = 1, depth, space } = about;
    if (pages > 1) throw new SyntaxError(`it is an animation of ${pages} pictures: save one of them`);
    if (width * height > maxPixels)
      throw new SyntaxError(`it is ${width}×${height}; at most ${maxPixels} pixels are read`);
    const isDeep = depth === "ushort";
    const options = { limitInputPixels: maxPixels, failOn: "error", sequentialRead: true } as const;
    if (space === "cmyk") {
      // Between two spaces of inks nothing is converted: libvips would take a press's profile of its own.
      const inks = sharp(bytes, { ...options, ignoreIcc: true, autoOrient: true }).pipelineColourspace("cmyk");
      const { data, info } = await inks.toColourspace("cmyk").raw().toBuffer({ resolveWithObject: true });
      return picture(withoutInks(data), [1, info.height, info.width, info.channels - 1]);
    }
    const { data, info } = await sharp(bytes, { ...options, ignoreIcc: true, autoOrient: true })
      .removeAlpha()
      .toColourspace(isDeep ? "rgb16" : "srgb")
      .raw({ depth: isDeep ? "ushort" : "uchar" })
      .toBuffer({ resolveWithObject: true });
    return picture(isDeep ? upperBytes(data) : data, [1, info.height, info.width, info.channels]);
  } catch (error) {
    if (error instanceof SyntaxError) throw error;
    throw new SyntaxError(`its pixels cannot be read: ${reasonOf(error)}`);
  }
};

/** Cyan, magenta, yellow and black by the plain formula, rounded as PIL rounds: R = (1 − C)(1 − K). */
function withoutInks(inks: Uint8Array): Uint8Array {
  const rgb = new Uint8Array((inks.length / 4) * 3);
  for (let i = 0, j = 0; i + 3 < inks.length; i += 4) {
    const light = 255 - inks[i + 3];
    for (let c = 0; c < 3; c++) rgb[j++] = light - Math.round((inks[i + c] * light) / 255);
  }
  return rgb;
}

/** Of samples as the machine writes them. */
function upperBytes({ buffer, byteOffset, byteLength }: Uint8Array): Uint8Array {
  return Uint8Array.from(new Uint16Array(buffer.slice(byteOffset, byteOffset + byteLength)), (sample) => sample >> 8);
}

/** Held to what it says it is, since what follows walks it by its dims. */
function picture({ buffer, byteOffset, byteLength }: Uint8Array, dims: readonly number[]): Pictures {
  const [, height, width, channels] = dims;
  if (height * width * channels !== byteLength || channels !== 3)
    throw new SyntaxError(`its decoder gave ${byteLength} bytes for ${dims.join("×")}`);
  return { dims, data: new Uint8Array(buffer, byteOffset, byteLength) };
}

/** libvips writes a line for each of its layers. */
const reasonOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split("\n")[0].slice(0, 200);
