/** Kinds of load. Each resolves to its own figures when it is over. */
import { connect } from "node:net";
import WebSocket from "ws";
import { encodePng } from "../../runtime/codecs/index.ts";
import { percentile } from "../bench/statistics.ts";
import { generator } from "../support/random.ts";
import { isEnd, long, quick, type Reader, type TestServer, tiny } from "../support/server.ts";
import { events, past } from "./seeded.ts";

export const manyReaders = (server: TestServer): Promise<string> => readersOf(server, 200);
export const thousandReaders = (server: TestServer): Promise<string> => readersOf(server, 1_000);

/** A thousand follow a run through some twenty steps a second, for half a minute; each event is told to all of them. */
export async function followedRun(server: TestServer): Promise<string> {
  const [count, seconds] = [1_000, 30];
  // All steps of other noise, so that it lasts, and the next long run is not known already.
  const set = { ...long.set, "Diffusion Schedule.timestep_respacing": "", "Noise.seed": 9 };
  const run = await server.submit({ ...long, set });
  const last = new Uint32Array(count);
  let [told, missed] = [0, 0];
  const sockets: WebSocket[] = [];
  for (let i = 0; i < count; i++) {
    const socket = await opened(server);
    sockets.push(socket);
    socket.on("message", (data) => {
      const seq = Number(/"seq":(\d+),"at"/.exec(data.toString())?.[1]);
      if (!seq) return;
      told++;
      if (seq !== last[i] + 1) missed++;
      last[i] = seq;
    });
    socket.send(JSON.stringify({ type: "subscribe", run }));
  }
  const before = told;
  await new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
  const perSecond = Math.round((told - before) / seconds);
  await server.cancel(run);
  await server.eventsOf(run);
  const { seq } = await server.detail(run);
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  for (const socket of sockets) socket.close();
  const late = last.filter((one) => one !== seq).length;
  return `${perSecond} events a second told, ${missed} missed (0), ${late} readers without the end (0)`;
}

async function opened(server: TestServer): Promise<WebSocket> {
  const socket = new WebSocket(`${server.url.replace("http", "ws")}/api/events`, ["guidegraph.1"], {
    headers: { Origin: server.url },
  });
  await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
  return socket;
}

async function readersOf(server: TestServer, count: number): Promise<string> {
  const readers = await connected(server, count);
  const run = await server.submit(quick);
  for (const reader of readers) {
    reader.send({ type: "watch" });
    reader.send({ type: "subscribe", run });
  }
  await Promise.all(readers.map((reader) => reader.until(isEnd)));
  const { seq } = await server.detail(run);
  for (const reader of readers) reader.close();
  return `${readers.filter((reader) => reader.events.length !== seq).length} readers missed an event (0)`;
}

/** So many sockets, fifty at a time: more at once are more than a queue of connections holds. */
export async function connected(server: TestServer, count: number): Promise<Reader[]> {
  const readers: Reader[] = [];
  while (readers.length < count)
    readers.push(
      ...(await Promise.all(Array.from({ length: Math.min(50, count - readers.length) }, () => server.connect()))),
    );
  return readers;
}

/** They ask for the longest log there is, and read nothing of it. */
export async function stalledReaders(server: TestServer): Promise<string> {
  const { hostname, port, host } = new URL(server.url);
  const upgrade = `GET /api/events HTTP/1.1\r\nHost: ${host}\r\nOrigin: ${server.url}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\nSec-WebSocket-Protocol: guidegraph.1\r\n\r\n`;
  const text = Buffer.from(JSON.stringify({ type: "subscribe", run: "events" }));
  const began = performance.now();
  const sockets = Array.from({ length: 40 }, () => {
    const socket = connect(Number(port), hostname);
    socket.on("error", () => {}).pause();
    socket.write(upgrade);
    // Masked with zeros, it reads as it is.
    socket.write(Buffer.concat([Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), text]));
    return socket;
  });
  await new Promise((resolve) => setTimeout(resolve, 8_000));
  for (const socket of sockets) socket.destroy();
  return `for ${Math.round((performance.now() - began) / 1_000)} s`;
}

export async function onrush(server: TestServer): Promise<string> {
  const [perSecond, seconds] = [500, 3];
  const counts = new Map<number | string, number>();
  const count = (what: number | string) => counts.set(what, (counts.get(what) ?? 0) + 1);
  const under: Promise<unknown>[] = [];
  const began = performance.now();
  while (under.length < perSecond * seconds) {
    const due = Math.min(perSecond * seconds, ((performance.now() - began) / 1_000) * perSecond);
    while (under.length < due)
      under.push(
        server.post("/api/runs", tiny).then(
          async (reply) => reply.arrayBuffer().then(() => count(reply.status)),
          () => count("reset (0)"),
        ),
      );
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  await Promise.all(under);
  return [...counts].map(([status, times]) => `${times} × ${status}`).join(", ");
}

export async function manyOutputs(server: TestServer): Promise<string> {
  const began = performance.now();
  await server.request("/api/runs?limit=500").then((reply) => reply.arrayBuffer());
  const { outputCount } = await server.detail("outputs");
  return `list and detail in ${Math.round(performance.now() - began)} ms, ${outputCount} outputs`;
}

export async function manyEvents(server: TestServer): Promise<string> {
  const socket = await opened(server);
  let told = 0;
  await new Promise<void>((resolve) => {
    socket.on("message", () => {
      if (++told === events + 1) resolve();
    });
    socket.send(JSON.stringify({ type: "subscribe", run: "events" }));
  });
  socket.close();
  return `${events} events told`;
}

/** The list of runs, its first page and one from the middle, a hundred times. */
export async function manyRuns(server: TestServer): Promise<string> {
  const taken: number[] = [];
  for (let i = 0; i < 50; i++)
    for (const query of ["", `?before=${past / 2}`]) {
      const began = performance.now();
      await server.request(`/api/runs${query}`).then((reply) => reply.arrayBuffer());
      taken.push(performance.now() - began);
    }
  return `a page of ${past} runs in ${percentile(taken, 0.95).toFixed(0)} ms (p95, ≤ 50)`;
}

/** Two hundred graphs without a model in a minute's pace, four times as fast. */
export async function steadyRuns(server: TestServer): Promise<string> {
  const waits: number[] = [];
  const all: Promise<void>[] = [];
  let failed = 0;
  const reader = await server.connect();
  for (let i = 0; i < 100; i++) {
    const submitted = performance.now();
    const id = await server.submit({ ...tiny, set: { "Gaussian Noise.seed": i } });
    reader.send({ type: "subscribe", run: id });
    const of = (state: string) => reader.until((one) => one.type === "run" && one.run === id && one.state === state);
    all.push(
      of("running").then(async () => {
        waits.push(performance.now() - submitted);
        const end = await reader.until((one) => isEnd(one) && "run" in one && one.run === id);
        if (end.type === "run" && end.state !== "succeeded") failed++;
      }),
    );
    await new Promise((resolve) => setTimeout(resolve, 75));
  }
  await Promise.all(all);
  reader.close();
  return `100 runs, ${failed} failed (0), started after ${percentile(waits, 0.95).toFixed(0)} ms (p95, ≤ 500)`;
}

/** A hundred that wait and one that runs, cancelled at once. */
export async function cancelled(server: TestServer): Promise<string> {
  const ids = [await server.submit(long)];
  for (let i = 0; i < 100; i++) ids.push(await server.submit({ ...tiny, set: { "Gaussian Noise.seed": i } }));
  const began = performance.now();
  await server.request("/api/runs", { method: "DELETE" });
  const ends = await Promise.all(ids.map(async (id) => (await server.eventsOf(id)).at(-1)));
  const states = ends.filter((end) => end?.type === "run" && end.state === "cancelled").length;
  return `${states} of ${ids.length} cancelled in ${Math.round(performance.now() - began)} ms (≤ 3000)`;
}

/** A hundred pictures of 20 MB at once. */
export async function uploads(server: TestServer): Promise<string> {
  const random = generator(1);
  const side = 2_550;
  const data = Uint8Array.from({ length: side * side * 3 }, () => random() * 256);
  const bytes = new Uint8Array(encodePng({ dims: [1, side, side, 3], data }));
  const counts = new Map<number | string, number>();
  await Promise.all(
    Array.from({ length: 100 }, (_, i) =>
      server
        .request(`/api/images?name=load-${i}.png`, {
          method: "POST",
          body: bytes,
          headers: { "Content-Type": "image/png" },
        })
        .then(
          async (reply) => reply.arrayBuffer().then(() => reply.status),
          () => "reset (0)",
        )
        .then((status) => counts.set(status, (counts.get(status) ?? 0) + 1)),
    ),
  );
  return `${(bytes.length / 1e6).toFixed(1)} MB each: ${[...counts].map(([status, times]) => `${times} × ${status}`).join(", ")}`;
}
