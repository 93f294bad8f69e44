/** Text that travels in a PNG (W3C PNG, section 11.3.3): a picture carries the graph that made it. */
import { zlibSync } from "fflate";
import { concat, unzlib } from "./inflate.ts";
import { type Chunk, chunkBytes, headerEnd, readChunks } from "./png-chunks.ts";

/** The chunk that holds a graph document as JSON. */
export const graphKeyword = "guidegraph";

/** As large as a graph document may be. */
const maxTextBytes = 2 * 2 ** 20;

/**
 * The first text under a keyword (tEXt, zTXt or iTXt), or undefined when there is none. Throws a SyntaxError when the
 * file is damaged or the text inflates beyond 2 MiB.
 */
export function readText(png: Uint8Array, keyword: string): string | undefined {
  for (const { type, data } of readChunks(png)) {
    if (!(type in textOf)) continue;
    const end = data.subarray(0, 80).indexOf(0);
    if (end < 0 || new TextDecoder("latin1").decode(data.subarray(0, end)) !== keyword) continue;
    try {
      return textOf[type as keyof typeof textOf](data.subarray(end + 1));
    } catch (error) {
      throw new SyntaxError(`its text "${keyword}" cannot be read: ${error instanceof Error ? error.message : error}`);
    }
  }
  return undefined;
}

/** The keywords of its texts: they tell which program wrote a picture. Throws a SyntaxError when the file is damaged. */
export const keywordsOf = (png: Uint8Array): string[] =>
  readChunks(png).flatMap(({ type, data }) => {
    const end = type in textOf ? data.subarray(0, 80).indexOf(0) : -1;
    return end < 0 ? [] : [new TextDecoder("latin1").decode(data.subarray(0, end))];
  });

const textOf = {
  tEXt: (data: Uint8Array) => new TextDecoder("latin1").decode(data),
  zTXt: (data: Uint8Array) => new TextDecoder("latin1").decode(unzlib(data.subarray(1), maxTextBytes)),
  // compression flag, method, language tag, translated keyword, text in UTF-8
  iTXt: (data: Uint8Array) => {
    const language = data.indexOf(0, 2);
    const translated = language < 0 ? -1 : data.indexOf(0, language + 1);
    if (translated < 0) throw new SyntaxError("it has no end");
    const text = data.subarray(translated + 1);
    return new TextDecoder("utf-8", { fatal: true }).decode(data[0] === 1 ? unzlib(text, maxTextBytes) : text);
  },
};

/** A compressed UTF-8 text under a keyword. */
export const textChunk = (keyword: string, text: string): Chunk => ({
  type: "iTXt",
  data: concat([
    new TextEncoder().encode(`${keyword}\0`),
    Uint8Array.of(1, 0, 0, 0),
    zlibSync(new TextEncoder().encode(text), { level: 9 }),
  ]),
});

/**
 * A picture of `encodePng` with a text behind its header, in pieces to be written one after another. It is not read again: the
 * limits of what strangers send do not hold for what is made here, however large.
 */
export const withText = (png: Uint8Array, chunk: Chunk): Uint8Array[] => [
  png.subarray(0, headerEnd),
  chunkBytes(chunk),
  png.subarray(headerEnd),
];
