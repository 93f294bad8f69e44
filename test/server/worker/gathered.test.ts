import { expect, test } from "vitest";
import { gathered } from "../../../server/worker/gathered.ts";
import type { FromWorker } from "../../../server/worker/messages.ts";

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

test("that a node begins is sent at once, with all that came before: it may end the process", async () => {
  const sent: (readonly FromWorker[])[] = [];
  const tell = gathered((messages) => sent.push(messages));
  tell(node("1", "cached"));
  tell(node("2", "running"));
  expect(sent).toEqual([[node("1", "cached"), node("2", "running")]]);
  await next();
  expect(sent).toHaveLength(1);
});
