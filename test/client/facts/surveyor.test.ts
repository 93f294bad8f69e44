import { expect, onTestFinished, test, vi } from "vitest";
import { Surveyor } from "../../../client/facts/surveyor.ts";
import { readDocument } from "../../../graphs/document/index.ts";

const document = readDocument({ nodes: [], links: [] });
const server = { url: "http://localhost" };

test("a worker that does not start leaves nothing known and nobody waiting, and says so", async () => {
  const told: unknown[] = [];
  const worker = { postMessage: (message: unknown) => void told.push(message) } as Worker;
  const surveyor = new Surveyor([], server, () => worker);
  const waiting = surveyor.survey(document);
  expect(surveyor.busy).toBe(true);
  worker.onerror?.({} as ErrorEvent);
  expect(await waiting).toEqual({ facts: new Map(), problems: [], broke: true });
  expect(surveyor.busy).toBe(false);
  expect(await surveyor.survey(document)).toEqual({ facts: new Map(), problems: [], broke: true });
  expect(told).toHaveLength(2);
});

test("a worker that is deaf is replaced, its document given up, and the next one looked at", async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const workers: (Worker & { told: { is: string; id: number }[] })[] = [];
  const surveyor = new Surveyor([], server, () => {
    const told: { is: string; id: number }[] = [];
    const worker = { told, postMessage: (message: (typeof told)[0]) => void told.push(message), terminate: vi.fn() };
    workers.push(worker as unknown as (typeof workers)[0]);
    return worker as unknown as Worker;
  });
  const hear = (worker: Worker, data: object) => worker.onmessage?.({ data } as MessageEvent);
  const first = surveyor.survey(document);
  // The server takes its time, and the worker hears.
  for (let i = 0; i < 60; i++) {
    vi.advanceTimersByTime(1_000);
    hear(workers[0], { is: "beat" });
  }
  expect(workers).toHaveLength(1);
  vi.advanceTimersByTime(10_000);
  expect(await first).toEqual({ facts: new Map(), problems: [], hung: true });
  expect(workers[0].terminate).toHaveBeenCalledOnce();
  const second = surveyor.survey(document);
  expect(workers[1].told.map(({ is }) => is)).toEqual(["open", "survey"]);
  hear(workers[1], { is: "surveyed", id: workers[1].told[1].id, facts: new Map(), problems: [{ message: "No" }] });
  expect(await second).toEqual({ facts: new Map(), problems: [{ message: "No" }] });
  vi.advanceTimersByTime(60_000);
  expect(workers).toHaveLength(2);
  // One that breaks at a document is replaced likewise.
  const third = surveyor.survey(document);
  workers[1].onerror?.({} as ErrorEvent);
  expect(await third).toEqual({ facts: new Map(), problems: [], broke: true });
  expect(workers).toHaveLength(3);
  const fourth = surveyor.survey(document);
  hear(workers[2], { is: "surveyed", id: workers[2].told[1].id, facts: new Map(), problems: [] });
  expect(await fourth).toEqual({ facts: new Map(), problems: [] });
});
