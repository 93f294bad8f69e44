/**
 * Whatever strangers send is read or refused in a moment and in little memory: inputs are generated, time and memory judge.
 * The seed is printed; `BOUNDS_SEED=… npx vitest run test/bounds.test.ts` repeats it.
 */
import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { GraphErrors, plan } from "../executor/index.ts";
import { DocumentError, readDocument } from "../graphs/document/index.ts";
import { nodes } from "../nodes/index.ts";
import {
  CheckpointError,
  parseCard,
  parseModelFlags,
  recognise,
  type StateDict,
  shapesOf,
  structureFromFlags,
} from "../onnx/index.ts";
import { concat } from "../runtime/codecs/inflate.ts";
import { writeZip } from "../runtime/codecs/write-zip.ts";
import { type Bound, bounded } from "./support/bounded.ts";
import { fakeKnown } from "./support/fake-context.ts";
import { arraysIn } from "./support/npz.ts";

/** Ten times what the worst of them takes on a quiet machine: what is beyond has no bound. */
const bound: Bound = { ms: 5_000, bytes: 2 ** 27 };
const seed = Number(process.env.BOUNDS_SEED ?? Math.floor(Math.random() * 2 ** 31));
beforeAll(() => console.info(`BOUNDS_SEED=${seed}`));

/** Of each input it is read, or refused by an error that tells of it; never slow, never large. */
async function expectBounded<T>(
  inputs: fc.Arbitrary<T>,
  read: (input: T) => unknown,
  errors: readonly (abstract new (...given: never[]) => Error)[],
  numRuns: number,
): Promise<void> {
  const attempt = async (input: T) => {
    try {
      await read(input);
    } catch (error) {
      if (!errors.some((kind) => error instanceof kind)) throw error;
      expect((error as Error).message.length).toBeLessThan(4_000);
    }
  };
  // Endless work on this thread nothing could interrupt, so that it is the runner's to end; what comes back is judged here.
  const property = fc.asyncProperty(inputs, (input) => bounded(bound, () => attempt(input)));
  await fc.assert(property, { numRuns, seed, interruptAfterTimeLimit: 5_000, markInterruptAsFailure: false });
}

const huge = fc.oneof(
  fc.constantFrom(0, 1, 2, 63, 64, 1_000, 65_536, 2 ** 31 - 1, 2 ** 31, 2 ** 32, 2 ** 53 - 1, 1e18, -1, 0.5),
  fc.nat(10_000),
);

test("flags, of a command line and of a card", async () => {
  const names = ["num_channels", "num_res_blocks", "num_heads", "num_head_channels", "image_size", "diffusion_steps"];
  const lists = [
    "channel_mult",
    "attention_resolutions",
    "classifier_attention_resolutions",
    "classifier_channel_mult",
  ];
  const value = fc.oneof(
    huge.map(String),
    fc.string({ maxLength: 20 }),
    fc.constant("9".repeat(400)),
    fc.constant("True"),
  );
  const list = fc.array(huge, { maxLength: 2_000 }).map(String);
  const flag = fc.oneof(
    fc.tuple(fc.constantFrom(...names), value),
    fc.tuple(fc.constantFrom(...lists), fc.oneof(list, value)),
  );
  const flags = fc.tuple(fc.constantFrom("unet" as const, "classifier" as const), fc.array(flag, { maxLength: 30 }));
  await expectBounded(
    flags,
    ([role, all]) => {
      const text = all.map(([name, given]) => `--${name} "${given.replaceAll('"', "")}"`).join(" ");
      const parsed = parseModelFlags(text);
      parseCard(JSON.stringify(Object.fromEntries(all)));
      shapesOf(structureFromFlags(role, parsed));
    },
    [SyntaxError, RangeError, TypeError],
    300,
  );
});

test("keys of a state dict", async () => {
  const stem: readonly (readonly [string, readonly number[]])[] = [
    ["time_embed.0.weight", [128, 32]],
    ["input_blocks.0.0.weight", [32, 3, 3, 3]],
    ["out.2.weight", [6, 32, 3, 3]],
  ];
  const part = fc.constantFrom("in_layers", "out_layers", "emb_layers", "qkv", "proj_out", "skip_connection", "op", "");
  const key = fc
    .tuple(
      fc.constantFrom("input_blocks", "output_blocks", "middle_block", "out", "a.".repeat(5_000)),
      huge,
      huge,
      part,
      huge,
    )
    .map(([block, i, j, layer, k]) => `${block}.${i}.${j}.${layer}.${k}.weight`);
  const dims = fc.array(fc.oneof(huge, fc.constantFrom(32, 64, 3)), { maxLength: 5 });
  /** The same block counted on and on: what is claimed by many keys is not to be searched for by each. */
  const many = fc
    .tuple(
      fc.constantFrom("input_blocks", "output_blocks"),
      fc.integer({ min: 1, max: 3_000 }),
      fc.integer({ min: 1, max: 7 }),
    )
    .map(([block, count, every]) =>
      Array.from({ length: count }, (_, i) => [`${block}.${i * every}.0.out_layers.3.weight`, [32, 32, 3, 3]] as const),
    );
  const keys = fc.oneof(fc.array(fc.tuple(key, dims), { maxLength: 200 }), many);
  const read = () => Promise.reject(new Error("a weight was read"));
  await expectBounded(
    keys,
    (given) => {
      const state: StateDict = new Map(
        [...stem, ...given].map(([name, its]) => [name, { type: "float32", dims: its, read, readFloat32: read }]),
      );
      recognise(state, undefined, parseModelFlags("--num_heads 4 --image_size 32"));
    },
    [CheckpointError, RangeError],
    200,
  );
});

test("headers of arrays in an NPZ", async () => {
  const descr = fc.constantFrom("|u1", "<f4", ">f8", "<i8", "|O", "<U9999999999", "|V8", "", "<f4'", "<c16");
  const shape = fc.oneof(
    fc.array(huge, { maxLength: 6 }).map((all) => `(${all.join(", ")},)`),
    fc.constantFrom("()", "(", "1", `(${"1,".repeat(20_000)})`, "(0x10,)", "(1e9,)", "(-1,)"),
  );
  const header = fc
    .tuple(descr, shape, fc.boolean(), fc.constantFrom("", " ".repeat(30_000), "\0", "}"))
    .map(
      ([type, dims, fortran, rest]) =>
        `{'descr': '${type}', 'fortran_order': ${fortran ? "True" : "False"}, 'shape': ${dims}, }${rest}\n`,
    );
  const file = fc.tuple(header, fc.nat(64), fc.constantFrom(1, 2, 3, 9), fc.option(fc.nat(70_000)));
  await expectBounded(
    file,
    ([text, bytes, version, claimed]) => {
      const head = new TextEncoder().encode(text);
      const length = claimed ?? head.length;
      const size =
        version === 1 ? [length & 0xff, (length >> 8) & 0xff] : [length & 0xff, (length >> 8) & 0xff, length >> 16, 0];
      const npy = concat([Uint8Array.of(0x93, 78, 85, 77, 80, 89, version, 0, ...size), head, new Uint8Array(bytes)]);
      return arraysIn(concat(writeZip([{ name: "arr_0.npy", chunks: [npy] }])));
    },
    [SyntaxError, RangeError],
    300,
  );
});

test("shapes of documents", async () => {
  const slot = (name: string, link: number | null) => ({ name, type: "tensor", link });
  /** A chain or a ring of nodes, at the limit of how many there may be, with links that go on, back, or everywhere. */
  const chain = fc
    .record({
      type: fc.constantFrom(
        "guidegraph/reroute",
        "guidegraph/scale",
        "guidegraph/add",
        "guidegraph/loop",
        "guidegraph/subgraph",
        "x",
      ),
      count: fc.constantFrom(1, 2, 50, 1_990, 2_000, 2_001),
      step: fc.integer({ min: -3, max: 3 }),
      mode: fc.constantFrom(0, 2, 4, 7),
      last: fc.constantFrom("guidegraph/save-png", "guidegraph/preview", "guidegraph/grid"),
    })
    .map(({ type, count, step, mode, last }) => {
      const ids = Array.from({ length: count }, (_, i) => i + 1);
      const from = (id: number) => ((((id - 1 - step) % count) + count) % count) + 1;
      return {
        version: 0.4,
        nodes: [
          ...ids.map((id) => ({
            id,
            type,
            mode,
            pos: [0, 0],
            inputs: [slot("tensor", id)],
            outputs: [{ name: "tensor", type: "tensor", links: [id] }],
            properties: {},
          })),
          { id: count + 1, type: last, pos: [0, 0], inputs: [slot("images", count + 1)], outputs: [], properties: {} },
        ],
        links: [...ids.map((id) => [id, from(id), 0, id, 0, "tensor"]), [count + 1, count, 0, count + 1, 0, "tensor"]],
      };
    });
  const nested = fc
    .tuple(fc.constantFrom(1, 5, 31, 32, 33, 500), fc.constantFrom("guidegraph/subgraph", "guidegraph/loop"))
    .map(([depth, type]) => {
      let graph: object = { version: 0.4, nodes: [], links: [] };
      for (let i = 0; i < depth; i++)
        graph = {
          version: 0.4,
          nodes: [{ id: 1, type, pos: [0, 0], inputs: [], outputs: [], properties: {}, subgraph: graph }],
          links: [],
        };
      return graph;
    });
  const odd = fc.oneof(
    fc.jsonValue({ maxDepth: 8 }),
    fc.constant({ nodes: Array(100_000).fill(0) }),
    fc.constant({ nodes: [], links: Array(50_000).fill([1, 1, 0, 1, 0]) }),
  );
  await expectBounded(
    fc.oneof(chain, nested, odd),
    (document) => plan(readDocument(JSON.stringify(document)), nodes, fakeKnown()),
    [DocumentError, GraphErrors],
    60,
  );
});
