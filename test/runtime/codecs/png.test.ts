import { deflateSync } from "node:zlib";
import fc from "fast-check";
import { encode } from "fast-png";
import { describe, expect, test } from "vitest";
import { concat } from "../../../runtime/codecs/inflate.ts";
import { decodePng, encodePng } from "../../../runtime/codecs/png.ts";
import { type Chunk, readChunks, writeChunks } from "../../../runtime/codecs/png-chunks.ts";
import { readText, textChunk, withText } from "../../../runtime/codecs/png-text.ts";

const pictures = { dims: [2, 2, 1, 3], data: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 255) };
const png = encodePng(pictures, 1);
const ascii = (text: string) => new TextEncoder().encode(text);
const withChunks = (...chunks: Chunk[]) => {
  const [header, ...rest] = readChunks(png);
  return writeChunks([header, ...chunks, ...rest]);
};
const header = (width: number, height: number, depth = 8, colour = 2) => {
  const data = new Uint8Array(13);
  const view = new DataView(data.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  data.set([depth, colour], 8);
  return { type: "IHDR", data };
};
const end = { type: "IEND", data: new Uint8Array() };

describe("png", () => {
  test("decodePng returns what encodePng wrote", () => {
    expect(decodePng(png)).toEqual({ dims: [1, 2, 1, 3], data: pictures.data.slice(6) });
  });

  test("grey, transparent, sixteen-bit and packed pictures become RGB", () => {
    const grey = encode({ width: 2, height: 1, channels: 1, depth: 8, data: Uint8Array.of(9, 200) });
    expect([...decodePng(grey).data]).toEqual([9, 9, 9, 200, 200, 200]);
    const alpha = encode({ width: 1, height: 1, channels: 4, depth: 8, data: Uint8Array.of(1, 2, 3, 0) });
    expect([...decodePng(alpha).data]).toEqual([1, 2, 3]);
    const deep = encode({ width: 1, height: 1, channels: 3, depth: 16, data: Uint16Array.of(0, 0x80ff, 0xffff) });
    expect([...decodePng(deep).data]).toEqual([0, 0x80, 0xff]);
    const packed = [header(3, 1, 1, 0), { type: "IDAT", data: deflateSync(Uint8Array.of(0, 0b10100000)) }, end];
    expect([...decodePng(writeChunks(packed)).data]).toEqual([255, 255, 255, 0, 0, 0, 255, 255, 255]);
    const palette = { type: "PLTE", data: Uint8Array.of(1, 2, 3, 4, 5, 6) };
    const indexed = [header(2, 1, 8, 3), palette, { type: "IDAT", data: deflateSync(Uint8Array.of(0, 1, 0)) }, end];
    expect([...decodePng(writeChunks(indexed)).data]).toEqual([4, 5, 6, 1, 2, 3]);
  });

  test("a picture that claims too many pixels, or inflates beyond its size, is refused before it is decoded", () => {
    const data = { type: "IDAT", data: deflateSync(new Uint8Array(30_000_000)) };
    expect(() => decodePng(writeChunks([header(14_000, 14_000), data, end]))).toThrow(/14000×14000; at most 16777216/);
    expect(() => decodePng(writeChunks([header(2 ** 31, 2 ** 31), data, end]))).toThrow(/at most/);
    expect(() => decodePng(writeChunks([header(4, 4), data, end]))).toThrow(/inflates to more than/);
    const profile = { type: "iCCP", data: concatProfile() };
    expect(decodePng(withChunks(profile)).dims).toEqual([1, 2, 1, 3]);
  });

  test("a picture beyond what strangers may send is saved with its text, without being read again", () => {
    const noise = Uint8Array.from(
      { length: 3000 * 3000 * 3 },
      (_, i) => Math.imul(Math.imul(i, 0x9e3779b1) ^ (i >>> 7), 0x85ebca6b) >>> 23,
    );
    const large = encodePng({ dims: [1, 3000, 3000, 3], data: noise });
    expect(large.length).toBeGreaterThan(20 * 2 ** 20);
    const pieces = withText(large, textChunk("guidegraph", "a"));
    expect(concat(pieces).length).toBe(large.length + pieces[1].length);
  });

  test("whatever the order of its chunks, what was checked is what is decoded", () => {
    const parts: Chunk[] = [
      header(2, 1),
      header(2 ** 30, 1),
      header(1, 2 ** 30),
      header(4096, 4096, 16, 6),
      header(2, 1, 1, 3),
      header(2, 1, 3, 7),
      { type: "IHDR", data: new Uint8Array(4) },
      { type: "PLTE", data: Uint8Array.of(1, 2, 3, 4, 5, 6) },
      { type: "tRNS", data: Uint8Array.of(0, 255) },
      { type: "IDAT", data: deflateSync(Uint8Array.of(0, 1, 2, 3, 4, 5, 6)) },
      { type: "IDAT", data: new Uint8Array() },
      { type: "IDAT", data: deflateSync(new Uint8Array(1_000_000)) },
      { type: "acTL", data: Uint8Array.of(0, 0, 0, 2, 0, 0, 0, 0) },
      { type: "fdAT", data: deflateSync(new Uint8Array(1_000_000)) },
      end,
    ];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...parts), { maxLength: 8 }), (chosen) => {
        const began = performance.now();
        const bytes = writeChunks([parts[0], ...chosen, end]);
        try {
          const { dims, data } = decodePng(bytes);
          // The first header is the one that was checked.
          expect([dims, [...data]]).toEqual([
            [1, 1, 2, 3],
            [1, 2, 3, 4, 5, 6],
          ]);
        } catch (error) {
          expect(error).toBeInstanceOf(SyntaxError);
        }
        expect(performance.now() - began).toBeLessThan(1000);
      }),
      { numRuns: 300 },
    );
  });

  test("damaged files are refused with the reason", () => {
    expect(() => readChunks(new Uint8Array())).toThrow(/no PNG/);
    expect(() => readChunks(png.subarray(0, png.length - 12))).toThrow(/IEND chunk is missing/);
    expect(() => readChunks(png.subarray(0, 30))).toThrow(/cut off/);
    const flipped = png.slice();
    flipped[20] ^= 1;
    expect(() => readChunks(flipped)).toThrow(/IHDR chunk is damaged/);
  });
});

const concatProfile = () => Uint8Array.of(...ascii("p\0\0"), ...deflateSync(new Uint8Array(1_000_000)));

describe("text in a PNG", () => {
  test("readText returns what withText put in, in any language, and the pixels stay", () => {
    const text = '{"title": "Étoile ☆"}';
    const carrying = concat(
      withText(concat(withText(png, textChunk("guidegraph", "old"))), textChunk("guidegraph", text)),
    );
    expect(readText(carrying, "guidegraph")).toBe(text);
    expect(readText(carrying, "other")).toBeUndefined();
    expect(decodePng(carrying)).toEqual(decodePng(png));
  });

  test("all three kinds of text are read, and the first under the keyword wins", () => {
    const plain = { type: "tEXt", data: ascii("guidegraph\0one") };
    const packed = { type: "zTXt", data: Uint8Array.of(...ascii("guidegraph\0\0"), ...deflateSync(ascii("two"))) };
    const international = {
      type: "iTXt",
      data: Uint8Array.of(...ascii("guidegraph\0\0\0en\0g\0"), ...ascii("drei ☆")),
    };
    expect(readText(withChunks(plain, packed), "guidegraph")).toBe("one");
    expect(readText(withChunks(packed, plain), "guidegraph")).toBe("two");
    expect(readText(withChunks(international), "guidegraph")).toBe("drei ☆");
  });

  test("a text that inflates beyond 2 MiB, or fifty texts too many, are refused", () => {
    const bomb = Uint8Array.of(...ascii("guidegraph\0\0"), ...deflateSync(new Uint8Array(20_000_000)));
    expect(() => readText(withChunks({ type: "zTXt", data: bomb }), "guidegraph")).toThrow(/more than 2097152 bytes/);
    const many = Array.from({ length: 51 }, () => ({ type: "tEXt", data: ascii("a\0b") }));
    expect(() => readText(withChunks(...many), "guidegraph")).toThrow(/more than 50 text chunks/);
    const cut = { type: "iTXt", data: ascii("guidegraph\0\x01") };
    expect(() => readText(withChunks(cut), "guidegraph")).toThrow(/"guidegraph" cannot be read/);
  });
});
