import { describe, expect, test } from "vitest";
import { bytesSource, graphBuilder, type OnnxModel, writeModel } from "../../../onnx/index.ts";
import { type BuiltModel, type Files, Networks, type Provider } from "../../../runtime/index.ts";
import { nativeProvider } from "../../../server/providers/native.ts";

const file = { file: "judge.onnx", sha256: "", flags: "" };

/** logits = mean of x over pixels · w, with `scale` in w. */
async function judge(scale: number): Promise<Uint8Array> {
  const op = graphBuilder();
  const x = op.input("picture", "float32", ["N", 3, 4, 4]);
  const mean = op.ReduceMean(x, op.int64([2, 3]), { keepdims: 0 });
  op.output("scores", op.MatMul(mean, op.float([scale, 0, 0, scale, 0, scale], [3, 2])), "float32", ["N", 2]);
  return writeModel(op.model("judge"));
}

/** Files by name; a card is the text beside. */
function files(content: Map<string, Uint8Array>, cards: Map<string, string>): Files {
  return {
    async models(id) {
      const bytes = content.get(id);
      if (!bytes) return [];
      const beside = () => Promise.reject(new Error("nothing is beside it"));
      const sha256 = async () =>
        Buffer.from(await crypto.subtle.digest("SHA-256", content.get(id) as BufferSource)).toString("hex");
      return [{ ...bytesSource(id, bytes), sha256, card: async () => cards.get(id), beside }];
    },
    similar: async () => [],
    instead: async () => undefined,
    howToBring: () => "bring it",
    image: async () => undefined,
    tensor: async () => undefined,
  };
}

async function opened(provider: Partial<Provider> = {}) {
  const content = new Map([["judge.onnx", await judge(1)]]);
  const cards = new Map<string, string>();
  const built: string[] = [];
  const models = new Map<string, BuiltModel>();
  const said: string[] = [];
  const networks = new Networks({
    files: files(content, cards),
    built: {
      builder: "test",
      async get(key, build, check) {
        const model = models.get(key) ?? (await bytesOf(await build()));
        await check?.();
        if (!models.has(key)) built.push(key);
        models.set(key, model);
        return model;
      },
    },
    provider: async () => ({ ...nativeProvider("cpu", { threads: 1 }), ...provider }),
    maxSessionBytes: 1e9,
    say: (line) => said.push(line),
  });
  return { networks, content, cards, built, said };
}

async function bytesOf(model: OnnxModel): Promise<BuiltModel> {
  const bytes = await writeModel(model);
  return { bytes: bytes.length, model: bytes, external: [] };
}

describe("Networks", () => {
  test("a file is read once, and anew when it is another one under the same name", async () => {
    const { networks, content } = await opened();
    const first = await networks.network("classifier", file);
    expect(await networks.network("classifier", file)).toBe(first);
    content.set("judge.onnx", await judge(2));
    const second = await networks.network("classifier", file);
    expect(second).not.toBe(first);
    expect(second.facts.content).not.toBe(first.facts.content);
  });

  test("flags that differ in blanks alone are one network, and another card is another", async () => {
    const { networks, cards } = await opened();
    const flags = (i: number) =>
      `${" ".repeat(i % 7)}--image_size${" ".repeat(1 + (i % 50))}4  --x${"\t".repeat(1 + (i % 20))}picture`;
    const all = new Set<unknown>();
    for (let i = 0; i < 1_000; i++) all.add(await networks.network("classifier", { ...file, flags: flags(i) }));
    expect(all.size).toBe(1);
    const quoted = networks.network("classifier", { ...file, flags: '--x "pic  ture"' });
    await expect(quoted).rejects.toThrow(/pic {2}ture/);
    const before = await networks.network("classifier", file);
    cards.set("judge.onnx", JSON.stringify({ classes: ["a", "b"] }));
    const after = await networks.network("classifier", file);
    expect([before.facts.classNames, after.facts.classNames]).toEqual([undefined, ["a", "b"]]);
    expect(after.facts.content).not.toBe(before.facts.content);
  });

  test("what was replaced while it is built or loaded is not taken for what it was", async () => {
    const { networks, content, built } = await opened();
    const network = await networks.network("classifier", file);
    content.set("judge.onnx", await judge(2));
    await expect(networks.condFn(network)).rejects.toThrow(/"judge.onnx" was replaced by another file/);
    await expect(networks.forward(network)).rejects.toThrow(/"judge.onnx" was replaced by another file/);
    expect(built).toEqual([]);
    await networks.forward(await networks.network("classifier", file));
    await networks.close();
  });

  test("an ONNX file beyond what the format can hold is refused before it is read", async () => {
    const { networks } = await opened();
    const no = () => Promise.reject(new Error("It is not read"));
    const read = (_: number, length: number) => (length > 512 ? no() : Promise.resolve(new Uint8Array(length)));
    const source = { name: "huge.onnx", size: 2 ** 31, read, sha256: no, card: no, beside: no };
    await expect(networks.look({ source, sha256: "" }, { ...file, file: "huge.onnx" })).rejects.toThrow(
      /^Cannot read "huge.onnx": it has 2147483648 bytes, and an ONNX file holds less than 2 GiB/,
    );
  });

  test("a gradient is built once for a file, and runs", async () => {
    const { networks, built } = await opened();
    const network = await networks.network("classifier", file);
    await networks.condFn(network);
    const runner = await networks.condFn(network);
    expect(built).toHaveLength(1);
    expect((await runner()).outputNames).toEqual(["gradient"]);
    expect((await runner()).inputNames).toEqual(["picture", "labels", "scale"]);
    await networks.close();
  });

  test("what fails to load is told with network and provider, in one line", async () => {
    const { networks } = await opened({
      name: "webgpu",
      createSession: () => Promise.reject(new Error("no adapter\n    at somewhere")),
    });
    const network = await networks.network("classifier", file);
    await expect(networks.forward(network)).rejects.toThrow(
      /^Cannot load Classifier "judge.onnx" on webgpu: no adapter$/,
    );
  });

  test("WebGPU is given no file as it is, since its kernels may be wrong for what is in it", async () => {
    for (const [provider, count] of [
      [{}, 0],
      [{ name: "webgpu", flavour: "portable" }, 1],
    ] as const) {
      const { networks, built } = await opened(provider);
      await (await networks.forward(await networks.open("network", { ...file, flags: "--resize none" })))();
      expect(built).toHaveLength(count);
    }
  });

  test("what WebGPU cannot compute is told before a run, with its node, operator and a way out", async () => {
    const { networks, content } = await opened({ name: "webgpu", flavour: "portable" });
    const op = graphBuilder();
    const x = op.input("picture", "float32", ["N", 3, "H", "W"]);
    const small = op.Resize(x, null, op.float([1, 1, 0.5, 0.5]), { mode: "linear", antialias: 1 });
    op.output("scores", op.ReduceMean(small, op.int64([2, 3]), { keepdims: 0 }), "float32", ["N", 3]);
    content.set("judge.onnx", await writeModel(op.model("judge")));
    await expect(networks.forward(await networks.open("network", file))).rejects.toThrow(
      /on webgpu: WebGPU cannot compute node "Resize.0": Resize antialiases .*; run it with --backend cpu$/,
    );
  });

  test("the sha256 that a graph asks for must be the file's", async () => {
    const { networks } = await opened();
    await expect(networks.network("classifier", { ...file, sha256: "ab" })).rejects.toMatchObject({ port: "sha256" });
    await expect(networks.network("classifier", { ...file, file: "no.onnx" })).rejects.toMatchObject({ port: "file" });
  });
});
