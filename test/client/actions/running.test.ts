import { beforeEach, expect, test, vi } from "vitest";
import { joinRunning, startRun } from "../../../client/actions/running.ts";
import type { RunView } from "../../../client/runs/run-view.ts";
import { readDocument } from "../../../graphs/document/index.ts";
import { editorWith, opened } from "../support/editor.ts";

const document = readDocument({ nodes: [], links: [] });

beforeEach(() => {
  vi.stubGlobal("document", { getElementById: () => null });
  return () => vi.unstubAllGlobals();
});

test("a run is known before its events are asked for, so that none is passed over", async () => {
  const calls: string[] = [];
  const editor = editorWith({
    api: {
      start: async () => {
        opened(editor, "two", document);
        calls.push(`start, ${editor.state.starting.map((key) => editor.tabBy(key)?.name)} starting`);
        editor.close(editor.state.active);
        return { id: "new" };
      },
    },
    runs: {
      load: async () => void calls.push("load"),
      follow: (id) => void calls.push(`follow ${id}`),
    },
  });
  opened(editor, "one", document);
  await startRun(editor);
  expect(editor.state.notice).toBeUndefined();
  expect(editor.tab).toMatchObject({ run: "new", ran: document });
  expect(calls).toEqual(["start, one starting", "load", "follow new"]);
  expect(editor.state.starting).toEqual([]);
});

test("the editor starts beside a run whose graph it cannot read", async () => {
  const running = { summary: { id: "far", state: "running" } } as RunView;
  for (const run of [async () => ({ graph: "no graph" }) as never, () => Promise.reject(new Error("404"))]) {
    const editor = editorWith({ api: { run }, runs: { all: [running] } });
    await joinRunning(editor);
    expect(editor.state.tabs).toEqual([]);
  }
});
