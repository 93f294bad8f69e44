import { expect, test } from "vitest";
import { gradientMemory, type RunsOn } from "../../../server/engine/card-memory.ts";
import { engine } from "../../../server/engine/engine.ts";
import { testCache } from "../../support/cli.ts";

const found = [
  { name: "cuda:0", model: "A", memoryBytes: 8 },
  { name: "cuda:1", model: "B", memoryBytes: 80 },
];
const untold = [{ name: "renderD128", model: "C" }];
const none: typeof untold = [];
const unknown = Number.POSITIVE_INFINITY;
const cuda = (device?: number): RunsOn => ({ backend: "cuda", device });
const [cpu, webgpu, auto] = (["cpu", "webgpu", "auto"] as const).map((backend): RunsOn => ({ backend }));

test.each<[readonly RunsOn[], readonly { name: string; model: string }[], boolean, number | undefined, number?]>([
  [[cpu], found, true, undefined],
  [[{ backend: "wasm" }], found, true, undefined],
  [[cpu, cpu], found, true, undefined],
  [[cuda()], found, false, 8],
  [[cuda(1)], found, false, 80],
  [[cuda(2)], found, false, unknown],
  [[cuda(0), cuda(1)], found, false, 8],
  [[cuda(1), cpu], found, true, 80],
  [[webgpu], found, false, 80],
  [[webgpu], untold, false, unknown],
  [[webgpu], none, false, unknown],
  [[auto], found, false, 80],
  [[auto], none, true, undefined],
  [[cuda(1), cuda(1)], found, false, 40, 2],
  [[cuda(), cuda(0), cuda(1)], found, false, 4, 2],
  [[webgpu, webgpu, webgpu, webgpu, cpu], found, true, 20, 4],
  [[webgpu, cuda(1)], found, false, 40, 2],
  [[webgpu, webgpu], untold, false, unknown, 2],
  [[cuda(2), cuda(2)], found, false, unknown, 2],
])(
  "gradients on %j of a machine with %j: beside all else %s, on a card %s",
  async (places, all, isShared, cardBytes, cardProcesses) => {
    expect(await gradientMemory(places, async () => all)).toEqual({ isShared, cardBytes, cardProcesses });
  },
);

test("nothing is started to weigh what other processes run", async () => {
  const provider = () => Promise.reject(new Error("It was started"));
  const opened = (runsOn?: readonly RunsOn[]) =>
    engine({ cache: testCache, environment: {}, provider, ...(runsOn && { runsOn }) });
  expect(await opened([cpu, cpu]).gradientMemory()).toEqual({ isShared: true, cardBytes: undefined });
  await expect(opened().gradientMemory()).rejects.toThrow("It was started");
});
