/** What another machine shows of a shard that it drew: the last picture of each node, for those who look on. */
import type { PreviewMessage } from "../channel/messages.ts";
import { decodePreview, encodePreview } from "../protocol.ts";
import type { Opened } from "../shards/packed.ts";

/** As previews of the run; there they were of the shard. What is none is left out: no picture of it depends on that. */
export async function previewsIn({ about, parts }: Opened, run: string): Promise<readonly PreviewMessage[]> {
  const first = about.rows.length + about.files.length;
  const all = (about.previews ?? []).map(async ({ of }, i): Promise<PreviewMessage[]> => {
    try {
      const pieces: Uint8Array[] = [];
      for await (const piece of parts[first + i]()) pieces.push(piece);
      const { pictures, ...header } = decodePreview(Buffer.concat(pieces));
      return [{ type: "preview", run, of, frame: encodePreview({ ...header, run }, pictures) }];
    } catch {
      return [];
    }
  });
  return (await Promise.all(all)).flat();
}
