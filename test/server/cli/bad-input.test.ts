/** What is wrong is told in clear lines, with exit status 1 (2 for the command line itself), and nothing half-written. */
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { documentBuilder } from "../../../graphs/document/index.ts";
import { nodes } from "../../../nodes/index.ts";
import type { GraphBuilder, Value } from "../../../onnx/index.ts";
import { npyHeader } from "../../../runtime/codecs/npy.ts";
import { bundledModels } from "../../../server/files/package-root.ts";
import {
  bundled,
  graphFile,
  hostilePickle,
  onnxFile,
  type Serialised,
  serialised,
  tinyGraph,
} from "../../support/bad-input.ts";
import { guidegraph, temporaryFolder } from "../../support/cli.ts";

const folder = temporaryFolder();
const models = join(folder, "models");
mkdirSync(models);
const out = join(folder, "out");
const wrong = (name: string) => join(models, name);

/** Runs a graph that cannot run: no stack, nothing written, and the lines of stderr. */
async function refused(graph: Parameters<typeof graphFile>[1], ...more: string[]): Promise<readonly string[]> {
  const file = graphFile(folder, graph);
  const {
    code,
    err,
    out: printed,
  } = await guidegraph(["run", file, "--models", models, "--backend", "cpu", "--out", out, ...more]);
  expect({ code, printed }).toEqual({ code: 1, printed: [] });
  expect(err.filter((line) => /^\s+at /.test(line))).toEqual([]);
  expect(existsSync(out) ? readdirSync(out) : []).toEqual([]);
  return err;
}

describe("checkpoints", () => {
  const file = bundled("shapes32_diffusion.pt");
  writeFileSync(wrong("truncated.pt"), file.subarray(0, file.length / 2));
  writeFileSync(wrong("empty.pt"), "");
  writeFileSync(wrong("text.pt"), "these are no weights");
  const marker = join(folder, "executed");
  writeFileSync(wrong("hostile.pt"), hostilePickle(marker));

  test.each(["truncated.pt", "empty.pt", "text.pt"])("%s is refused in one line with its name", async (name) => {
    const err = await refused(tinyGraph({ unet: { file: name } }));
    expect(err).toHaveLength(1);
    expect(err[0]).toMatch(new RegExp(`^"Load UNet" \\(1\\), file: Cannot read.*"${name}"`));
  });

  test("a global outside the table is printed, and nothing is executed", async () => {
    const err = await refused(tinyGraph({ unet: { file: "hostile.pt" } }));
    expect(err).toHaveLength(1);
    expect(err[0]).toMatch(/posix.system/);
    expect(existsSync(marker)).toBe(false);
  });

  test("flags that do not fit are listed with what does", async () => {
    const err = await refused(tinyGraph({ unet: { file: "shapes32_diffusion.pt", flags: "--num_channels 64" } }));
    expect(err[0]).toMatch(/--num_channels 64 \(its tensors say 32\)/);
    const unknown = await refused(tinyGraph({ unet: { file: "shapes32_diffusion.pt", flags: "--num_chanels 64" } }));
    expect(unknown).toHaveLength(1);
    expect(unknown[0]).toMatch(/--num_chanels/);
  });

  test("heads that nothing tells are asked for", async () => {
    writeFileSync(wrong("bare.pt"), file);
    const err = await refused(tinyGraph({ unet: { file: "bare.pt", flags: "--image_size 32" } }));
    expect(err).toHaveLength(1);
    expect(err[0]).toMatch(/--num_heads or --num_head_channels/);
  });

  test("a missing file is named with its sha256, and one that is near offered", async () => {
    const sha256 = "0".repeat(64);
    const [line, ...more] = await refused(tinyGraph({ unet: { file: "shapes32_difusion.pt", sha256 } }));
    expect(more).toEqual([]);
    expect(line).toMatch(
      /"shapes32_difusion.pt" \(sha256 0{64}\) is in no models folder; did you mean "shapes32_diffusion.pt"/,
    );
  });

  test("a different file is named with both hashes", async () => {
    const sha256 = "0".repeat(64);
    const [line] = await refused(tinyGraph({ unet: { file: "shapes32_diffusion.pt", sha256 } }));
    expect(line).toMatch(/"Load UNet" \(1\), sha256: .*"shapes32_diffusion.pt".*21cf2c438dcd.*expected 0{64}/);
  });

  test("a path is no file id", async () => {
    for (const id of ["../models/shapes32_diffusion.pt", wrong("bare.pt"), "models\\bare.pt"])
      expect((await refused(tinyGraph({ unet: { file: id } })))[0]).toContain(
        "is a path: a graph names a file by where it is below a models folder",
      );
  });
});

describe("ONNX files", () => {
  const withoutRule = (path: string) =>
    onnxFile(path, "classifier", (op, x) =>
      op.MatMul(
        op.Reshape(
          op.within("head", () => op.node("Mystery", [x], {}, 1, "com.example")[0]),
          op.int64([-1, 3072]),
        ),
        op.float(new Array(30720).fill(0.1), [3072, 10]),
      ),
    );

  test("an operator without a gradient rule is named with its node", async () => {
    await withoutRule(wrong("mystery.onnx"));
    const err = await refused(tinyGraph({ classifier: { file: "mystery.onnx" } }));
    expect(err).toHaveLength(1);
    expect(err[0]).toMatch(
      /^"Build cond_fn" \(6\), classifier: Cannot guide by this classifier.*: Cannot differentiate Mystery in node "head\/Mystery.0"/,
    );
    const target = join(folder, "grad.onnx");
    const grad = await guidegraph(["grad", wrong("mystery.onnx"), "-o", target, "--of", "logits", "--wrt", "x"]);
    expect(grad).toMatchObject({ code: 1, out: [] });
    expect(grad.err).toEqual([expect.stringMatching(/Cannot differentiate Mystery in node "head\/Mystery.0"/)]);
    expect(existsSync(target)).toBe(false);
  });

  const bad: Record<string, (op: GraphBuilder, x: Value) => Value> = {
    // 0·x − 1 is −1 everywhere.
    NaN: (op, x) => op.Log(op.Sub(op.Mul(x, 0), 1)),
    // ε = ∞ gives x₀ = −∞, which the clip would turn into a plain black picture.
    infinite: (op, x) => op.Div(op.Add(op.Mul(x, 0), 1), 0),
  };

  test.each(Object.keys(bad))("%s in a UNet's output stops the run at its node", async (found) => {
    await onnxFile(wrong(`${found}.onnx`), "unet", bad[found]);
    const err = await refused(tinyGraph({ unet: { file: `${found}.onnx` } }));
    expect(err).toHaveLength(1);
    const [line] = err;
    expect(line).toMatch(
      new RegExp(`^"Predict" \\(7/\\d+\\): Output of UNet "${found}.onnx" at step 1 of 4 \\(t \\d+\\) holds `),
    );
    expect(line).toContain(`holds 3072 ${found} of 3072 values`);
  });

  test("NaN in a classifier's gradient stops the run at its node", async () => {
    const weights = (op: GraphBuilder) => op.float(new Array(30).fill(0.1), [3, 10]);
    await onnxFile(wrong("sqrt.onnx"), "classifier", (op, x) =>
      op.MatMul(op.Sqrt(op.Sub(op.ReduceMean(x, op.int64([2, 3]), { keepdims: 0 }), 100)), weights(op)),
    );
    const [line] = await refused(tinyGraph({ classifier: { file: "sqrt.onnx" } }));
    expect(line).toMatch(
      /^"Guidance Gradient" \(7\/\d+\): Output of the gradient of Classifier "sqrt.onnx" at step 1 of 4/,
    );
  });

  test("what cannot be parsed is refused in one line", async () => {
    writeFileSync(
      wrong("random.onnx"),
      Uint8Array.from({ length: 4096 }, (_, i) => (i * 97) % 256),
    );
    writeFileSync(wrong("empty.onnx"), "");
    for (const name of ["random.onnx", "empty.onnx"]) {
      const err = await refused(tinyGraph({ unet: { file: name } }));
      expect(err).toHaveLength(1);
      expect(err[0]).toContain(`Cannot read "${name}"`);
    }
  });
});

describe("arrays", () => {
  writeFileSync(join(models, "cut.npy"), new Uint8Array([...npyHeader("float32", [1, 3, 8, 8]), 0, 0]));
  writeFileSync(join(models, "nan.npy"), new Uint8Array([...npyHeader("float32", [1]), 0, 0, 0xc0, 0x7f]));
  writeFileSync(join(models, "flat.npy"), new Uint8Array([...npyHeader("uint8", [2, 3]), 1, 2, 3, 4, 5, 6]));

  test.each([
    ["cut.npy", /file: Cannot read array file "cut.npy": shape 1×3×8×8 needs 768 bytes, there are 2$/],
    ["nan.npy", /file: Cannot read array file "nan.npy": 1 of its 1 values are NaN, infinite/],
    ["flat.npy", /layout: Cannot take an array of 2×3 as NCHW: choose the layout HW or NC$/],
    ["absent.npy", /file: Array file "absent.npy" is in no pictures folder/],
  ])("%s is refused in one line, before anything is written", async (file, message) => {
    const b = documentBuilder(nodes);
    const tensor = b.add("guidegraph/load-tensor", { file }).out("tensor");
    b.add("guidegraph/save-tensor", { tensor });
    const err = await refused(serialised(b.document()));
    expect(err).toEqual([expect.stringMatching(message)]);
  });
});

describe("graphs", () => {
  const graph = () => serialised(tinyGraph());
  const node = (of: Serialised, title: string) => of.nodes.find((one) => (one.title ?? one.type) === title)!;

  test("a cycle is refused with its nodes", async () => {
    const b = documentBuilder(nodes);
    const x = b.add("guidegraph/gaussian-noise", { height: 8 }).out("x_T");
    const first = b.add("guidegraph/add", { a: x, b: x }, "First");
    const second = b.add("guidegraph/scale", { tensor: first.out("tensor") }, "Second");
    b.add("guidegraph/preview", { images: b.add("guidegraph/decode-image", { x: second.out("tensor") }).out("image") });
    const cyclic = serialised(b.document());
    const back = cyclic.links.find(([, from, , to]) => from === 1 && to === first.id)!;
    const origin = node(cyclic, "Second").outputs![0];
    const [noise] = node(cyclic, "guidegraph/gaussian-noise")?.outputs ?? cyclic.nodes[0].outputs!;
    noise.links = noise.links!.filter((id) => id !== back[0]);
    origin.links = [...(origin.links ?? []), back[0]];
    [back[1], back[2]] = [second.id, 0];
    const err = await refused(cyclic);
    expect(err.join("\n")).toMatch(/cycle/i);
    expect(err.join("\n")).toMatch(/First/);
    expect(err.join("\n")).toMatch(/Second/);
  });

  test("a missing link is refused with node and port", async () => {
    const broken = graph();
    const save = broken.nodes.find(({ type }) => type === "guidegraph/save-png")!;
    const [input] = save.inputs!;
    broken.links = broken.links.filter(([id]) => id !== input.link);
    for (const { outputs } of broken.nodes)
      for (const output of outputs ?? []) output.links = output.links?.filter((id) => id !== input.link) ?? null;
    input.link = null;
    expect(await refused(broken)).toEqual([expect.stringContaining(`"Save PNG" (${save.id}), images: `)]);
  });

  test("a wire of the wrong kind is refused with node and port", async () => {
    const broken = graph();
    const labels = broken.nodes.find(({ type }) => type === "guidegraph/class-labels")!;
    const save = broken.nodes.find(({ type }) => type === "guidegraph/save-png")!;
    const link = broken.links.find(([id]) => id === save.inputs![0].link)!;
    const before = broken.nodes.find(({ id }) => id === link[1])!.outputs![link[2]];
    before.links = before.links!.filter((id) => id !== link[0]);
    labels.outputs![0].links = [...(labels.outputs![0].links ?? []), link[0]];
    [link[1], link[2]] = [labels.id, 0];
    const err = await refused(broken);
    expect(err).toHaveLength(1);
    expect(err[0]).toMatch(new RegExp(`^"Save PNG" \\(${save.id}\\), images: .*labels`));
  });

  test("an unknown node is named", async () => {
    const broken = graph();
    broken.nodes.find(({ type }) => type === "guidegraph/save-png")!.type = "guidegraph/save-gif";
    const err = await refused(broken);
    expect(err.join("\n")).toMatch(/node \d+.*guidegraph\/save-gif/);
  });

  test.each([
    ["a label out of range", tinyGraph({ classes: "10" }), /classes: .*10/],
    ["a label that is none", tinyGraph({ classes: "3,star!" }), /classes: .*"star!"/],
    [
      "a respacing that cannot be made",
      tinyGraph({ respacing: "ddim37" }),
      /timestep_respacing: Cannot take ddim37 of 1000 steps/,
    ],
  ])("%s is refused before anything runs", async (_, document, message) => {
    const err = await refused(document);
    expect(err.join("\n")).toMatch(message);
  });

  test("check lists every problem, and run the same", async () => {
    const broken = tinyGraph({
      unet: { file: "nowhere.pt" },
      classifier: { file: "" },
      classes: "x",
    });
    const file = graphFile(folder, broken, "many.json");
    const checked = await guidegraph(["check", file, "--models", models]);
    expect(checked).toMatchObject({ code: 1, out: [] });
    expect(checked.err.map((line) => line.split(":")[0])).toEqual([
      '"Load UNet" (1), file',
      '"Load Classifier" (2), file',
      '"Wanted shape" (4), classes',
    ]);
    expect(await refused(broken)).toEqual(checked.err);
  });

  test("check of a sound graph says so", async () => {
    const result = await guidegraph(["check", graphFile(folder, tinyGraph(), "sound.json")]);
    expect(result).toMatchObject({ code: 0, err: [] });
    expect(result.out[0]).toMatch(/sound.json: no problems/);
    expect(result.out[1]).toMatch(/^It calls nodes \d+ times and holds [\d.]+ \w+ of values/);
  });

  test("what is more than can be saved is refused before the run, by check and run alike", async () => {
    const reason = /It would save 100002 files; a run saves at most 100000: use Save NPZ, or fewer batches/;
    for (const command of ["check", "run"]) {
      const few = ["--set", "Wanted shape.classes=3", "--batches", "100001"];
      const { code, err } = await guidegraph([
        command,
        "guided-ddim",
        ...few,
        ...(command === "run" ? ["--out", out] : []),
      ]);
      expect([code, err.join("\n")]).toEqual([1, expect.stringMatching(reason)]);
    }
    expect(existsSync(out) ? readdirSync(out) : []).toEqual([]);
  });

  test.each([
    ["no JSON", "{", /is no graph: its JSON breaks off at its end: was the whole file copied\?$/],
    ["empty", "", /it is empty$/],
    ["damaged", '{\n "nodes": [1,, 2]}', /is no graph: its JSON is damaged (in line 2, column 14|near .*\[1,, 2\].*)$/],
    ["of bytes", "\x01\x02\xff", /is no graph: it is not text$/],
    ["in UTF-16", "\xff\xfe{\0", /it is text in UTF-16: save it as UTF-8$/],
    ["a checkpoint", "PK\x03\x04", /it is a zip archive, as checkpoints are, not a graph$/],
    ["no document", "[1]", /Cannot read the graph: it is a list, and a graph is an object/],
    ["two lines of text", "hello\nyou\n", /^\S+ is no graph: it is text that begins "hello", and no JSON$/],
    ["an array", "\x93NUMPY\x01", /Cannot read \S+: it is an array of NumPy's \(.npy\), not a graph$/],
    ["another picture", "GIF89a", /Cannot read \S+: it is a picture \(GIF\), not a graph$/],
    ["a web page", "<!DOCTYPE html>", /Cannot read \S+: it is a web page: was it saved instead of the file\?$/],
    ["a number", "7", /Cannot read the graph: it is a number, and a graph is an object/],
    ["ten thousand levels", "[".repeat(10_000) + "]".repeat(10_000), /deep|depth|level/i],
  ])("a file that is %s is refused in a line", async (_, text, message) => {
    const file = join(folder, "bad.json");
    writeFileSync(file, text, "latin1");
    const { code, err } = await guidegraph(["run", file, "--out", out]);
    expect([code, err]).toEqual([1, [expect.stringMatching(message)]]);
  });

  test("--set names what is unknown or ambiguous", async () => {
    const file = graphFile(folder, tinyGraph());
    const set = async (setting: string) => (await guidegraph(["check", file, "--set", setting])).err.join("\n");
    expect(await set("Wanted shape.clases=3")).toMatch(/classes/);
    expect(await set("Wanted shap.classes=3")).toMatch(/Wanted shape/);
    expect(await set("Noise.seed=1.5")).toMatch(/seed/);
    expect(await set("Noise")).toMatch(/--set takes "Node title.parameter=value"/);
  });
});

describe("files of another kind", () => {
  const contents = {
    text: ["these are no numbers", /\bno\b|\bnot\b|neither/i],
    JSON: ['{ "image_size": 64 }', /it is JSON/],
    empty: ["", /it is empty/],
    picture: ["\x89PNG\r\n\x1a\n", /it is a picture \(PNG\)/],
    page: ["<!DOCTYPE html>", /it is a web page/],
  } as const;
  const target = join(folder, "written");
  const real = join(bundledModels, "shapes32_reference.npz");
  const readers: Record<string, (file: string) => readonly string[]> = {
    run: (file) => ["run", file, "--out", target],
    evaluate: (file) => ["evaluate", file],
    "evaluate by a network": (file) => ["evaluate", real, "--features", file],
    gather: (file) => ["gather", file, "-o", join(target, "all.npz")],
    convert: (file) => ["convert", file, "-o", join(target, "a.onnx")],
    grad: (file) => ["grad", file, "-o", join(target, "a.onnx")],
    inspect: (file) => ["models", "inspect", file],
    restore: (file) => ["restore", file, "--data", target],
  };

  describe.each(Object.keys(contents) as (keyof typeof contents)[])("%s", (kind) => {
    const [text, said] = contents[kind];
    const file = join(folder, `${kind}.npz`);
    writeFileSync(file, text, "latin1");

    test.each(Object.keys(readers))("%s says what it is in a line, and writes nothing", async (reader) => {
      const { code, err } = await guidegraph(readers[reader](file));
      expect([code, err]).toEqual([1, [expect.stringMatching(said)]]);
      expect(err[0]).toContain(`${kind}.npz`);
      // What a library says of bytes tells nobody what to do.
      expect(err[0]).not.toMatch(/directory is missing|wire type|TAR_|[A-Z]{5,}:/);
      expect(existsSync(target)).toBe(false);
    });
  });
});

describe("the command line", () => {
  test.each([
    [["sample"], "sample needs --model_path"],
    [["sample", "--model_path", "/nowhere/x.pt"], "There is no file /nowhere/x.pt (--model_path)"],
    [["sample", "--model_pat", "x"], "Unknown flag --model_pat; did you mean --model_path?"],
    [["run"], "run takes one graph file or example, got 0: guidegraph run guided-ddim; run --help lists them"],
    [["run", "/tmp"], "/tmp is a folder: name the graph in it"],
    [["run", "/nowhere.json"], "There is no graph file /nowhere.json"],
    [["run", "a", "--models", "/nowhere"], "There is no graph file a"],
    [["convert", "x.pt"], "convert needs -o FILE.onnx"],
    [["export", "guided-ddim"], "export needs -o DIR"],
    [["export", "a", "-o", "/nowhere"], "There is no graph file a"],
    [["run", "a", "--threads", "-1"], "--threads takes 0 or more, not -1"],
    [["run", "a", "--batches", "0"], "--batches takes 1 or more, not 0"],
    [["sample", "--threads", "-1"], "--threads takes 0 or more, not -1"],
    [["serve", "--threads", "-1"], "--threads takes 0 or more, not -1"],
    [
      [
        "sample",
        "--model_path",
        join(bundledModels, "shapes32_diffusion.pt"),
        "--base_samples",
        join(bundledModels, "shapes32_reference.npz"),
      ],
      "The network enlarges no pictures: leave --base_samples out; or, where it was trained to, give --large_size and --small_size",
    ],
    [["--verison"], "Unknown flag --verison before a command; did you mean --version?"],
    [["--hepl"], "Unknown flag --hepl before a command; did you mean --help?"],
    [["verison"], 'Unknown command "verison"; did you mean version?'],
    [
      ["--models", "a"],
      expect.stringMatching(/^Unknown flag --models before a command; a command stands first: run, /),
    ],
    [["run", "a", "--range", "0..1000000000"], '--range takes samples up to 999999999, not "0..1000000000"'],
    [["run", "guided-ddim", "--nodes", "/nowhere.mjs"], "There is no file /nowhere.mjs (--nodes)"],
    [["evaluate", "/nowhere.npz"], "There is no file /nowhere.npz"],
    [["convert", "x.pt", "-o", "/tmp"], "/tmp is a folder: name the file to write in it"],
    [["grad", "x.onnx", "-o", "/tmp"], "/tmp is a folder: name the file to write in it"],
    [["gather", "x.npz", "-o", "/tmp"], "/tmp is a folder: name the file to write in it"],
    [["export", "guided-ddim", "-o", process.execPath], `${process.execPath} is a file: name a folder`],
    [["measure", "-o", "/tmp"], "/tmp is a folder: name the file to write in it"],
    [
      ["convert", "x.pt", "-o", `${process.execPath}/x.onnx`],
      `Cannot write ${process.execPath}/x.onnx: ${process.execPath} is a file`,
    ],
    [["rum"], 'Unknown command "rum"; did you mean run?'],
  ])("%j is refused with status 2", async (args, line) => {
    expect(await guidegraph(args)).toEqual({ code: 2, out: [], err: [line] });
  });

  test.runIf(process.platform === "linux")("a folder that cannot be made is refused before sampling", async () => {
    const file = graphFile(folder, tinyGraph(), "sound.json");
    expect(await guidegraph(["run", file, "--backend", "cpu", "--out", "/proc/none/deeper"])).toEqual({
      code: 1,
      out: [],
      err: [expect.stringMatching(/^Cannot make the folder \/proc\/none: /)],
    });
  });

  test("every command has a help, and serve does not open itself to strangers", async () => {
    for (const name of ["run", "sample", "check", "export", "convert", "grad", "models", "serve"]) {
      const { code, out } = await guidegraph([name, "--help"]);
      expect(code).toBe(0);
      expect(out[0]).toMatch(/^guidegraph /);
    }
    expect(await guidegraph(["serve", "--host", "0.0.0.0", "--no-token"])).toMatchObject({
      code: 78,
      err: [expect.stringMatching(/--no-token/)],
    });
  });
});

test("devices of which none can be used are refused in one line, in the words of the command, and no folder is made", async () => {
  const file = graphFile(folder, tinyGraph());
  const out = join(temporaryFolder(), "a", "b");
  const { code, err } = await guidegraph(["run", file, "--models", models, "--devices", "cuda:99", "--out", out]);
  const none = /^None of --devices can be used: cuda:99 \(.*\)\. Use --devices cpu, which every machine has$/;
  expect({ code, err }).toEqual({ code: 1, err: [expect.stringMatching(none)] });
  expect(existsSync(dirname(out))).toBe(false);
});
