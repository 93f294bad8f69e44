import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Api } from "../../../client/runs/api.ts";
import { Runs } from "../../../client/runs/runs.ts";

/** A connection that comes and goes as a test says. */
class Connection {
  static last: Connection;
  readonly readyState = 0;
  onopen = () => {};
  onclose = () => {};
  onmessage = (_: { readonly data: string }) => {};
  constructor() {
    Connection.last = this;
  }
  close() {}
}

beforeEach(() => {
  vi.stubGlobal("WebSocket", Connection);
  return () => vi.unstubAllGlobals();
});

const opened: Runs[] = [];
const runsOf = (api: object): Runs => {
  const runs = new Runs({ server: { url: "http://localhost" }, ...api } as unknown as Api, () => {});
  opened.push(runs);
  return runs;
};
/** One that is left open looks for its server for ever. */
afterEach(() => {
  for (const runs of opened.splice(0)) runs.events.close();
});

test("the graph of a run that could not be loaded is asked for again when the connection comes back", async () => {
  const graph = { nodes: [], links: [] };
  const run = vi.fn().mockRejectedValueOnce(new Error("away")).mockResolvedValue({ graph });
  const runs = runsOf({ run, runs: async () => [] });
  Connection.last.onopen();
  expect(runs.graph("one")).toBeUndefined();
  await new Promise((resolve) => setTimeout(resolve));
  expect(runs.graph("one")).toBeUndefined();
  expect(run).toHaveBeenCalledOnce();
  Connection.last.onclose();
  Connection.last.onopen();
  expect(runs.graph("one")).toBeUndefined();
  await expect.poll(() => runs.graph("one")).toMatchObject(graph);
  expect(run).toHaveBeenCalledTimes(2);
});

const summary = (number: number) => ({ id: `run ${number}`, number, state: "succeeded", outputs: [], seq: 1 });

test("a run that is removed is gone at once, or when the connection comes back; one that is restored is there again", async () => {
  let listed = [3, 2, 1];
  const runs = runsOf({ runs: async () => listed.map(summary) });
  const numbers = () => runs.all.map(({ summary }) => summary.number);
  const say = (message: object) => Connection.last.onmessage({ data: JSON.stringify(message) });
  await runs.load();
  say({ type: "removed", run: "run 2" });
  expect(numbers()).toEqual([3, 1]);
  const { id, ...rest } = summary(2);
  say({ type: "summary", summary: { ...rest, id, title: "", batches: 1, created: "2026-01-01T00:00:00.000Z" } });
  expect(numbers()).toEqual([3, 2, 1]);
  for (const left of [[2, 1], [1], []]) {
    listed = left;
    Connection.last.onclose();
    Connection.last.onopen();
    await expect.poll(numbers).toEqual(left);
  }
});
