import { deflateSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { concat } from "../../../runtime/codecs/inflate.ts";
import { encodePng, pixelsOnly } from "../../../runtime/codecs/png.ts";
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

  test("of a picture the decoder is shown its pixels alone, under one header", () => {
    const profile = { type: "iCCP", data: Uint8Array.of(...ascii("p\0\0"), ...deflateSync(new Uint8Array(1_000_000))) };
    expect(pixelsOnly(withChunks(profile, { type: "tEXt", data: ascii("a\0b") }))).toEqual(png);
    expect(() => pixelsOnly(withChunks(header(2 ** 30, 1)))).toThrow(
      /parts are IHDR IHDR IDAT IEND; expected one header/,
    );
    const data = { type: "IDAT", data: new Uint8Array() };
    expect(() => pixelsOnly(writeChunks([data, header(1, 1), end]))).toThrow(/expected one header/);
    expect(() => pixelsOnly(writeChunks([header(1, 1), ...Array(5_000).fill(data)]))).toThrow(/IEND chunk is missing/);
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

describe("text in a PNG", () => {
  test("readText returns what withText put in, in any language, and the pixels stay", () => {
    const text = '{"title": "Étoile ☆"}';
    const carrying = concat(
      withText(concat(withText(png, textChunk("guidegraph", "old"))), textChunk("guidegraph", text)),
    );
    expect(readText(carrying, "guidegraph")).toBe(text);
    expect(readText(carrying, "other")).toBeUndefined();
    expect(pixelsOnly(carrying)).toEqual(pixelsOnly(png));
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
