import { expect, test } from "vitest";
import type { LoopStep, NodeStep, Plan } from "../../../executor/index.ts";
import type { PreviewMessage } from "../../../server/channel/messages.ts";
import { decodePreview } from "../../../server/protocol.ts";
import { loopPreviews, shownFrame } from "../../../server/worker/previews.ts";

const node = (path: string, kind: string) =>
  ({ is: "node", path, definition: { outputs: { out: { kind } } }, facts: {} }) as unknown as NodeStep;
const loop = (each: readonly NodeStep[]) =>
  ({ is: "loop", path: "9", once: [], each, carried: { x: {} } }) as unknown as LoopStep;
const planOf = (each: readonly NodeStep[]): Plan => ({ steps: [loop(each)], targets: [] });
const tensor = (value: number, dims = [1, 3, 2, 2]) => ({
  dims,
  data: new Float32Array(dims.reduce((product, dim) => product * dim, 1)).fill(value),
});

test("a loop is seen by the last prediction in its step, or by what it carries where nothing predicts", () => {
  const seen = (each: readonly NodeStep[]) =>
    loopPreviews({ run: "r", plan: planOf(each), wires: [], show() {} }).map(({ path, output }) => [path, output]);
  expect(seen([node("9/1", "prediction"), node("9/2", "prediction"), node("9/3", "tensor")])).toEqual([["9/2", "out"]]);
  expect(seen([node("9/1", "tensor")])).toEqual([["9", "x"]]);
});

test("pictures are made ten times a second at most, and of the last step always", () => {
  const frames: PreviewMessage[] = [];
  let time = 0;
  const plan = planOf([node("9/1", "prediction")]);
  const [watch] = loopPreviews({ run: "r", plan, wires: [], show: (frame) => frames.push(frame), now: () => time });
  for (let index = 0; index < 100; index++) {
    time = 7 * index;
    watch.see({ x0: tensor(0) }, { batch: 0, index, count: 100 });
  }
  const steps = frames.map(({ frame }) => decodePreview(frame).index);
  expect(steps).toEqual([0, 15, 30, 45, 60, 75, 90, 99]);
});

test("a prediction shows its x₀, a tensor itself, a faint or strong one by its own size, and what is not finite nothing", () => {
  const frames: PreviewMessage[] = [];
  const wires = [{ path: "9/1", output: "gradient" }];
  const show = (frame: PreviewMessage) => frames.push(frame);
  const [x0, gradient] = loopPreviews({ run: "r", plan: planOf([node("9/1", "prediction")]), wires, show });
  x0.see({ x0: tensor(1) }, { batch: 0, index: 0, count: 2 });
  gradient.see(tensor(-0.001), { batch: 0, index: 0, count: 2 });
  gradient.see(tensor(Number.NaN), { batch: 0, index: 1, count: 2 });
  expect(frames.map(({ of }) => of)).toEqual(["9", "9/1 gradient"]);
  expect(frames.map(({ frame }) => decodePreview(frame).pictures[0])).toEqual([255, 0]);
  expect(decodePreview(frames[1].frame)).toMatchObject({ path: "9/1", output: "gradient", dims: [1, 2, 2, 3] });
});

test("of a gradient each sample is shown by its own size, so that a large one greys no other", () => {
  const frames: PreviewMessage[] = [];
  const show = (frame: PreviewMessage) => frames.push(frame);
  const wires = [{ path: "9/1", output: "gradient" }];
  const [, gradient] = loopPreviews({ run: "r", plan: planOf([node("9/1", "prediction")]), wires, show });
  const data = new Float32Array([0.001, -0.001, 0.001, 50, -50, 50, 0, 0, 0]);
  gradient.see({ dims: [3, 3, 1, 1], data }, { batch: 0, index: 1, count: 2 });
  expect([...decodePreview(frames[0].frame).pictures]).toEqual([255, 0, 255, 255, 0, 255, 127, 127, 127]);
});

test("of a run of several batches each says which it is of", () => {
  const frames: PreviewMessage[] = [];
  const show = (frame: PreviewMessage) => frames.push(frame);
  const [watch] = loopPreviews({ run: "r", plan: planOf([]), wires: [], show, batches: 3 });
  watch.see(tensor(0), { batch: 2, index: 8, count: 9 });
  frames.push(
    shownFrame(
      "r",
      { type: "preview", path: "4", pictures: { dims: [1, 1, 1, 3], data: new Uint8Array(3) } },
      { batch: 1, batches: 3 },
    ),
  );
  expect(frames.map(({ frame }) => decodePreview(frame))).toMatchObject([
    { path: "9", index: 8, batch: 2, batches: 3 },
    { path: "4", batch: 1, batches: 3 },
  ]);
});

test("of a large batch the first pictures are shown", () => {
  const frames: PreviewMessage[] = [];
  const show = (frame: PreviewMessage) => frames.push(frame);
  const [watch] = loopPreviews({ run: "r", plan: planOf([]), wires: [], show });
  watch.see(tensor(0, [40, 3, 8, 8]), { batch: 0, index: 0, count: 9 });
  expect(decodePreview(frames[0].frame).dims).toEqual([16, 8, 8, 3]);
});
