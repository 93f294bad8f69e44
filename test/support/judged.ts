/** Real pictures, read round and round a few at a time, and judged: a run whose batches differ, and take no sampling. */
import { documentBuilder, type GraphDocument } from "../../graphs/document/index.ts";
import { nodes } from "../../nodes/index.ts";

/** `count` pictures a batch; compared with a file of the images folder where one is named. */
export function judgedGraph(count: number, reference?: string): GraphDocument {
  const b = documentBuilder(nodes, { title: "Judged" });
  const real = b.add("guidegraph/low-res", { file: "shapes32_reference.npz", count });
  const images = b.add("guidegraph/decode-image", { x: real.out("low_res") }).out("image");
  const labels = real.out("labels");
  b.add("guidegraph/accuracy", { images, labels });
  if (reference !== undefined) b.add("guidegraph/frechet-distance", { images, reference });
  b.add("guidegraph/save-npz", { images, labels });
  return b.document();
}
