/** A device of another machine, whose shards are played by the test. */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import type { RunMessage, Task } from "../../../server/channel/messages.ts";
import { computedInName } from "../../../server/files/output-folder.ts";
import { HelpedRun, type ShardEnd } from "../../../server/machines/helped-run.ts";
import { Slot } from "../../../server/machines/slot.ts";
import { decodePreview, encodePreview } from "../../../server/protocol.ts";
import { type Packed, packedPieces } from "../../../server/shards/packed.ts";
import { type Order, protocol } from "../../../server/shards/shard.ts";
import { temporaryFolder } from "../../support/cli.ts";

const kept = { spools: {}, numbers: {}, gathered: {} };

/** A slot that has asked for a batch and was given the first. */
async function atFirst() {
  const folder = temporaryFolder();
  const noted = join(folder, "noted");
  mkdirSync(noted);
  let resolve = (_: ShardEnd) => {};
  const promise = new Promise<ShardEnd>((is) => {
    resolve = is;
  });
  const order: Order = { run: "r", version: "1", protocol, graph: "{}", batches: 4, identity: "i", files: [] };
  const helped = new HelpedRun(
    "r",
    { hash: "", order, paths: new Map() },
    true,
    (_, signal) => {
      signal.addEventListener("abort", () => aborted.push(signal.reason));
      return promise;
    },
    () => {},
  );
  const aborted: unknown[] = [];
  const said: RunMessage[] = [];
  const slot = new Slot(async () => helped);
  slot.messages.subscribe((message) => {
    if (message.type !== "choose" || message.name !== computedInName) said.push(message);
    else slot.send({ ...message, type: "chosen" });
  });
  const options = { batches: 4, watch: [] };
  const task: Task = { run: "r", graph: "{}", options, folder, noted: { folder: noted, kept } };
  slot.send({ type: "run", task });
  await vi.waitFor(() => expect(said).toMatchObject([{ type: "next", identity: "i" }]));
  slot.send({ type: "next", run: "r", is: 0 });

  /** A machine has drawn it. */
  async function settle(about: Partial<Packed> = {}, frames: readonly Uint8Array[] = []): Promise<string> {
    const path = join(folder, "result");
    const pieces: Uint8Array[] = [];
    const named = { ...about.names, [computedInName]: "float32" };
    const whole = { batches: [{ batch: 0, ms: 1, saved: [] }], kept, rows: [], files: [], ...about, names: named };
    for await (const piece of packedPieces(whole, { rows: noted, files: noted, frames })) pieces.push(piece);
    writeFileSync(path, Buffer.concat(pieces));
    resolve({ path });
    return path;
  }
  const refuse = (why: string) => resolve({ refused: why });
  return { slot, said, aborted, settle, refuse, types: () => said.map(({ type }) => type) };
}

test("one too many waits for what it has out, and leaves then", async () => {
  const { slot, aborted, settle, types } = await atFirst();
  slot.retireWhenSettled();
  expect(types()).toEqual(["next"]);
  await settle();
  await vi.waitFor(() => expect(types()).toEqual(["next", "done", "end"]));
  expect(slot.isWaiting).toBe(false);
  expect(aborted).toHaveLength(1);
});

test("what a machine shows of a shard is shown of its run, and what is no preview is not", async () => {
  const { said, settle, types } = await atFirst();
  const header = { type: "preview", run: "shard-1", path: "7", batch: 0, batches: 4, dims: [1, 1, 1, 3] } as const;
  const frames = [Buffer.from("none"), encodePreview({ ...header, dims: [...header.dims] }, new Uint8Array([1, 2, 3]))];
  const previews = frames.map(({ length: bytes }, i) => ({ of: `${6 + i}`, bytes }));
  await settle({ previews }, frames);
  await vi.waitFor(() => expect(types()).toEqual(["next", "preview", "done", "next"]));
  const shown = said.flatMap((one) => (one.type === "preview" ? [{ of: one.of, ...decodePreview(one.frame) }] : []));
  expect(shown).toEqual([{ of: "7", ...header, run: "r", pictures: new Uint8Array([1, 2, 3]) }]);
});

test("where nobody is left it gives back at once", async () => {
  const { slot, aborted, types } = await atFirst();
  slot.retireWhenSettled();
  slot.retire();
  expect([types(), aborted.length]).toEqual([["next", "end"], 1]);
});

test("what a machine refuses it gives back, free for another run", async () => {
  const { slot, said, refuse } = await atFirst();
  refuse("It lacks a node");
  await vi.waitFor(() =>
    expect(said.at(-1)).toEqual({ type: "end", run: "r", state: "refused", why: "It lacks a node" }),
  );
  expect(slot.isWaiting).toBe(false);
});

test.each(["cancel", "kill", "retire"] as const)("after %s it ends when nothing is written any more", async (how) => {
  const { slot, settle, types, said } = await atFirst();
  const path = await settle({ names: { "a.png": "a.png" } });
  await vi.waitFor(() => expect(types()).toEqual(["next", "choose"]));
  const ended: boolean[] = [];
  // The result goes last.
  slot.messages.subscribe(() => ended.push(existsSync(path)));
  slot.gone.subscribe(() => ended.push(existsSync(path)));
  if (how === "cancel") slot.send({ type: "cancel", run: "r" });
  else slot[how]();
  expect(ended).toEqual([]);
  await vi.waitFor(() => expect(ended).toEqual([false]));
  expect(said.flatMap((one) => (one.type === "end" ? [one.state] : []))).toEqual(
    { cancel: ["cancelled"], kill: [], retire: ["left"] }[how],
  );
});
