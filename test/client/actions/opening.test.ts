/** What is asked for later comes in front, in whichever order it arrives. */
import { expect, test, vi } from "vitest";
import { bring } from "../../../client/actions/bringing.ts";
import { newDocument, openCommand, openGraph } from "../../../client/actions/documents.ts";
import type { Editor } from "../../../client/actions/editor.ts";
import { pickRun, restoreRun } from "../../../client/actions/restoring.ts";
import { joinRunning } from "../../../client/actions/running.ts";
import type { RunView } from "../../../client/runs/run-view.ts";
import { emptyGraph, writeDocument } from "../../../graphs/document/index.ts";
import { editorWith } from "../support/editor.ts";

const document = { ...emptyGraph, about: { ...emptyGraph.about, title: "late" } };
const graph = writeDocument(document);
const run = { summary: { id: "r", number: 1, title: "late", state: "running" } } as RunView;
const file = new File([JSON.stringify(graph)], "late.json");

/** What brings a document after a while. */
const asked = {
  "a graph of the server": (editor) => openGraph(editor, "late"),
  "a command": (editor) => openCommand(editor, "python image_sample.py"),
  "a file": (editor) => bring(editor, [file]),
  "the graph of a run": (editor) => restoreRun(editor, run),
  "a run that is picked": (editor) => pickRun(editor, run),
  "a new document, while the page starts": (editor) => newDocument(editor),
} satisfies Readonly<Record<string, (editor: Editor) => Promise<unknown>>>;

const broughtBy = (what: string) => (what.startsWith("a new document") ? "untitled" : "late");

/** What brings nothing to the front. */
const vain: Readonly<Record<string, (editor: Editor) => Promise<unknown>>> = {
  "a file that cannot be read": (editor) => bring(editor, [new File(["{"], "broken.json")]),
  "an array, dropped on no graph": (editor) => bring(editor, [new File([Uint8Array.of(1)], "broken.npy")]),
  "a graph that is not there": (editor) => openGraph(editor, "nowhere"),
};

/** Where one goes meanwhile. */
const gestures: Readonly<Record<string, (editor: Editor) => unknown>> = {
  "the start page": (editor) => editor.show(""),
  "an open document": (editor) => editor.show("here"),
  "another graph of the server": (editor) => openGraph(editor, "soon"),
};

function world() {
  let arrive = () => {};
  const late = new Promise<void>((resolve) => {
    arrive = resolve;
  });
  const whenLate = async <T>(value: T): Promise<T> => late.then(() => value);
  const editor = editorWith({
    api: {
      graph: async (name) => {
        if (name === "nowhere") throw new Error("There is no such graph");
        return name === "late" ? whenLate({ graph }) : { graph: writeDocument(emptyGraph) };
      },
      graphs: async () => [],
      command: () => whenLate({ graph, batches: 1, notes: [] }),
      run: () => whenLate({ graph } as never),
    },
    runs: { all: [run], graph: () => undefined, follow: () => {} },
  });
  editor.open("here", emptyGraph, { key: "here" });
  editor.begun = late;
  return { editor, arrive };
}

const inFront = ({ tab, state }: Editor) => tab?.name ?? state.active;
const there = { "the start page": "", "an open document": "here", "another graph of the server": "soon" };

vi.stubGlobal("document", { getElementById: () => null });

for (const [what, ask] of Object.entries<(editor: Editor) => Promise<unknown>>(asked)) {
  test.each(Object.entries(gestures))(`${what} that comes late does not take one away from %s`, async (where, go) => {
    const { editor, arrive } = world();
    const asking = ask(editor);
    await go(editor);
    arrive();
    await asking;
    expect(inFront(editor)).toBe(there[where as keyof typeof there]);
  });

  test(`${what} comes in front of what was asked for before`, async () => {
    const { editor, arrive } = world();
    const before = openGraph(editor, "soon");
    const asking = ask(editor);
    arrive();
    await Promise.all([before, asking]);
    expect(inFront(editor)).toBe(broughtBy(what));
  });

  test.each(Object.entries(vain))(
    `${what} comes in front, whatever was asked for in vain meanwhile: %s`,
    async (_, fail) => {
      const { editor, arrive } = world();
      const asking = ask(editor);
      const failing = fail(editor);
      arrive();
      await Promise.all([asking, failing]);
      expect(inFront(editor)).toBe(broughtBy(what));
    },
  );
}

test("one that is asked for again, after another, is the later one", async () => {
  const { editor, arrive } = world();
  const asking = openGraph(editor, "late");
  editor.show("here");
  void openGraph(editor, "late");
  arrive();
  await asking;
  expect(inFront(editor)).toBe("late");
  expect(editor.state.tabs.map(({ name }) => name)).toEqual(["here", "late"]);
});

test.each([true, false])("a run that goes on comes in front only of who does nothing: %s", async (isIdle) => {
  const { editor, arrive } = world();
  const joining = joinRunning(editor, () => isIdle);
  arrive();
  await joining;
  expect(editor.state.tabs.map(({ name }) => name)).toEqual(["here", "late"]);
  expect(inFront(editor)).toBe(isIdle ? "late" : "here");
});
