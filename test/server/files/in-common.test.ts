import { expect, test } from "vitest";
import { InCommon } from "../../../server/files/in-common.ts";

/** Work that goes on until it is told how it ends, or is ended. */
function played() {
  const common = new InCommon<string>();
  const begun: { resolve(is: string): void; reject(why: Error): void; signal: AbortSignal }[] = [];
  const work = (signal: AbortSignal) =>
    new Promise<string>((resolve, reject) => begun.push({ resolve, reject, signal }));
  const wait = (signal = new AbortController().signal) => common.wait("key", work, signal);
  return { begun, wait };
}
const tick = () => new Promise((resolve) => setTimeout(resolve));

test("who waits no more leaves the others, and the last one ends the work", async () => {
  const { begun, wait } = played();
  const [first, second, third] = [new AbortController(), new AbortController(), new AbortController()];
  const waits = [first, second, third].map(({ signal }) => wait(signal));
  first.abort(new Error("first is cancelled"));
  await expect(waits[0]).rejects.toThrow("first is cancelled");
  expect([begun.length, begun[0].signal.aborted]).toEqual([1, false]);
  begun[0].resolve("rows");
  expect(await Promise.all(waits.slice(1))).toEqual(["rows", "rows"]);

  const last = new AbortController();
  const left = wait(last.signal);
  last.abort(new Error("last is cancelled"));
  await expect(left).rejects.toThrow("last is cancelled");
  expect([begun.length, begun[1].signal.aborted]).toEqual([2, true]);
});

test("who comes while it is being ended waits for that, and has it begun anew", async () => {
  const { begun, wait } = played();
  const cancelled = new AbortController();
  const left = wait(cancelled.signal);
  cancelled.abort(new Error("cancelled"));
  await expect(left).rejects.toThrow("cancelled");
  const again = wait();
  await tick();
  expect(begun).toHaveLength(1);
  begun[0].reject(new Error("it was ended"));
  await tick();
  expect(begun).toHaveLength(2);
  begun[1].resolve("rows");
  expect(await again).toBe("rows");
});

test("who waits for one that is being ended leaves by his own signal", async () => {
  const { begun, wait } = played();
  const [first, second] = [new AbortController(), new AbortController()];
  const waits = [first, second].map(async ({ signal }, i) => {
    if (i > 0) await tick();
    return wait(signal);
  });
  first.abort(new Error("first is cancelled"));
  await expect(waits[0]).rejects.toThrow("first is cancelled");
  await tick();
  second.abort(new Error("second is cancelled"));
  await expect(waits[1]).rejects.toThrow("second is cancelled");
  // It is still being ended, and nobody has begun it again.
  expect([begun.length, begun[0].signal.aborted]).toEqual([1, true]);
});

test("what fails fails for all who wait, and is begun anew by the next", async () => {
  const { begun, wait } = played();
  const waits = [wait(), wait()];
  begun[0].reject(new Error("no such file"));
  for (const one of waits) await expect(one).rejects.toThrow("no such file");
  const next = wait();
  begun[1].resolve("rows");
  expect(await next).toBe("rows");
});
