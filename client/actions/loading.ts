/** What the server has: its nodes, files and documents, and where it computes models. */
import { catalogueOf } from "../edit/catalogue.ts";
import { put } from "../state/state.ts";
import type { Editor } from "./editor.ts";

/** There is no editor without nodes; the lists may come to nothing. */
export async function load(editor: Editor): Promise<void> {
  const { api, runs } = editor;
  const quiet = <T>(promise: Promise<T>, otherwise: T) => promise.catch(() => otherwise);
  const [nodes, health, models, images, examples, samplers] = await Promise.all([
    api.nodes(),
    api.health(),
    quiet(api.models(), []),
    quiet(api.images(), []),
    quiet(api.graphs(), []),
    quiet(api.samplers(), []),
    quiet(runs.load(), undefined),
  ]);
  editor.apply(put({ catalogue: catalogueOf(nodes), health, models, images, examples, samplers }));
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
