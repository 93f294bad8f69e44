import { deflateSync } from "node:zlib";
import fc from "fast-check";
import { encode } from "fast-png";
import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { pixelsOnly } from "../../../runtime/codecs/png.ts";
import { type Chunk, writeChunks } from "../../../runtime/codecs/png-chunks.ts";
import { decodePicture } from "../../../server/engine/decode-picture.ts";
import { bounded } from "../../support/bounded.ts";

const header = (width: number, height: number, depth = 8, colour = 2): Chunk => {
  const data = new Uint8Array(13);
  const view = new DataView(data.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  data.set([depth, colour], 8);
  return { type: "IHDR", data };
};
const chunk = (type: string, data: Uint8Array = new Uint8Array()): Chunk => ({ type, data });
const pixels = (...bytes: number[]) => chunk("IDAT", deflateSync(Uint8Array.from(bytes)));
const end = chunk("IEND");
const palette = chunk("PLTE", Uint8Array.of(1, 2, 3, 4, 5, 6));
const png = (...chunks: Chunk[]) => writeChunks([...chunks, end]);
const packed = (channels: number, depth: 8 | 16, ...samples: number[]) => {
  const data = depth === 8 ? Uint8Array.from(samples) : Uint16Array.from(samples);
  return encode({ width: samples.length / channels, height: 1, channels, depth, data });
};
/** 4×2 of one grey. */
const flat = (channels: 3 | 4 = 3) =>
  sharp(Buffer.alloc(8 * channels, 100), { raw: { width: 4, height: 2, channels } });

const valuesOf = async (bytes: Uint8Array) => [...(await decodePicture(bytes)).data];

describe("decodePicture", () => {
  /** Of PNG exact values: those that were read before, bit for bit. */
  const kinds: readonly (readonly [name: string, file: Uint8Array, values: readonly number[]])[] = [
    ["8-bit RGB", packed(3, 8, 1, 2, 3, 250, 251, 252), [1, 2, 3, 250, 251, 252]],
    ["8-bit grey", packed(1, 8, 9, 200), [9, 9, 9, 200, 200, 200]],
    ["8-bit grey and alpha", packed(2, 8, 9, 0, 200, 255), [9, 9, 9, 200, 200, 200]],
    ["8-bit RGBA", packed(4, 8, 1, 2, 3, 0), [1, 2, 3]],
    ["16-bit grey", packed(1, 16, 0x80ff, 0x12ff), [0x80, 0x80, 0x80, 0x12, 0x12, 0x12]],
    ["16-bit grey and alpha", packed(2, 16, 0x80ff, 0, 0x12ff, 0xffff), [0x80, 0x80, 0x80, 0x12, 0x12, 0x12]],
    ["16-bit RGB", packed(3, 16, 0, 0x80ff, 0xffff), [0, 0x80, 0xff]],
    ["16-bit RGBA", packed(4, 16, 0, 0x80ff, 0xffff, 1), [0, 0x80, 0xff]],
    ["1-bit grey", png(header(3, 1, 1, 0), pixels(0, 0b10100000)), [255, 255, 255, 0, 0, 0, 255, 255, 255]],
    ["2-bit grey", png(header(3, 1, 2, 0), pixels(0, 0b10110100)), [170, 170, 170, 255, 255, 255, 85, 85, 85]],
    ["palette", png(header(2, 1, 8, 3), palette, pixels(0, 1, 0)), [4, 5, 6, 1, 2, 3]],
    [
      "palette with transparency",
      png(header(2, 1, 1, 3), palette, chunk("tRNS", Uint8Array.of(0, 9)), pixels(0, 0b01000000)),
      [1, 2, 3, 4, 5, 6],
    ],
  ];
  test.each(kinds)("%s PNG", async (_, file, values) => expect(await valuesOf(file)).toEqual(values));

  test("every 8-bit RGB picture comes in as it is", async () => {
    const property = fc.asyncProperty(fc.uint8Array({ minLength: 24, maxLength: 24 }), async (data) => {
      expect(await valuesOf(encode({ width: 4, height: 2, channels: 3, depth: 8, data }))).toEqual([...data]);
    });
    await fc.assert(property, { numRuns: 50 });
  });

  test("JPEG and WebP come in, upright, grey and with transparency", async () => {
    const files = [
      flat().jpeg(),
      flat().toColourspace("b-w").jpeg(),
      flat().webp({ lossless: true }),
      flat(4).webp({ lossless: true }),
    ];
    for (const file of files) {
      const { dims, data } = await decodePicture(await file.toBuffer());
      expect(dims).toEqual([1, 2, 4, 3]);
      expect(data.every((value) => value === 100)).toBe(true);
    }
    const turned = await flat().jpeg().withMetadata({ orientation: 6 }).toBuffer();
    expect((await decodePicture(turned)).dims).toEqual([1, 4, 2, 3]);
  });

  test("inks are mixed by the plain formula, whatever profile there is", async () => {
    const orange = { r: 200, g: 60, b: 30 };
    const drawn = sharp({ create: { width: 16, height: 8, channels: 3, background: orange } }).toColourspace("cmyk");
    // A press's profile would make (201, 49, 0) of the first, whose inks are 0, 222, 255 and 39.
    const files = [
      [drawn.clone(), [216, 28, 0]],
      [drawn.clone().withIccProfile("cmyk"), [211, 32, 16]],
    ] as const;
    for (const [file, values] of files) {
      const { dims, data } = await decodePicture(await file.jpeg({ quality: 100 }).toBuffer());
      expect(dims).toEqual([1, 8, 16, 3]);
      expect([...data.subarray(0, 3)]).toEqual(values);
    }
  });

  test("what is too large, damaged or no picture is refused in words, by what the decoder itself reads", async () => {
    const refused: [Uint8Array, RegExp][] = [
      [png(header(14_000, 14_000), pixels(0)), /^it is 14000×14000; at most 16777216 pixels are read$/],
      [png(header(2 ** 30, 1), pixels(0)), /cannot be read|at most 16777216/],
      [png(header(4, 4), pixels(0, 1, 2)), /pixels cannot be read/],
      [(await flat().jpeg().toBuffer()).subarray(0, -30), /pixels cannot be read/],
      [(await flat().webp().toBuffer()).subarray(0, -8), /pixels cannot be read/],
      [new TextEncoder().encode('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'), /cannot be read/],
      [Buffer.from("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7", "base64"), /cannot be read/],
    ];
    for (const [file, reason] of refused) await expect(decodePicture(file)).rejects.toThrow(reason);
    const two = sharp(Buffer.alloc(24, 9), { raw: { width: 2, height: 4, channels: 3, pageHeight: 2 } });
    two.composite([{ input: Buffer.alloc(12, 90), raw: { width: 2, height: 2, channels: 3 }, top: 0, left: 0 }]);
    await expect(decodePicture(await two.webp().toBuffer())).rejects.toThrow(/an animation of 2 pictures/);
  });

  test("whatever the order of its chunks, what was checked is what is decoded, in little time and memory", async () => {
    const parts: Chunk[] = [
      header(2, 1),
      header(2 ** 30, 1),
      header(1, 2 ** 30),
      header(4096, 4096, 16, 6),
      header(2, 1, 1, 3),
      header(2, 1, 3, 7),
      chunk("IHDR", new Uint8Array(4)),
      palette,
      chunk("tRNS", Uint8Array.of(0, 255)),
      chunk("IDAT", deflateSync(Uint8Array.of(0, 1, 2, 3, 4, 5, 6))),
      chunk("IDAT"),
      chunk("IDAT", deflateSync(new Uint8Array(1_000_000))),
      chunk("iCCP", Uint8Array.of(112, 0, 0, ...deflateSync(new Uint8Array(1_000_000)))),
      chunk("acTL", Uint8Array.of(0, 0, 0, 2, 0, 0, 0, 0)),
      chunk("fdAT", deflateSync(new Uint8Array(1_000_000))),
      end,
    ];
    const property = fc.asyncProperty(fc.array(fc.constantFrom(...parts), { maxLength: 8 }), (chosen) =>
      bounded({ ms: 1_000, bytes: 2 ** 26 }, async () => {
        try {
          const { dims } = await decodePicture(pixelsOnly(png(parts[0], ...chosen)));
          // The first header is the one that was checked.
          expect(dims).toEqual([1, 1, 2, 3]);
        } catch (error) {
          expect(error).toBeInstanceOf(SyntaxError);
        }
      }),
    );
    await fc.assert(property, { numRuns: 300 });
  });
});
