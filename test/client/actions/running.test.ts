import { beforeEach, expect, test, vi } from "vitest";
import type { Editor } from "../../../client/actions/editor.ts";
import { joinRunning, startRun } from "../../../client/actions/running.ts";
import { newTab } from "../../../client/state/tab.ts";
import { readDocument } from "../../../graphs/document/index.ts";

const document = readDocument({ nodes: [], links: [] });

beforeEach(() => {
  vi.stubGlobal("document", { getElementById: () => null });
  return () => vi.unstubAllGlobals();
});

test("a run is known before its events are asked for, so that none is passed over", async () => {
  const calls: string[] = [];
  const runs = {
    byId: new Map(),
    keepGraph: () => {},
    load: async () => calls.push("load"),
    follow: (id: string) => calls.push(`follow ${id}`),
  };
  const api = { start: async () => ({ id: "new" }) };
  const said = vi.fn();
  await startRun({ tab: newTab("one", document), runs, api, say: said, changed: () => {} } as unknown as Editor);
  expect(said).not.toHaveBeenCalled();
  expect(calls).toEqual(["load", "follow new"]);
});

test("the editor starts beside a run whose graph it cannot read", async () => {
  const running = { summary: { id: "far", state: "running" } };
  for (const run of [async () => ({ graph: "no graph" }), () => Promise.reject(new Error("404"))]) {
    const editor = { tabs: [], runs: { all: [running] }, api: { run } } as unknown as Editor;
    await joinRunning(editor);
    expect(editor.tabs).toEqual([]);
  }
});
