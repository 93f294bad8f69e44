import { beforeEach, expect, test, vi } from "vitest";
import type { Api } from "../../../client/runs/api.ts";
import { Runs } from "../../../client/runs/runs.ts";

/** A connection that comes and goes as a test says. */
class Connection {
  static last: Connection;
  readonly readyState = 0;
  onopen = () => {};
  onclose = () => {};
  constructor() {
    Connection.last = this;
  }
}

beforeEach(() => {
  vi.stubGlobal("WebSocket", Connection);
  return () => vi.unstubAllGlobals();
});

test("the graph of a run that could not be loaded is asked for again when the connection comes back", async () => {
  const graph = { nodes: [], links: [] };
  const run = vi.fn().mockRejectedValueOnce(new Error("away")).mockResolvedValue({ graph });
  const api = { server: { url: "http://localhost" }, run, runs: async () => [] } as unknown as Api;
  const runs = new Runs(api, () => {});
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
