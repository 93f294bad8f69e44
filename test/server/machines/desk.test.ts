import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Desk } from "../../../server/machines/desk.ts";
import { folderExchange } from "../../../server/shards/exchange.ts";
import { hashOf, type Order, protocol } from "../../../server/shards/shard.ts";
import { temporaryFolder } from "../../support/cli.ts";

const { signal } = new AbortController();
const order: Order = { run: "r", version: "1", protocol, graph: "{}", batches: 2, identity: "i", files: [] };

test("through a folder that both see an order comes as its hash says, and is gone with its run", async () => {
  const folder = temporaryFolder();
  const desk = new Desk(folder);
  const exchange = folderExchange(folder);
  const laidOut = await desk.layOut(order, new Map([["a", "/models/a.pt"]]));
  const text = await exchange.order(laidOut.hash, signal);
  expect([hashOf(text), JSON.parse(text)]).toEqual([laidOut.hash, order]);
  expect([desk.fileAt("a"), desk.fileAt("b")]).toEqual(["/models/a.pt", undefined]);
  await desk.takeAway(laidOut);
  await expect(exchange.order(laidOut.hash, signal)).rejects.toThrow("ENOENT");
  expect([desk.fileAt("a"), desk.orderAt(laidOut.hash)]).toEqual([undefined, undefined]);
});

test("of two results of one shard the first counts, and what nobody waits for is not taken", async () => {
  const folder = temporaryFolder();
  const desk = new Desk(folder);
  const exchange = folderExchange(folder);
  const came: string[] = [];
  desk.await("key", (path) => came.push(path));
  for (const text of ["first", "second"]) {
    const path = join(temporaryFolder(), "result");
    writeFileSync(path, text);
    await exchange.put("key", path, signal);
    desk.lookAtAll();
  }
  expect(came).toHaveLength(1);
  expect(readFileSync(came[0], "utf8")).toBe("first");
  expect(desk.isAwaited("key")).toBe(false);

  const waitNoMore = desk.await("other", () => expect.unreachable());
  waitNoMore();
  writeFileSync(join(folder, "results", "other"), "late");
  desk.lookAtAll();
  expect(desk.isAwaited("other")).toBe(false);
  await desk.clear();
  expect(existsSync(join(folder, "results", "other"))).toBe(false);
});
