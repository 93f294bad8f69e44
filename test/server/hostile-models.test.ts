/**
 * ONNX files that somebody damaged, or made to harm: each in a folder of models, in a graph that names it. Whatever it is,
 * whoever submits the graph hears it in a line, the server answers, and other models run.
 */
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { writeDocument } from "../../graphs/document/index.ts";
import { type GraphBuilder, graphBuilder, type OnnxModel, type Value, writeModel } from "../../onnx/index.ts";
import { ModelProtoSchema } from "../../onnx/proto/onnx_pb.ts";
import { tinyGraph } from "../support/bad-input.ts";
import { temporaryFolder } from "../support/cli.ts";
import { generator } from "../support/random.ts";
import { TestServer, tiny } from "../support/server.ts";

const folder = temporaryFolder();
const models = join(folder, "models");
mkdirSync(models);
const secret = "the-secret-of-this-machine".repeat(1_000);

/** A UNet of `out` from x and t. */
function unet(build: (op: GraphBuilder, x: Value, t: Value) => Value): OnnxModel {
  const op = graphBuilder();
  const x = op.input("x", "float32", ["N", 3, 32, 32]);
  op.output("out", build(op, x, op.input("t", "float32", ["N"])), "float32", ["N", 3, 32, 32]);
  return op.model("test");
}
const put = async (name: string, model: OnnxModel | Uint8Array): Promise<string> => {
  writeFileSync(join(models, name), model instanceof Uint8Array ? model : await writeModel(model));
  return name;
};
const sound = (op: GraphBuilder, x: Value, t: Value): Value =>
  op.Add(op.Mul(x, 0.5), op.Mul(op.Reshape(t, op.int64([-1, 1, 1, 1])), op.float(new Array(3).fill(1e-6), [3, 1, 1])));

let server: TestServer;
beforeAll(async () => {
  server = await TestServer.start({ args: ["--models", models] });
});
afterAll(() => server.kill("SIGTERM"));

/** What became of a graph with this file as its UNet: the words of its refusal or failure, or that it succeeded. */
async function told(file: string): Promise<string> {
  const graph = writeDocument(tinyGraph({ unet: { file, flags: "--class_cond False" }, respacing: "2" }));
  const reply = await server.post("/api/runs", { graph });
  const body = (await reply.json()) as { id?: string; errors?: readonly { message: string }[] };
  expect((await server.request("/api/health")).status).toBe(200);
  if (body.id === undefined) {
    expect([422, 503, 409]).toContain(reply.status);
    return (body.errors ?? []).map(({ message }) => message).join("\n");
  }
  const end = (await server.eventsOf(body.id)).at(-1);
  if (end?.type !== "run") throw new Error("The run has no end");
  return end.state === "succeeded" ? "succeeded" : `${end.failure?.code}: ${end.failure?.message}`;
}

/** One line for a person: no folder of this machine, no control characters, nothing of what the file must not reach. */
function expectPlain(words: string): void {
  expect(words).not.toMatch(/node_modules|\.cc:\d|\.js:\d|\bat \S+ \(/);
  expect(words).not.toContain(models);
  expect(words).not.toContain(secret.slice(0, 26));
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are looked for.
  expect(words).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
  expect(words.length).toBeLessThan(3_000);
}

test("a file that is sound, so that what follows is the damage's doing", async () => {
  expect(await told(await put("sound.onnx", unet(sound)))).toBe("succeeded");
});

test("every tenth truncation of a small file, and a hundred flipped bits, are refused in a line or run", async () => {
  const bytes = await writeModel(unet(sound));
  const seed = Date.now() % 2 ** 31;
  const random = generator(seed);
  const damaged: Uint8Array[] = [];
  for (let length = 0; length < bytes.length; length += Math.ceil(bytes.length / 10))
    damaged.push(bytes.subarray(0, length));
  for (let i = 0; i < 100; i++) {
    const flipped = Uint8Array.from(bytes);
    flipped[Math.floor(random() * bytes.length)] ^= 1 << Math.floor(random() * 8);
    damaged.push(flipped);
  }
  // Looked at by the list, all of them; run, a few.
  await Promise.all(damaged.map((one, i) => put(`damaged-${i}.onnx`, one)));
  const listed = await server.json<readonly { file: string; problem?: string }[]>("/api/models");
  for (const { problem = "" } of listed) expectPlain(problem);
  for (let i = 0; i < damaged.length; i += 11) {
    const words = await told(`damaged-${i}.onnx`);
    expect(words, `seed ${seed}`).not.toBe("");
    expectPlain(words);
  }
}, 240_000);

describe("weights outside the file reach nothing:", () => {
  /** A weight that lies in another file, where the model says. */
  const reaching = async (location: string, offset?: string): Promise<Uint8Array> => {
    const model = unet((op, x, t) => op.Add(sound(op, x, t), op.float(new Array(3072).fill(0), [3, 32, 32])));
    const external = { location, write: async () => {} };
    const proto = fromBinary(ModelProtoSchema, await writeModel(model, { inlineLimitBytes: 0, external }));
    for (const { externalData } of proto.graph?.initializer ?? [])
      for (const entry of externalData) if (entry.key === "offset" && offset !== undefined) entry.value = offset;
    return toBinary(ModelProtoSchema, proto);
  };
  writeFileSync(join(folder, "outside.bin"), secret);
  writeFileSync(join(models, "beside.bin"), secret);
  symlinkSync(join(folder, "outside.bin"), join(models, "link.bin"));
  const cases: Readonly<Record<string, readonly [location: string, offset?: string]>> = {
    "a way out": ["../outside.bin"],
    "a way out, of Windows": ["..\\outside.bin"],
    "an absolute path": [join(folder, "outside.bin")],
    "a link": ["link.bin"],
    "an address in memory": ["*/_ORT_MEM_ADDR_/*"],
    "a file that is not there": ["nothing.bin"],
    "a negative offset": ["beside.bin", "-8"],
    "an offset beyond the file": ["beside.bin", "9007199254740992"],
  };
  test.each(Object.entries(cases))("%s", async (title, [location, offset]) => {
    const name = `${title.replaceAll(/\W/g, "-")}.onnx`;
    const words = await told(await put(name, await reaching(location, offset)));
    expect(words).not.toBe("succeeded");
    expectPlain(words);
  });
});

describe("what asks for more than there is", () => {
  const cases: Readonly<Record<string, (op: GraphBuilder, x: Value, t: Value) => Value>> = {
    "16 TiB of ones": (op, x, t) =>
      op.Add(sound(op, x, t), op.ReduceMean(op.ConstantOfShape(op.int64([2 ** 22, 2 ** 20])), null, { keepdims: 0 })),
    "a shape that overflows": (op, x, t) =>
      op.Add(sound(op, x, t), op.ReduceMean(op.ConstantOfShape(op.int64([2 ** 40, 2 ** 40])), null, { keepdims: 0 })),
    "a negative shape": (op, x, t) =>
      op.Add(sound(op, x, t), op.ReduceMean(op.ConstantOfShape(op.int64([-4, 3])), null, { keepdims: 0 })),
  };
  test.each(Object.keys(cases))("%s is refused or fails its run in a line", async (title) => {
    const words = await told(await put(`${title.replaceAll(" ", "-")}.onnx`, unet(cases[title])));
    expect(words).not.toBe("succeeded");
    expectPlain(words);
  });
});

describe("what is no such network is told before a step, with what was expected", () => {
  const shaped = (channels: number, size: number) => {
    const op = graphBuilder();
    const x = op.input("x", "float32", ["N", channels, size, size]);
    op.input("t", "float32", ["N"]);
    op.output("out", op.Mul(x, 0.5), "float32", ["N", channels, size, size]);
    return op.model("test");
  };
  test.each([
    ["another number of channels", () => shaped(5, 32)],
    ["another size than the classifier's", () => shaped(3, 48)],
    [
      "an input that no graph supplies",
      () => {
        const op = graphBuilder();
        const x = op.input("x", "float32", ["N", 3, 32, 32]);
        op.input("t", "float32", ["N"]);
        const more = op.input("more", "float32", ["N", 3, 32, 32]);
        op.output("out", op.Add(x, more), "float32", ["N", 3, 32, 32]);
        return op.model("test");
      },
    ],
  ] as const)("%s", async (title, model) => {
    const words = await told(await put(`${title.replaceAll(/\W/g, "-")}.onnx`, model()));
    expect(words).not.toBe("succeeded");
    expect(words).not.toMatch(/^(WORKER_CRASHED|PROTOCOL)/);
    expectPlain(words);
  });
});

test("branches within branches are read or refused, and the server stands", async () => {
  const nested = (depth: number): OnnxModel => {
    const within = (left: number, prefix: string) => {
      const body = graphBuilder(prefix);
      const value: Value =
        left === 0
          ? body.float([0], [1])
          : body.If(body.Less(body.float([left], []), 1e6), {
              then_branch: within(left - 1, `${prefix}t`),
              else_branch: within(0, `${prefix}e`),
            });
      body.output(`${prefix}out`, value, "float32", [1]);
      return body.graph(prefix);
    };
    return unet((op, x, t) =>
      op.Add(
        sound(op, x, t),
        op.If(op.Less(op.ReduceMin(op.Abs(x), { keepdims: 0 }), 1e30), {
          then_branch: within(depth, "b/"),
          else_branch: within(0, "c/"),
        }),
      ),
    );
  };
  for (const depth of [20, 400]) {
    const words = await told(await put(`nested-${depth}.onnx`, nested(depth)));
    expectPlain(words);
    if (depth === 20) expect(words).toBe("succeeded");
  }
  expect((await server.eventsOf(await server.submit(tiny))).at(-1)).toMatchObject({ state: "succeeded" });
});

test("nothing of the secret came out, and nobody's process was held for it but by name", async () => {
  expect(server.log.join("\n")).not.toContain(secret.slice(0, 26));
  expect(readFileSync(join(folder, "outside.bin"), "utf8")).toBe(secret);
});
