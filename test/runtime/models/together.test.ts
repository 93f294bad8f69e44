/** Networks that are asked at once: one session with the answers of sessions of their own, and those where there cannot be one. */
import type { InferenceSession } from "onnxruntime-common";
import { lastValueFrom } from "rxjs";
import { afterAll, describe, expect, test } from "vitest";
import { schedule, type Tensor } from "../../../diffusion/index.ts";
import { everyStep, plan, run, type World } from "../../../executor/index.ts";
import { documentBuilder } from "../../../graphs/document/index.ts";
import { type ModelOutput, nodes } from "../../../nodes/index.ts";
import {
  graphBuilder,
  parseModelFlags,
  type Role,
  randomValues,
  shapesOf,
  structureFromFlags,
  writeModel,
} from "../../../onnx/index.ts";
import { type ComputedIn, modelsOf, type Networks, type Provider } from "../../../runtime/index.ts";
import { nativeProvider } from "../../../server/providers/native.ts";
import { relativeError } from "../../../server/providers/trial.ts";
import { fakeContext, fakeKnown } from "../../support/fake-context.ts";
import { memoryNetworks } from "../../support/memory-networks.ts";
import { hasWebGpu } from "../../support/sessions.ts";
import { checkpointBytes, randomTensors } from "../../support/write-checkpoint.ts";

const unetFlags =
  "--image_size 8 --num_channels 32 --num_res_blocks 1 --channel_mult 1 --attention_resolutions 8 --num_heads 1 --learn_sigma True --class_cond True --num_classes 5 --use_fp16 True";
const judgeFlags =
  "--image_size 8 --classifier_width 32 --classifier_depth 1 --classifier_channel_mult 1 --classifier_attention_resolutions 8 --classifier_num_head_channels 32 --classifier_pool adaptive --num_classes 5";
const checkpoint = (role: Role, flags: string) =>
  checkpointBytes(randomTensors(shapesOf(structureFromFlags(role, parseModelFlags(flags)))));

const side = 8;
const dims = [2, 3, side, side];
const [x, elsewhere] = ["x", "elsewhere"].map((name): Tensor => ({ dims, data: randomValues(name, dims, 1, 2) }));
const steps = schedule({ noiseSchedule: "linear", timestepRespacing: "ddim10" });
const step = steps.at(5);

/** A classifier of three classes, by the mean of each channel: its gradient is built here, itself it is a file that runs as it is. */
async function meanReader(slope: number, batch: number | string = "N"): Promise<Uint8Array> {
  const op = graphBuilder();
  const mean = op.ReduceMean(op.input("x", "float32", [batch, 3, side, side]), op.int64([2, 3]), { keepdims: 0 });
  op.output("logits", op.Mul(mean, slope), "float32", [batch, 3]);
  return writeModel(op.model("reader"));
}
/** One that looks at neighbouring pixels. */
async function edgeReader(name: string, sides: readonly (number | string)[] = [side, side]): Promise<Uint8Array> {
  const op = graphBuilder();
  const weights = op.float([...randomValues(name, [3, 3, 3, 3], 1)], [3, 3, 3, 3]);
  const edges = op.Conv(op.input("x", "float32", ["N", 3, ...sides]), weights, {
    kernel_shape: [3, 3],
    pads: [1, 1, 1, 1],
  });
  const mean = op.ReduceMean(op.Mul(edges, op.Sigmoid(edges)), op.int64([2, 3]), { keepdims: 0 });
  op.output("logits", mean, "float32", ["N", 3]);
  return writeModel(op.model("reader"));
}
const content = new Map([
  ["unet.pt", checkpoint("unet", unetFlags)],
  ["judge.pt", checkpoint("classifier", judgeFlags)],
  ["a.onnx", await meanReader(5)],
  ["b.onnx", await meanReader(-3)],
  ["conv.onnx", await edgeReader("edges")],
  ["open.onnx", await edgeReader("open", ["H", "W"])],
  ["square.onnx", await edgeReader("square", ["S", "S"])],
  ["pairs.onnx", await meanReader(2, 2)],
]);

/** Of a session of several, or whatever is run. */
type Failure = "created" | "run" | "everything";

/** A provider that gains by it, and what becomes of its sessions: by their one output, or "joint". */
function counted(change: Partial<Provider>, fails?: Failure) {
  const provider = { ...nativeProvider("cpu", { threads: 1 }), joins: true, ...change };
  const log: string[] = [];
  let failure = fails;
  const createSession = async (model: Parameters<Provider["createSession"]>[0]) => {
    const session = await provider.createSession(model);
    const { inputNames, outputNames } = session;
    const name = outputNames.length > 1 ? "joint" : outputNames[0];
    const failing = () => (name === "joint" || failure === "everything" ? failure : undefined);
    if (failing() === "created") throw new Error("there is no room for it");
    log.push(`+${name}`);
    return {
      ...{ inputNames, outputNames },
      run: async (feeds: InferenceSession.FeedsType, outputs: string[]) => {
        if (failing() === "run" || failing() === "everything") throw new Error("there is no room to run it");
        log.push(name);
        return session.run(feeds, outputs);
      },
      release: async () => {
        log.push(`-${name}`);
        await session.release();
      },
    } as unknown as InferenceSession;
  };
  const mend = () => {
    failure = undefined;
  };
  return { log, mend, provider: async (): Promise<Provider> => ({ ...provider, createSession }) };
}

const opened: Networks[] = [];
afterAll(() => Promise.all(opened.map((networks) => networks.close())));

interface Options {
  readonly change?: Partial<Provider>;
  readonly begun?: ComputedIn;
  readonly fails?: Failure;
}
type Ask = (models: ReturnType<typeof modelsOf>) => Promise<() => Promise<Tensor | ModelOutput>>;

/** Nobody cancels. */
const heard = async () => {};

function networksOn({ change = {}, begun, fails }: Options = {}) {
  const { log, mend, provider } = counted(change, fails);
  const said: string[] = [];
  const networks = memoryNetworks(content, () => {}, { provider, say: (line) => said.push(line) });
  opened.push(networks);
  const models = modelsOf(networks, () => begun);
  let together = networks.together.ofRun();
  const nextRun = () => {
    together = networks.together.ofRun();
  };
  const asked = async (...asks: readonly Ask[]): Promise<Float32Array[]> => {
    const ready = await Promise.all(asks.map((ask) => ask(models)));
    const answers: Float32Array[] = [];
    const each = ready.map((ask, i) => async () => {
      const answer = await ask();
      answers[i] = ("out" in answer ? answer.out : answer).data;
    });
    await together(each, heard);
    return answers;
  };
  return { networks, models, log, said, asked, mend, nextRun };
}

const file = (file: string, flags = "") => ({ file, flags, sha256: "" });
const predict =
  (labels: number[]): Ask =>
  async (models) => {
    const unet = await models.unet(file("unet.pt", unetFlags));
    return () => unet.predict(x, step, labels);
  };
const gradient =
  (name: string, flags = "", at = x, when = step): Ask =>
  async (models) => {
    const labels = { values: [1, 2].slice(0, at.dims[0]) };
    const condFn = await models.condFn(await models.classifier(file(name, flags)), labels, 2);
    return () => condFn.gradient(at, when);
  };
const logits =
  (name: string): Ask =>
  async (models) => {
    const classifier = await models.classifier(file(name));
    return () => classifier.logits(x, step);
  };

describe("one session answers as those of its networks", () => {
  /** Float16 rounds otherwise where two calls share what they compute first. */
  const half = { change: { flavour: "portable" }, begun: "float16" } as const;
  const webgpu = { change: nativeProvider("webgpu", { threads: 1 }) };
  const onWebGpu: [string, Options, number, Ask[]][] = hasWebGpu
    ? [["WebGPU", webgpu, 1e-6, [gradient("conv.onnx"), gradient("a.onnx")]]]
    : [];
  test.each<[string, Options, number, readonly Ask[]]>([
    ["classifier guidance, half precision in part", half, 0, [predict([3, 0]), gradient("judge.pt", judgeFlags)]],
    ["one network with two labels", {}, 0, [predict([3, 0]), predict([0, 0])]],
    ["the same in half precision", half, 2e-3, [predict([3, 0]), predict([0, 0])]],
    ["two gradients", {}, 0, [gradient("a.onnx"), gradient("b.onnx")]],
    ...onWebGpu,
  ])("%s", async (_, options, tolerance, asks) => {
    const on = networksOn(options);
    const answers = await on.asked(...asks);
    expect(on.log).toEqual(["+joint", "joint"]);
    const alone = networksOn({ ...options, change: { ...options.change, joins: false } });
    for (const [i, right] of (await alone.asked(...asks)).entries())
      expect(relativeError(answers[i], right), `answer ${i}`).toBeLessThanOrEqual(tolerance);
    expect(alone.log).not.toContain("joint");
    expect(on.said).toEqual(alone.said);
  });
});

test("it is the same session in every step, in whatever order they are asked", async () => {
  const { asked, log } = networksOn();
  const [a, b] = await asked(gradient("a.onnx"), gradient("b.onnx"));
  const later = [gradient("b.onnx", "", elsewhere, steps.at(2)), gradient("a.onnx", "", elsewhere, steps.at(2))];
  const [b2, a2] = await asked(...later);
  expect(log).toEqual(["+joint", "joint", "joint"]);
  const alone = networksOn({ change: { joins: false } });
  expect([a, b]).toEqual(await alone.asked(gradient("a.onnx"), gradient("b.onnx")));
  expect([b2, a2]).toEqual(await alone.asked(...later));
});

test.each<[string, string[], readonly Ask[]]>([
  ["look at another x", ["gradient", "gradient"], [gradient("a.onnx"), gradient("b.onnx", "", elsewhere)]],
  ["run as their file has them", ["gradient", "logits"], [gradient("a.onnx"), logits("b.onnx")]],
  ["take a fixed number of samples", ["gradient", "gradient"], [gradient("a.onnx"), gradient("pairs.onnx")]],
  ["are two of three", ["joint", "logits"], [gradient("a.onnx"), logits("b.onnx"), gradient("b.onnx")]],
])("those that %s have sessions of their own", async (_, runs, asks) => {
  const { asked, log } = networksOn();
  expect(await asked(...asks)).toEqual(await networksOn({ change: { joins: false } }).asked(...asks));
  expect(log.filter((line) => !line.startsWith("+"))).toEqual(runs);
});

test.each(["created", "run"] as const)(
  "where it cannot be %s they are asked by themselves, which is said once a run",
  async (fails) => {
    const { asked, log, said, nextRun, mend } = networksOn({ fails });
    const asks = [gradient("a.onnx"), gradient("b.onnx")];
    const right = await networksOn({ change: { joins: false } }).asked(...asks);
    for (const _ of [1, 2]) expect(await asked(...asks)).toEqual(right);
    expect(said).toHaveLength(1);
    expect(said[0]).toMatch(
      /^the gradient of Classifier "a.onnx" and the gradient of Classifier "b.onnx" are asked one by one in this run, .*: .*there is no room/,
    );
    // What was loaded for it is let go.
    const begun = fails === "run" ? ["+joint", "-joint"] : [];
    expect(log.splice(0)).toEqual([...begun, "+gradient", "gradient", "+gradient", "gradient", "gradient", "gradient"]);
    nextRun();
    expect(await asked(...asks)).toEqual(right);
    expect(log.splice(0)).toEqual([...begun, "gradient", "gradient"]);
    expect(said).toEqual([said[0], said[0]]);
    mend();
    nextRun();
    expect(await asked(...asks)).toEqual(right);
    expect(log).toEqual(["+joint", "joint"]);
    expect(said).toHaveLength(2);
  },
);

test("what fails by itself too says nothing of one session, which is tried again", async () => {
  const { asked, log, said, mend } = networksOn({ fails: "everything" });
  const asks = [gradient("a.onnx"), gradient("b.onnx")];
  await expect(asked(...asks)).rejects.toThrow(/there is no room to run it/);
  mend();
  log.length = 0;
  await asked(...asks);
  expect(log).toEqual(["+joint", "joint"]);
  expect(said).toEqual([]);
});

test.each<[string, string[]]>([
  ["open for both", ["open.onnx", "square.onnx"]],
  ["open for one, resized by the other", ["open.onnx", "a.onnx"]],
])("it is the same session for pictures of all sizes: %s", async (_, names) => {
  const { asked, log } = networksOn();
  const alone = networksOn({ change: { joins: false } });
  for (const [n, height, width] of [
    [2, 4, 4],
    [2, 6, 12],
    [1, 12, 6],
  ]) {
    const dims = [n, 3, height, width];
    const at = { dims, data: randomValues("sized", dims, 1, 2) };
    const asks = names.map((name) => gradient(name, "", at));
    expect(await asked(...asks)).toEqual(await alone.asked(...asks));
  }
  expect(log).toEqual(["+joint", "joint", "joint", "joint"]);
});

test.each([
  ["in one session and one of its own", true, [gradient("a.onnx"), gradient("b.onnx"), logits("b.onnx")], ["joint"]],
  ["at another x each", true, [gradient("a.onnx"), gradient("b.onnx", "", elsewhere)], ["gradient"]],
  ["on a processor", false, [gradient("a.onnx"), gradient("b.onnx")], ["gradient"]],
] as const)("who cancels waits for one call of those that are asked %s", async (_, joins, asks, called) => {
  const { networks, models, log } = networksOn({ change: { joins } });
  const isCalled = () => log.some((line) => !line.startsWith("+"));
  const cancelled = new Error("cancelled");
  const heard = async () => {
    if (isCalled()) throw cancelled;
  };
  const ready = await Promise.all(asks.map((ask) => ask(models)));
  const run = networks.together.ofRun()(
    ready.map((ask) => async () => void (await ask())),
    heard,
  );
  await expect(run).rejects.toBe(cancelled);
  expect(log.filter((line) => !line.startsWith("+"))).toEqual(called);
});

test("who cancels while one session fails waits for no other", async () => {
  const { networks, models, log, said } = networksOn({ fails: "run" });
  const cancelled = new Error("cancelled");
  const heard = async () => {
    if (log.includes("-joint")) throw cancelled;
  };
  const ready = await Promise.all([gradient("a.onnx"), gradient("b.onnx")].map((ask) => ask(models)));
  const each = ready.map((ask) => async () => void (await ask()));
  await expect(networks.together.ofRun()(each, heard)).rejects.toBe(cancelled);
  expect(log).toEqual(["+joint", "-joint"]);
  expect(said).toEqual([]);
});

test("whoever fails fails alone", async () => {
  const { networks, models } = networksOn();
  const bad = { ...x, data: x.data.map(() => Number.NaN) };
  const told: string[] = [];
  const asks = await Promise.all([gradient("a.onnx", "", bad), gradient("b.onnx", "", x)].map((ask) => ask(models)));
  const each = asks.map(
    (ask, i) => () =>
      ask().then(
        () => void told.push(`${i} answered`),
        (error) => {
          told.push(`${i} failed`);
          throw error;
        },
      ),
  );
  await expect(networks.together.ofRun()(each, heard)).rejects.toThrow(/the gradient of Classifier "a.onnx" at step/i);
  expect(told.sort()).toEqual(["0 failed", "1 answered"]);
});

test("what is wrong with all of it is told by those who asked, and not as if they could be asked one by one", async () => {
  const createSession = () => Promise.reject(new Error("the card is gone"));
  const { asked, said } = networksOn({ change: { createSession } });
  await expect(asked(gradient("a.onnx"), gradient("b.onnx"))).rejects.toThrow(
    /^Cannot load Classifier "a.onnx" on cpu: the card is gone$/,
  );
  expect(said).toEqual([]);
});

/** The sum of the gradients of two classifiers in each step, at x or at multiples of it. */
function guided(factors: readonly number[]) {
  const b = documentBuilder(nodes);
  const schedule = b.add("guidegraph/diffusion-schedule", { timestep_respacing: "ddim3" }).out("schedule");
  const labels = b.add("guidegraph/class-labels", { classes: "1" }).out("labels");
  const condFns = ["a.onnx", "b.onnx"].map((file) => {
    const classifier = b.add("guidegraph/load-classifier", { file }, file).out("classifier");
    return b.add("guidegraph/build-cond-fn", { classifier, labels }).out("cond_fn");
  });
  const noise = { batch: 2, channels: 3, height: 4, width: 4 };
  const x = b.add("guidegraph/gaussian-noise", noise).out("x_T");
  const loop = b.loop("Loop", { schedule, x, first: condFns[0], second: condFns[1] }, (inner) => {
    const [tensor, step] = [inner.input("x", "tensor"), inner.input("step", "step")];
    const [a, c] = ["first", "second"].map((name, i) => {
      const x = factors[i] === 1 ? tensor : inner.add("guidegraph/scale", { tensor, scale: factors[i] }).out("tensor");
      return inner
        .add("guidegraph/guidance-gradient", { cond_fn: inner.input(name, "cond_fn"), x, step })
        .out("gradient");
    });
    inner.output("x", "tensor", inner.add("guidegraph/add", { a, b: c }).out("tensor"));
  });
  b.add("guidegraph/save-tensor", { tensor: loop.out("x") });
  return plan(b.document(), nodes, fakeKnown());
}

const worldOf = ({ networks, models }: Pick<ReturnType<typeof networksOn>, "networks" | "models">): World => {
  const { images, tensors, outputs } = fakeContext();
  return { images, tensors, outputs: () => outputs, models, together: networks.together.ofRun() };
};

test.each([
  ["the same x", true, [1, 1]],
  ["another x each", true, [1, 2]],
  ["the same x", false, [1, 1]],
] as const)(
  "a network that cannot be loaded is told where its file was chosen: %s, joined %s",
  async (_, joins, factors) => {
    const createSession = () => Promise.reject(new Error("there is no room for it"));
    const one = guided(factors);
    expect(one.together).toHaveLength(1);
    const { path } = everyStep(one.steps).find(({ title }) => title === "a.onnx")!;
    await expect(
      lastValueFrom(run(one, worldOf(networksOn({ change: { joins, createSession } })))),
    ).rejects.toMatchObject({
      ...{ path, port: "file" },
      message: 'Cannot load Classifier "a.onnx" on cpu: there is no room for it',
    });
  },
);

test("what is asked together with others alone is loaded with them", async () => {
  for (const [joins, together, loaded] of [
    [true, true, []],
    [true, false, ["+gradient"]],
    [false, true, ["+gradient"]],
  ] as const) {
    const { models, log } = networksOn({ change: { joins } });
    const classifier = await models.classifier(file("judge.pt", judgeFlags));
    const condFn = await models.condFn(classifier, { values: [1, 2] }, 2);
    await condFn.load?.(together);
    expect(log).toEqual(loaded);
  }
});
