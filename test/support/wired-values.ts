/** What small graphs of nodes come to, planned and run as any graph is; tensors enter them by Load Tensor. */
import { lastValueFrom } from "rxjs";
import type { Tensor } from "../../diffusion/index.ts";
import { plan, run, type World } from "../../executor/index.ts";
import { type DocumentBuilder, documentBuilder, type Wire } from "../../graphs/document/index.ts";
import { nodes } from "../../nodes/index.ts";
import { fakeContext, fakeKnown } from "./fake-context.ts";

export interface Wiring {
  readonly add: DocumentBuilder["add"];
  readonly loop: DocumentBuilder["loop"];
  readonly insert: DocumentBuilder["insert"];
  readonly differentiate: DocumentBuilder["differentiate"];
  /** A tensor, by Load Tensor. */
  tensor(values: Tensor, meaning?: string): Wire;
}

/** The value of the wire that `build` gives, batch after batch. Throws what the planner refuses. */
export async function wiredValues(
  build: (wiring: Wiring) => Wire,
  { batches = 1, models: given = {} }: { readonly batches?: number; readonly models?: Partial<World["models"]> } = {},
): Promise<unknown[]> {
  const b = documentBuilder(nodes);
  const files: Tensor[] = [];
  const wire = build({
    ...{ add: b.add, loop: b.loop, insert: b.insert, differentiate: b.differentiate },
    tensor: (values, meaning = "") =>
      b.add("guidegraph/load-tensor", { file: `${files.push(values) - 1}`, meaning }).out("tensor"),
  });
  const known = {
    ...fakeKnown(),
    tensor: (id: string) => ({ content: id, type: "float32", dims: files[Number(id)].dims }),
  };
  const { models, images } = fakeContext();
  const world: World = {
    ...{ models: { ...models, ...given }, images },
    tensors: { load: async (id) => files[Number(id)] },
    outputs: () => ({ preview() {}, async measure() {}, async png() {}, async npz() {}, async tensor() {} }),
  };
  const seen: unknown[] = [];
  const see = (value: unknown, at: { readonly batch: number }) => {
    seen[at.batch] = value;
    return undefined;
  };
  const path = String(wire.node);
  const planned = plan(b.document(), nodes, known, [path]);
  await lastValueFrom(run(planned, world, { watch: [{ path, output: wire.output, see }], batches }));
  return seen;
}

export const wiredValue = async (...given: Parameters<typeof wiredValues>): Promise<unknown> =>
  (await wiredValues(...given))[0];

/** Row by row, one sample each. */
export const samples = (...rows: readonly (readonly number[])[]): Tensor => ({
  dims: [rows.length, rows[0].length, 1, 1],
  data: Float32Array.from(rows.flat()),
});
