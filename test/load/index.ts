/**
 * `npm run load`: everything at once that a server must stand, on loopback and bounded, about five minutes. For each kind:
 * how soon health was answered meanwhile (99 of 100), by how much the server grew, and by how much half a minute later.
 */
import { percentile } from "../bench/statistics.ts";
import { isEnd, TestServer } from "../support/server.ts";
import {
  cancelled,
  connected,
  followedRun,
  manyEvents,
  manyOutputs,
  manyReaders,
  manyRuns,
  onrush,
  stalledReaders,
  steadyRuns,
  thousandReaders,
  uploads,
} from "./kinds.ts";
import { rssOf } from "./memory.ts";
import { probe } from "./probe.ts";
import { past, seeded } from "./seeded.ts";

const restMs = 30_000;
const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const args = ["--threads", "1"];
let server = await TestServer.start({ data: await seeded(), args });
const pid = server.process.pid as number;
await wait(2_000);
const start = rssOf(pid);
for (const [title, kind] of Object.entries({
  "200 readers of a run": manyReaders,
  "1,000 readers of a run": thousandReaders,
  "1,000 readers of 30 s of steps": followedRun,
  "40 readers that take nothing": stalledReaders,
  "500 submissions a second": onrush,
  "a run of 50,000 outputs": manyOutputs,
  "a run of a million events": manyEvents,
  "a list of 100,000 runs": manyRuns,
  "13 runs a second": steadyRuns,
  "101 runs cancelled at once": cancelled,
  "100 uploads at once": uploads,
})) {
  const before = rssOf(pid);
  const end = await probe({ url: server.url, pid });
  const began = performance.now();
  const figures = await kind(server);
  const seconds = ((performance.now() - began) / 1_000).toFixed(1);
  const { delays, mostMb } = await end();
  const health = `health ${percentile(delays, 0.99).toFixed(0)} ms (p99 of ${delays.length})`;
  console.log(`${title.padEnd(30)} ${seconds} s   ${health}   +${(mostMb - before).toFixed(0)} MB   ${figures}`);
}
await server.request("/api/runs", { method: "DELETE" });
await wait(restMs);
console.log(`server: ${start.toFixed(0)} MB at first, ${rssOf(pid).toFixed(0)} MB at last`);

// A server that comes back is asked by all at once.
const readers = await connected(server, 500);
await server.kill("SIGTERM");
for (const reader of readers) await reader.untilClosed();
const { port } = new URL(server.url);
const began = performance.now();
server = await TestServer.start({ data: server.data, args: [...args, "--port", port] });
const up = performance.now();
const back = await Promise.all(
  (await connected(server, 500)).map(async (reader) => {
    reader.send({ type: "watch" });
    reader.send({ type: "subscribe", run: "past-1" });
    await reader.until(isEnd);
    return performance.now() - up;
  }),
);
console.log(
  `restart with 500 readers       up in ${Math.round(up - began)} ms (≤ 2000 with ${past} runs), all told in ${Math.round(Math.max(...back))} ms (≤ 5000)`,
);
await server.kill("SIGTERM");
