import { expect, test } from "vitest";
import { readDevices } from "../../../server/providers/device-list.ts";

test.each([
  ["cpu", 4, ["cpu 4"]],
  ["cpu*2", 4, ["cpu#1 2", "cpu#2 2"]],
  ["cpu*3", 2, ["cpu#1 1", "cpu#2 1", "cpu#3 1"]],
  ["cuda:0,cuda:1", 8, ["cuda:0 4", "cuda:1 4"]],
  ["cuda*2", 8, ["cuda:0 4", "cuda:1 4"]],
  ["cuda", 8, ["cuda 8"]],
  ["webgpu, cpu", 4, ["webgpu 2", "cpu 2"]],
  ["cuda:1,cpu*2", 6, ["cuda:1 2", "cpu#1 2", "cpu#2 2"]],
  ["webgpu*2", 4, ["webgpu#1 2", "webgpu#2 2"]],
  ["cuda:1*2,cuda:0", 6, ["cuda:1#1 2", "cuda:1#2 2", "cuda:0 2"]],
  ["cpu,cpu", 4, ["cpu#1 2", "cpu#2 2"]],
])("--devices %s of %i threads are %j", (text, threads, wanted) => {
  expect(readDevices(text, threads).map((one) => `${one.name} ${one.threads}`)).toEqual(wanted);
});

test.each([
  ["gpu", /takes devices such as cuda:0,cuda:1 or webgpu or cpu\*2, not "gpu"$/],
  ["", /not ""$/],
  ["cpu*0", /not "cpu\*0"$/],
  ["cpu:1", /only cards of cuda have numbers/],
  ["cuda:0*0", /not "cuda:0\*0"$/],
  ["cpu*00", /not "cpu\*00"$/],
  ["cuda:0,cpu,cuda:0", /names cuda:0 twice; several processes on one card are cuda:0\*2$/],
  ["cuda,cuda:0", /names cuda:0 twice/],
  ["cuda*2,cuda:1", /names cuda:1 twice/],
  ["webgpu,webgpu", /names webgpu twice; several processes on one card are webgpu\*2$/],
  ["cpu*99", /takes at most 64, not 99/],
  ["cpu*1000", /takes at most 64, not 1000/],
  ["cuda:0*65", /takes at most 64, not 65/],
  ["cpu*60,cpu*5", /takes at most 64, not 65/],
])("--devices %j is refused", (text, said) => {
  expect(() => readDevices(text, 0)).toThrow(said);
});
