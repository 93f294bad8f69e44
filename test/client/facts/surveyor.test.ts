import { expect, test } from "vitest";
import { Surveyor } from "../../../client/facts/surveyor.ts";
import { readDocument } from "../../../graphs/document/index.ts";

const document = readDocument({ nodes: [], links: [] });
const server = { url: "http://localhost" };

test("a worker that breaks leaves nothing known and nobody waiting", async () => {
  const told: unknown[] = [];
  const worker = { postMessage: (message: unknown) => void told.push(message) } as Worker;
  const surveyor = new Surveyor([], server, () => worker);
  const waiting = surveyor.survey(document);
  expect(surveyor.busy).toBe(true);
  worker.onerror?.({} as ErrorEvent);
  expect(await waiting).toEqual({ facts: new Map(), problems: [] });
  expect(surveyor.busy).toBe(false);
  expect(await surveyor.survey(document)).toEqual({ facts: new Map(), problems: [] });
  expect(told).toHaveLength(2);
});
