import { afterAll, beforeAll, expect, test } from "vitest";
import { long, TestServer, tiny } from "../support/server.ts";

let server: TestServer;
beforeAll(async () => {
  server = await TestServer.start({ args: ["--threads", "1"] });
});
afterAll(() => server.kill("SIGTERM"));

const perSecond = 500;
const seconds = 2;

test(`${perSecond} submissions a second are each answered, and what is accepted is never lost`, async () => {
  // What is accepted waits behind it.
  await server.submit({ ...long, first: true });
  const body = JSON.stringify(tiny);
  const started = performance.now();
  const answers: Promise<{ status: number; id?: string; after: string | null; ms: number }>[] = [];
  while (answers.length < perSecond * seconds) {
    const due = Math.min(perSecond * seconds, Math.floor(((performance.now() - started) / 1_000) * perSecond));
    while (answers.length < due) answers.push(answer(body));
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  const all = await Promise.all(answers);
  const counts = new Map<number, number>();
  for (const { status } of all) counts.set(status, (counts.get(status) ?? 0) + 1);
  const times = all.map(({ ms }) => ms).sort((a, b) => a - b);
  console.info(
    `${JSON.stringify([...counts])} in ${Math.round(performance.now() - started)} ms, p99 ${Math.round(times[Math.floor(all.length * 0.99)])} ms`,
  );
  expect([...counts.keys()].filter((status) => ![201, 429, 503].includes(status))).toEqual([]);
  for (const { status, after } of all) expect(Number(after) > 0).toBe(status !== 201);
  const accepted = all.flatMap(({ id }) => id ?? []);
  expect(accepted.length).toBeGreaterThan(10);
  await server.kill("SIGKILL");
  server = await TestServer.start({ data: server.data });
  const known = new Set<string>();
  for (let before = ""; ; ) {
    const runs = await server.json<{ id: string; number: number }[]>(`/api/runs?limit=500${before}`);
    if (runs.length === 0) break;
    for (const { id } of runs) known.add(id);
    before = `&before=${runs.at(-1)?.number}`;
  }
  expect(accepted.filter((id) => !known.has(id))).toEqual([]);
  await server.request("/api/runs", { method: "DELETE" });
}, 240_000);

async function answer(body: string) {
  const sent = performance.now();
  const reply = await server.post("/api/runs", body).catch((error) => {
    throw new Error(`Not answered after ${Math.round(performance.now() - sent)} ms: ${error.cause ?? error}`);
  });
  const { id } = (await reply.json()) as { id?: string };
  const ms = performance.now() - sent;
  return { status: reply.status, after: reply.headers.get("retry-after"), ms, ...(id !== undefined && { id }) };
}
