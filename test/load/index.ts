/**
 * `npm run load`: everything at once that a server must stand, on loopback and bounded, about two minutes. For each kind:
 * how soon health was answered meanwhile (99 of 100), by how much the server grew, and by how much half a minute later.
 */
import { percentile } from "../bench/statistics.ts";
import { TestServer } from "../support/server.ts";
import { manyEvents, manyOutputs, manyReaders, onrush, stalledReaders } from "./kinds.ts";
import { rssOf } from "./memory.ts";
import { seeded } from "./seeded.ts";

const restMs = 30_000;
const probeMs = 25;
const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const server = await TestServer.start({ data: await seeded(), args: ["--threads", "1"] });
const pid = server.process.pid as number;
await wait(2_000);
const start = rssOf(pid);
for (const [title, kind] of Object.entries({
  "200 readers of a run": manyReaders,
  "40 readers that take nothing": stalledReaders,
  "500 submissions a second": onrush,
  "a run of 50,000 outputs": manyOutputs,
  "a run of a million events": manyEvents,
})) {
  const before = rssOf(pid);
  let [most, isOver] = [before, false];
  const delays: number[] = [];
  const probing = (async () => {
    while (!isOver) {
      const asked = performance.now();
      await (await server.request("/api/health")).arrayBuffer();
      delays.push(performance.now() - asked);
      most = Math.max(most, rssOf(pid));
      await wait(probeMs);
    }
  })();
  const began = performance.now();
  const figures = await kind(server);
  isOver = true;
  await probing;
  const seconds = ((performance.now() - began) / 1_000).toFixed(1);
  const health = `health ${percentile(delays, 0.99).toFixed(0)} ms (p99 of ${delays.length})`;
  console.log(`${title.padEnd(30)} ${seconds} s   ${health}   +${(most - before).toFixed(0)} MB   ${figures}`);
}
await server.request("/api/runs", { method: "DELETE" });
await wait(restMs);
console.log(`server: ${start.toFixed(0)} MB at first, ${rssOf(pid).toFixed(0)} MB at last`);
await server.kill("SIGTERM");
