import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { WaitingModels } from "../../../server/files/waiting-models.ts";
import { temporaryFolder } from "../../support/cli.ts";

afterEach(() => vi.useRealTimers());

const hour = 60 * 60_000;

function waitingIn(folder = temporaryFolder()) {
  const waiting = new WaitingModels(folder);
  const add = (name: string) => {
    const path = join(folder, `.${name}.tmp`);
    writeFileSync(path, name);
    return waiting.add({ path, sha256: "" }, `${name}.pt`);
  };
  const left = () =>
    readdirSync(folder)
      .map((name) => name.slice(1, -4))
      .sort();
  return { waiting, add, left };
}

/** Somebody who is at a model until told to end. */
function reader(waiting: WaitingModels, id: string) {
  let leave = () => {};
  const ends = waiting.at(id, () => new Promise<void>((resolve) => (leave = resolve)));
  return () => {
    leave();
    return ends;
  };
}

test("of too many the one goes that nobody was at for the longest time, and none that somebody is at", async () => {
  const { waiting, add, left } = waitingIn();
  const all = [];
  for (const name of "abcdefgh") all.push(await add(name));
  await waiting.at(all[0].id, async () => {});
  const end = reader(waiting, all[1].id);
  await add("i");
  expect(left().join("")).toBe("abdefghi");
  await end();
  for (const name of "jklmn") await add(name);
  expect(left().join("")).toBe("abijklmn");
});

test("where somebody is at each of them another does not wait", async () => {
  const { waiting, add } = waitingIn();
  const ends = [];
  for (const name of "abcdefgh") ends.push(reader(waiting, (await add(name)).id));
  await expect(add("i")).rejects.toThrow("8 models wait for their cards");
  await Promise.all(ends.map((end) => end()));
});

test("one that nobody asks for goes after a while, and that while begins anew with each who was at it", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const { waiting, add, left } = waitingIn();
  const [, read, refused] = [await add("a"), await add("b"), await add("c")];
  const end = reader(waiting, read.id);
  vi.advanceTimersByTime(0.4 * hour);
  await expect(waiting.at(refused.id, () => Promise.reject(new Error("bad flags")))).rejects.toThrow("bad flags");
  vi.advanceTimersByTime(0.4 * hour);
  await vi.waitFor(() => expect(left().join("")).toBe("bc"));
  await end();
  vi.advanceTimersByTime(0.4 * hour);
  await vi.waitFor(() => expect(left().join("")).toBe("b"));
  vi.advanceTimersByTime(0.4 * hour);
  await vi.waitFor(() => expect(left()).toEqual([]));
});

test("with the end all go, and what comes after it does not wait", async () => {
  const { waiting, add, left } = waitingIn();
  await add("a");
  await add("b");
  await waiting.close();
  expect(left()).toEqual([]);
  await expect(add("c")).rejects.toThrow("stopping");
});
