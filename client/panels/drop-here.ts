/** Where the file of a node is dropped: a click picks one as well. */
import { html, type TemplateResult } from "lit";
import { Upload } from "lucide";
import { pickFiles } from "../actions/bringing.ts";
import type { Editor } from "../actions/editor.ts";
import { icon } from "./icon.ts";

/** `file`: the one that is not here; "" where none is chosen yet, or it is said beside. `page/dropping.ts` reads for which node it is. */
export const dropHere = (editor: Editor, node: number, file = ""): TemplateResult =>
  html`<button class="plain drop-here" data-takes=${node} @click=${() => pickFiles(editor, { node })}>
    ${icon(Upload, 15)}<span>${file === "" ? "" : html`<b>${file}</b> is not here. `}Drop or choose it</span></button>`;
