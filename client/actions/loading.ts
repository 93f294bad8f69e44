/** What the server has: its nodes, files and documents, and where it computes models. */
import { catalogueOf } from "../edit/catalogue.ts";
import { put } from "../state/state.ts";
import type { Editor } from "./editor.ts";
import { takeLater } from "./taking.ts";

/** There is no editor without nodes; the lists may come to nothing. */
export async function load(editor: Editor): Promise<void> {
  const { api, runs } = editor;
  const quiet = <T>(promise: Promise<T>, otherwise: T) => promise.catch(() => otherwise);
  const [nodes, health, models, images, tensors, examples, samplers] = await Promise.all([
    api.nodes(),
    api.health(),
    quiet(api.models(), []),
    quiet(api.images(), []),
    quiet(api.tensors(), []),
    quiet(api.graphs(), []),
    quiet(api.samplers(), []),
    quiet(runs.load(), undefined),
  ]);
  editor.apply(put({ catalogue: catalogueOf(nodes), health, models, images, tensors, examples, samplers }));
  void awaitDevice(editor);
}

/** Where models are computed is known once the worker has started. */
async function awaitDevice(editor: Editor): Promise<void> {
  while (editor.state.health?.backend === "starting") {
    await new Promise((resolve) => setTimeout(resolve, 500));
    const health = await editor.api.health().catch(() => undefined);
    if (health) editor.apply(put({ health }));
  }
}

/** While one looks at the queue, or at workers, it is asked so often who does what, and which run waits for whom. */
const lookMs = 1_000;

/** Who does what is told by nobody: it is asked for while somebody looks. */
export function followDevices(editor: Editor): void {
  let isLooking = false;
  const isWatched = () => {
    const { overlay } = editor.state;
    return overlay?.is === "queue" || overlay?.is === "workers";
  };
  const look = async () => {
    isLooking = true;
    while (isWatched()) {
      const health = await editor.api.health().catch(() => undefined);
      if (health && JSON.stringify(health) !== JSON.stringify(editor.state.health)) editor.apply(put({ health }));
      await new Promise((resolve) => setTimeout(resolve, lookMs));
    }
    isLooking = false;
  };
  editor.listen(() => {
    if (!isLooking && isWatched()) void look();
  });
}

/** Lists are read again no sooner: a window that is looked at anew, a panel and a field may ask at once. */
const freshMs = 1_500;
let readAt = 0;

/** What lies on the server may have changed since: its files, graphs and samplers are listed anew. What cannot be asked stays. */
async function freshen(editor: Editor): Promise<void> {
  if (performance.now() - readAt < freshMs) return;
  readAt = performance.now();
  const { api } = editor;
  const { models, images, tensors, graphs: examples, samplers } = api;
  const lists = { models, images, tensors, examples, samplers };
  for (const [name, read] of Object.entries(lists)) {
    const list = await read().catch(() => undefined);
    const before = editor.state[name as keyof typeof lists];
    if (list && JSON.stringify(list) !== JSON.stringify(before)) editor.apply(put({ [name]: list }));
  }
  for (const tab of editor.state.tabs) await takeLater(editor, tab);
}

/** What there is under which name, after a save made that another. */
export async function listGraphs(editor: Editor): Promise<void> {
  try {
    editor.apply(put({ examples: await editor.api.graphs() }));
  } catch {
    // It is listed when somebody looks at it next.
  }
}

/** Files come while one is elsewhere, and runs write some. */
export function keepFresh(editor: Editor): void {
  addEventListener("focus", () => void freshen(editor));
  editor.listen((_, before) => {
    const { left, overlay } = editor.state;
    if ((left && left !== before.left) || (overlay?.is === "field" && overlay !== before.overlay)) void freshen(editor);
  });
}
