/** What goes to the server under a name that is free there, and the lists that have it from then on. */
import { put } from "../state/state.ts";
import type { Editor } from "./editor.ts";

/** So many names that are taken say that something else is the matter. */
const mostTries = 100;

/**
 * Sends it under the first name that the server does not say is taken, by this status: only it knows all that there are. `next`:
 * what to try when these were refused.
 */
export async function sendFree(
  next: (refused: ReadonlySet<string>) => string,
  takenStatus: 409 | 412,
  send: (name: string) => Promise<unknown>,
): Promise<string> {
  const refused = new Set<string>();
  for (;;) {
    const name = next(refused);
    try {
      await send(name);
      return name;
    } catch (error) {
      if ((error as { status?: number }).status !== takenStatus || refused.size === mostTries) throw error;
      refused.add(name);
    }
  }
}

/** Pictures and arrays as they are listed now; where the server cannot be asked, with what it is known to have. */
export async function listUploads(editor: Editor, ids: readonly string[], name: "images" | "tensors"): Promise<void> {
  const { api } = editor;
  const known = () => [...new Set([...editor.state[name].map(({ id }) => id), ...ids])].map((id) => ({ id }));
  const read = (list: "images" | "tensors") => api[list]().catch(() => (list === name ? known() : editor.state[list]));
  editor.apply(put({ images: await read("images"), tensors: await read("tensors") }));
  void editor.surveys?.refresh();
}
