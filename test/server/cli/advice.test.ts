/** Advice that names a flag names one that is taken where it is given: what is said of files, by the places where it is said. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { documentBuilder, writeDocument } from "../../../graphs/document/index.ts";
import { nodes } from "../../../nodes/index.ts";
import {
  type Dim,
  type GraphBuilder,
  graphBuilder,
  parseModelFlags,
  type Value,
  writeModel,
} from "../../../onnx/index.ts";
import { splitFit } from "../../../runtime/models/fit-flags.ts";
import { namesInCard, splitNames } from "../../../runtime/models/role-names.ts";
import { sampleFlags } from "../../../server/sample/flags.ts";
import { guidegraph, temporaryFolder } from "../../support/cli.ts";

const folder = temporaryFolder();

async function write(name: string, build: (op: GraphBuilder, x: Value) => void, x: readonly Dim[] = ["N", 3, 8, 8]) {
  const op = graphBuilder();
  build(op, op.input("x", "float32", x));
  writeFileSync(join(folder, name), await writeModel(op.model("m")));
}

const means = (op: GraphBuilder, x: Value): Value => op.ReduceMean(x, op.int64([2, 3]), { keepdims: 0 });
await write("unet.onnx", (op, x) => op.output("out", op.Mul(x, 0.5), "float32", ["N", 3, 8, 8]));

/** Files about which something is asked, and the role in which it is. */
const files: Record<string, readonly ["unet" | "classifier", Parameters<typeof write>[1]]> = {
  "two logits": [
    "classifier",
    (op, x) => {
      op.output("a", op.Mul(means(op, x), 2), "float32", ["N", 3]);
      op.output("b", op.Mul(means(op, x), 3), "float32", ["N", 3]);
    },
  ],
  "an input that nothing feeds": [
    "classifier",
    (op, x) => {
      const other = op.input("other", "float32", ["N", 3]);
      op.output("logits", op.Add(means(op, x), other), "float32", ["N", 3]);
    },
  ],
  "two times": [
    "classifier",
    (op, x) => {
      const [a, b] = ["a", "b"].map((name) => op.Unsqueeze(op.input(name, "float32", ["N"]), op.int64([1])));
      op.output("logits", op.Add(op.Add(means(op, x), a), b), "float32", ["N", 3]);
    },
  ],
  "logits of how many classes": [
    "classifier",
    (op, x) => op.output("logits", op.Mul(means(op, x), 2), "float32", ["N", "classes"]),
  ],
  "two predictions": [
    "unet",
    (op, x) => {
      op.output("a", op.Mul(x, 2), "float32", ["N", 3, 8, 8]);
      op.output("b", op.Mul(x, 3), "float32", ["N", 3, 8, 8]);
    },
  ],
  "two pictures": [
    "unet",
    (op, x) => {
      const other = op.input("picture", "float32", ["N", 3, 8, 8]);
      op.output("out", op.Add(x, other), "float32", ["N", 3, 8, 8]);
    },
  ],
  "labels of how many classes": [
    "unet",
    (op, x) => {
      const y = op.Cast(op.input("y", "int64", ["N"]), { to: "float32" });
      op.output("out", op.Add(x, op.Reshape(y, op.int64([-1, 1, 1, 1]))), "float32", ["N", 3, 8, 8]);
    },
  ],
};
for (const [name, [, build]] of Object.entries(files)) await write(`${name}.onnx`, build);

const saidBy = async (...args: string[]): Promise<string> => {
  const { err, out } = await guidegraph(args);
  return [...err, ...out].filter((line) => line.includes("Cannot read")).join("\n");
};

/** What is said of a file there, and whether a flag may be given there. */
const places = {
  sample: {
    said: (role: "unet" | "classifier", file: string) => {
      const paths = role === "unet" ? [file, join(folder, "unet.onnx")] : [join(folder, "unet.onnx"), file];
      const classifier = role === "unet" ? [] : ["--classifier_path", paths[1]];
      return saidBy(
        "sample",
        "--model_path",
        paths[0],
        ...classifier,
        "--backend",
        "cpu",
        "--out",
        join(folder, "out"),
      );
    },
    takes: (flag: string) => Object.hasOwn(sampleFlags, flag) && flag !== "out" && flag !== "condition",
    how: /^[^(]*/,
  },
  "check of a node": {
    said: (role: "unet" | "classifier", file: string) => {
      const b = documentBuilder(nodes, { title: "Check" });
      const typed = { file: file.slice(folder.length + 1) };
      if (role === "unet") {
        const model = b.add("guidegraph/load-unet", typed).out("model");
        const x = b.add("guidegraph/gaussian-noise", { model, batch: 1 }).out("x_T");
        b.add("guidegraph/save-tensor", { tensor: x });
      } else {
        const classifier = b.add("guidegraph/load-classifier", typed).out("classifier");
        const labels = b.add("guidegraph/class-labels", { classifier, count: 1 }).out("labels");
        const x = b.add("guidegraph/gaussian-noise", { labels, batch: 1, channels: 3, height: 8, width: 8 }).out("x_T");
        b.add("guidegraph/save-tensor", { tensor: x });
      }
      const graph = join(folder, "graph.json");
      writeFileSync(graph, JSON.stringify(writeDocument(b.document())));
      return saidBy("check", graph, "--models", folder);
    },
    takes: (flag: string) => parsed(`--${flag} 3`),
    how: /\(typed in flags of its node\)/,
  },
  "models inspect": {
    said: async (role: "unet" | "classifier", file: string) => {
      const hint = role === "unet" ? "--out" : "--logits";
      const { err } = await guidegraph(["models", "inspect", file, hint, "nothing"]);
      return err.join("\n");
    },
    takes: (flag: string) => parsed(`--${flag} 3`),
    how: /^[^(]*/,
  },
};

/** As the text of a node's flags, and as a card. */
function parsed(text: string): boolean {
  const { names, rest } = splitNames(splitFit(text).rest);
  parseModelFlags(rest);
  expect(namesInCard(JSON.stringify(names))).toEqual(names);
  return true;
}

describe.each(Object.entries(places))("%s", (_, { said, takes, how }) => {
  test.each(Object.entries(files))("%s", async (name, [role]) => {
    const message = await said(role, join(folder, `${name}.onnx`));
    const flags = [...message.matchAll(/--([a-z_]+)/g)].map(([, flag]) => flag);
    expect(flags, message).not.toEqual([]);
    for (const flag of flags) expect(takes(flag), `${flag} of: ${message}`).toBe(true);
    expect(message).toMatch(how);
  });
});

test.each(Object.entries(places))("a file that is called like a flag advises none: %s", async (_, { said }) => {
  writeFileSync(join(folder, "my--x.onnx"), "no network");
  const message = await said("unet", join(folder, "my--x.onnx"));
  expect(message).toMatch(/my--x\.onnx": [^"]*$/);
  expect(message).not.toContain("typed in flags");
});

test("what sample is told of its two networks chooses their inputs and outputs, and a card does too", async () => {
  const out = [
    "--num_samples",
    "1",
    "--batch_size",
    "1",
    "--timestep_respacing",
    "2",
    "--backend",
    "cpu",
    "--emit-only",
  ];
  const emitted = async (unet: string, classifier: string, ...more: string[]) => {
    const graph = join(folder, `emitted-${more.length}-${classifier.length}.json`);
    const paths = ["--model_path", join(folder, unet), "--classifier_path", join(folder, classifier)];
    const { err, code } = await guidegraph(["sample", ...paths, ...more, ...out, "--emit-graph", graph]);
    return { code, err };
  };
  const unnamed = await emitted("two predictions.onnx", "two logits.onnx");
  expect(unnamed.err.join()).toContain("name one with --unet_out");
  const half = await emitted("two predictions.onnx", "two logits.onnx", "--unet_out", "b");
  expect(half.err.join()).toContain("name one with --logits");
  const named = await emitted("two predictions.onnx", "two logits.onnx", "--unet_out", "b", "--logits", "a");
  expect(named).toEqual({ code: 0, err: [] });
  await write("carded.onnx", files["two logits"][1]);
  writeFileSync(join(folder, "carded.json"), JSON.stringify({ logits: "a" }));
  expect(await emitted("unet.onnx", "carded.onnx")).toEqual({ code: 0, err: [] });
});
