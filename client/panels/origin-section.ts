/** In the inspector: which entry of the library a subgraph is a copy of, what differs, and what can be done about it. */
import { html, type TemplateResult } from "lit";
import { ArchiveRestore, Save } from "lucide";
import type { Editor } from "../actions/editor.ts";
import { entryGraph, entryToSave, saveCopy, updateCopy } from "../actions/library.ts";
import { differences } from "../edit/differences.ts";
import { graphAt, type Level } from "../edit/level.ts";
import { originOf, standing } from "../edit/origin.ts";
import { documentOf } from "../state/tab.ts";
import { icon } from "./icon.ts";

const most = 8;

/** `path`: of the node that holds the copy. */
export function originSection(editor: Editor, path: Level): TemplateResult | "" {
  const { tab, catalogue } = editor;
  const copy = tab && graphAt(documentOf(tab), path);
  const origin = originOf(copy, editor.state.samplers);
  if (!copy || !origin) return "";
  const { name, entry, differs, edited } = origin;
  const now = entry && differs ? entryGraph(editor, entry) : undefined;
  const found = now ? differences(now, copy, catalogue) : [];
  const own = entryToSave(editor.state, copy);
  return html`<section class="origin"><h3>From the library</h3>
    <p><b>${name}</b> · ${standing(origin)}${entry ? "" : ", which has it no more"}</p>
    ${
      found.length > 0
        ? html`<p class="help">What differs here:</p>
            <ul>${found.slice(0, most).map((line) => html`<li>${line}</li>`)}
              ${found.length > most ? html`<li>and ${found.length - most} more</li>` : ""}</ul>`
        : ""
    }
    ${
      differs || edited || !entry
        ? html`<div class="buttons">
            ${differs ? html`<button class="plain" @click=${() => updateCopy(editor, path)}>${icon(ArchiveRestore, 15)} Update to the library's</button>` : ""}
            <button class="plain" @click=${() => saveCopy(editor, path)}>${icon(Save, 15)} ${own ? `Save as version ${(own.version ?? 1) + 1}` : "Save to library"}</button>
          </div>`
        : ""
    }
  </section>`;
}
