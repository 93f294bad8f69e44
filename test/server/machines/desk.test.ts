import { mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { firstValueFrom, Subject } from "rxjs";
import { expect, test } from "vitest";
import { writeAtomically } from "../../../server/files/atomic.ts";
import { Desk } from "../../../server/machines/desk.ts";
import { folderExchange, ownFolder } from "../../../server/shards/exchange.ts";
import { hashOf, keyOf, type Order, protocol } from "../../../server/shards/shard.ts";
import { temporaryFolder } from "../../support/cli.ts";

const { signal } = new AbortController();
const order: Order = { run: "r", version: "1", protocol, graph: "{}", batches: 2, identity: "i", files: [] };

/** A server's side of a folder that both see, and a worker's. */
function both(folder = temporaryFolder(), server = "host:/data") {
  const desk = new Desk(ownFolder(folder, server));
  return { folder, desk, exchange: folderExchange(folder) };
}

test("through a folder that both see an order comes as its hash says, and is gone with its run", async () => {
  const { desk, exchange } = both();
  const laidOut = await desk.layOut(order, new Map([["a", "/models/a.pt"]]), signal);
  const text = await exchange.order(laidOut.hash, signal);
  expect([hashOf(text), JSON.parse(text)]).toEqual([laidOut.hash, order]);
  expect([desk.fileAt("a"), desk.fileAt("b")]).toEqual(["/models/a.pt", undefined]);
  await desk.takeAway(laidOut);
  await expect(exchange.order(laidOut.hash, signal)).rejects.toThrow(/has no such order: its run is over/);
  expect([desk.fileAt("a"), desk.orderAt(laidOut.hash)]).toEqual([undefined, undefined]);
});

/** The shard of an order, its key, and a file with what came of it. */
const shardOf = ({ hash }: { readonly hash: string }) => ({ run: "r", order: hash, from: 0, to: 1 });
function fileOf(text: string): string {
  const path = join(temporaryFolder(), "result");
  writeFileSync(path, text);
  return path;
}

test("of two results of one shard the first counts, and what is of no run any more is not taken", async () => {
  const { desk, exchange } = both();
  const laidOut = await desk.layOut(order, new Map(), signal);
  const shard = shardOf(laidOut);
  const came: string[] = [];
  desk.await(keyOf(shard), (path) => came.push(path));
  for (const text of ["first", "second"]) {
    await exchange.put(shard, fileOf(text), signal);
    await desk.lookAtAll();
  }
  expect(came).toHaveLength(1);
  expect(readFileSync(came[0], "utf8")).toBe("first");
  expect(desk.isAwaited(keyOf(shard))).toBe(false);

  await desk.takeAway(laidOut);
  await exchange.put({ ...shard, from: 1, to: 2 }, fileOf("late"), signal);
  expect(readdirSync(join(desk.folder, "results"))).toEqual([keyOf(shard)]);
});

test("what came while there was no server is expected by the next, and all else that was given out is not", async () => {
  const { folder, desk, exchange } = both();
  const laidOut = await desk.layOut(order, new Map(), signal);
  const [came, lost, drawn] = [0, 1, 2].map((from) => ({ ...shardOf(laidOut), from, to: from + 1 }));
  for (const shard of [came, lost, drawn]) desk.note(shard);
  const takenBack = { ...lost, from: 3, to: 4 };
  desk.note(takenBack);
  desk.await(keyOf(takenBack), () => {})();
  await exchange.put(came, fileOf("rows"), signal);
  const { desk: next } = both(folder);
  expect(next.noted.map(({ from }) => from).sort()).toEqual([0, 1, 2]);
  expect(await next.clear([drawn], next.noted)).toEqual([drawn, came]);
  expect(next.noted.map(({ from }) => from).sort()).toEqual([0, 2]);
  expect([came, lost, drawn].map((shard) => next.isAwaited(keyOf(shard)))).toEqual([false, false, true]);
  const paths: string[] = [];
  next.await(keyOf(came), (path) => paths.push(path));
  expect(paths.map((path) => readFileSync(path, "utf8"))).toEqual(["rows"]);
  // Whoever is at it finds its order.
  expect(await exchange.order(laidOut.hash, signal)).toBe(JSON.stringify(order));
});

test("two servers with one folder have each what is theirs, and what people keep there stays", async () => {
  const { folder, desk, exchange } = both();
  for (const name of ["orders", "results"]) {
    mkdirSync(join(folder, name));
    for (const below of [folder, desk.folder]) writeFileSync(join(below, name, "thesis.txt"), "mine");
  }
  const laidOut = await desk.layOut(order, new Map(), signal);
  const shard = shardOf(laidOut);
  const { desk: other } = both(folder, "host:/other");
  await other.clear();
  await exchange.put(shard, fileOf("rows"), signal);
  const place = join(desk.folder, "results", keyOf(shard));
  expect([desk.folder === other.folder, readFileSync(place, "utf8")]).toEqual([false, "rows"]);
  for (const name of [`${keyOf(shard)}.00ff.tmp`, ".upload.12.0.tmp"])
    writeFileSync(join(desk.folder, "results", name), "");
  // As a server that is killed at it leaves them.
  const end = new Subject<void>();
  const places = [join("orders", `${laidOut.hash}.json`), join("results", keyOf(shard))];
  const begun = places.map((place) =>
    writeAtomically(join(desk.folder, place), () => firstValueFrom(end)).catch(() => {}),
  );
  await expect.poll(() => readdirSync(join(desk.folder, "orders"))).toHaveLength(3);

  await desk.clear();
  await expect(exchange.order(laidOut.hash, signal)).rejects.toThrow("has no such order");
  for (const name of ["orders", "results"])
    for (const below of [folder, desk.folder]) expect(readdirSync(join(below, name))).toEqual(["thesis.txt"]);
  end.next();
  await Promise.all(begun);
});

test("a result that nobody awaits goes after a minute, and one that is being read stays", async () => {
  const { desk } = both();
  const names = ["early", "late", "taken"].map(hashOf);
  const [early, late, taken] = names;
  desk.await(taken, () => {});
  for (const [name, secondsAgo] of [
    [early, 50],
    [late, 70],
    [taken, 70],
    ["thesis.txt", 70],
  ] as const) {
    const path = join(desk.folder, "results", name);
    writeFileSync(path, "rows");
    utimesSync(path, 0, Date.now() / 1_000 - secondsAgo);
  }
  for (let i = 0; i < 2; i++) await desk.lookAtAll();
  expect(readdirSync(join(desk.folder, "results")).sort()).toEqual([early, taken, "thesis.txt"].sort());
});
