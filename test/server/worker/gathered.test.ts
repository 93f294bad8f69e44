import { expect, test, vi } from "vitest";
import type { FromWorker } from "../../../server/channel/messages.ts";
import { gathered } from "../../../server/worker/gathered.ts";

const node = (path: string, state: "running" | "cached"): FromWorker => ({
  type: "event",
  run: "r",
  event: { type: "node", path, state },
});
const next = () => new Promise((resolve) => setImmediate(resolve));

test("what is told in one moment travels together, in order", async () => {
  const sent: (readonly FromWorker[])[] = [];
  const tell = gathered((messages) => sent.push(messages));
  for (const path of ["1", "2", "3"]) tell(node(path, "cached"));
  expect(sent).toEqual([]);
  await next();
  expect(sent).toEqual([[node("1", "cached"), node("2", "cached"), node("3", "cached")]]);
  tell(node("4", "cached"));
  await next();
  expect(sent).toHaveLength(2);
});

test("steps of a loop wait a little for each other, until there is something that does not wait", async () => {
  const sent: (readonly FromWorker[])[] = [];
  const tell = gathered((messages) => sent.push(messages));
  const step = (index: number): FromWorker => ({
    type: "event",
    run: "r",
    event: { type: "step", path: "7", index, count: 9, ms: 1 },
  });
  tell(step(0));
  await next();
  expect(sent).toEqual([]);
  tell(step(1));
  tell(node("8", "cached"));
  await next();
  expect(sent).toEqual([[step(0), step(1), node("8", "cached")]]);
  tell(step(2));
  await vi.waitUntil(() => sent.length === 2);
});

test("that a node begins is sent at once, with all that came before: it may end the process", async () => {
  const sent: (readonly FromWorker[])[] = [];
  const tell = gathered((messages) => sent.push(messages));
  tell(node("1", "cached"));
  tell(node("2", "running"));
  expect(sent).toEqual([[node("1", "cached"), node("2", "running")]]);
  await next();
  expect(sent).toHaveLength(1);
});
