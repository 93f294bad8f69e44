/** How a graph travels: as a file, inside a PNG, in a link, by the clipboard. Whatever comes in is read by graphs/document. */
import { gunzipSync, gzipSync, strFromU8, strToU8 } from "fflate";
import {
  type GraphDocument,
  limits,
  noGraphInPicture,
  type Opened,
  openDocument,
  writeDocument,
} from "../../graphs/document/index.ts";
import { graphKeyword, isPng, keywordsOf, readText } from "../../runtime/codecs/index.ts";

export const fileText = (document: GraphDocument): string => `${JSON.stringify(writeDocument(document), null, 2)}\n`;

export function download(name: string, content: BlobPart, type: string): void {
  const url = URL.createObjectURL(new Blob([content], { type }));
  const link = Object.assign(document.createElement("a"), { href: url, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** A `.json` graph, or a picture that carries one. Throws with the reason when it is neither. */
export async function readFile(file: File): Promise<Opened> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  if (!isPng(bytes)) return openDocument(new TextDecoder().decode(bytes));
  const text = readText(bytes, graphKeyword);
  if (text === undefined) throw new Error(`This picture opens no graph: ${noGraphInPicture(keywordsOf(bytes))}.`);
  return openDocument(text);
}

const prefix = "#graph=";

/** The whole graph in the address, compressed; no server keeps it. */
export function linkTo(document: GraphDocument): string {
  const bytes = gzipSync(strToU8(JSON.stringify(writeDocument(document))), { level: 9 });
  const base64 = btoa(strFromU8(bytes, true)).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
  return `${location.origin}${location.pathname}${prefix}${base64}`;
}

/** The graph in an address, or undefined when it has none. Throws when it has one that cannot be read. */
export function graphInLink(hash: string): Opened | undefined {
  if (!hash.startsWith(prefix)) return undefined;
  const text = atob(hash.slice(prefix.length).replaceAll("-", "+").replaceAll("_", "/"));
  const bytes = Uint8Array.from(text, (char) => char.charCodeAt(0));
  // The last four bytes of a gzip stream say how long it becomes; the output is never made longer than that.
  const length = new DataView(bytes.buffer).getUint32(Math.max(0, bytes.length - 4), true);
  if (length > limits.text)
    throw new RangeError(`The graph in the link has ${length} characters, the limit is ${limits.text}`);
  return openDocument(strFromU8(gunzipSync(bytes, { out: new Uint8Array(length) })));
}
