import type { Editor } from "../../../client/actions/editor.ts";

/** The editor of a page that shows a document, as code in the page finds it under `guidegraph`. */
export type OpenEditor = Editor & {
  readonly [part in "canvas" | "tab" | "surveys"]-?: NonNullable<Editor[part]>;
};
