/** What documents are called: in their tabs, and on the server. */
import { freeName } from "../../graphs/document/index.ts";
import type { Editor } from "./editor.ts";

/** A name that no other document has, as far as is known, and that can stand in an address. `tried`: they are not free either. */
export function tabName(editor: Editor, wish: string, tried: readonly string[] = []): string {
  const { tabs, examples } = editor.state;
  const own = examples.filter(({ builtIn }) => !builtIn);
  const taken = new Set([...tabs, ...own].map(({ name }) => name).concat(tried));
  return freeName(slugOf(wish), (name) => taken.has(name), "-");
}

/** Letters of any script, as servers take them; `otherwise` where the wish has none. */
export const slugOf = (wish: string, otherwise = "graph"): string =>
  wish
    .toLowerCase()
    .normalize("NFC")
    .replace(/[^\p{L}\p{M}\p{N}]+/gu, "-")
    .replace(/^[-\p{M}]+/u, "")
    .slice(0, 60)
    // What was cut may be the first half of a letter.
    .replace(/[-\ud800-\udbff]$/, "") || otherwise;
