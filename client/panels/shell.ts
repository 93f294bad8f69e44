/** The whole page as one template; lit changes only what differs. */
import { html, type TemplateResult } from "lit";
import { ref } from "lit/directives/ref.js";
import type { Editor } from "../actions/editor.ts";
import { breadcrumb, failureNotes, hintTip, noticeCard, refusalTip, zoomBar } from "./canvas-chrome.ts";
import { fieldPopup } from "./field-popup.ts";
import { groupPopup } from "./group-popup.ts";
import { inspector } from "./inspector.ts";
import { leftPanel, rail } from "./left.ts";
import { menuPopup } from "./menu.ts";
import { minimap } from "./minimap.ts";
import { mirror } from "./mirror.ts";
import { notePopup } from "./note-popup.ts";
import { palettePopup } from "./palette.ts";
import { problemsPopup } from "./problems.ts";
import { queuePopup } from "./queue.ts";
import { settingsDialog } from "./settings.ts";
import { shortcutsDialog } from "./shortcuts.ts";
import { startPage } from "./start-page.ts";
import { strip } from "./strip.ts";
import { topBar } from "./top-bar.ts";

export interface ShellHooks {
  readonly canvas: (element: Element | undefined) => void;
  readonly drop: (event: DragEvent) => void;
}

export function shell(editor: Editor, hooks: ShellHooks): TemplateResult {
  return html`${topBar(editor)}
    <div class="body" data-start=${!editor.tab && editor.ready} data-left=${editor.left !== undefined} data-inspector=${editor.inspector} @dragover=${(event: DragEvent) => event.preventDefault()} @drop=${hooks.drop}>
      ${rail(editor)} ${leftPanel(editor)}
      ${editor.tab || !editor.ready ? "" : startPage(editor)}
      <main class="stage" ?hidden=${!editor.tab}>
        <canvas id="canvas" tabindex="0" aria-label="Graph" ${ref(hooks.canvas)}></canvas>
        ${
          editor.tab
            ? html`<div class="notes">${failureNotes(editor)}</div>
                ${breadcrumb(editor)} ${zoomBar(editor)} ${minimap(editor)} ${mirror(editor)}
                ${editor.graph.nodes.length === 0 ? html`<p class="empty">Double-click to add a node, or drop a graph or a picture that carries one.</p>` : ""}`
            : ""
        }
      </main>
      ${inspector(editor)} ${strip(editor)}
    </div>
    ${noticeCard(editor)} ${refusalTip(editor)} ${hintTip(editor)} ${overlay(editor)}`;
}

function overlay(editor: Editor): TemplateResult | "" {
  const { overlay } = editor;
  switch (overlay?.is) {
    case undefined:
      return "";
    case "palette":
      return palettePopup(editor, overlay);
    case "menu":
      return menuPopup(editor, overlay);
    case "field":
      return fieldPopup(editor, overlay);
    case "note":
      return notePopup(editor, overlay);
    case "group":
      return groupPopup(editor, overlay);
    case "queue":
      return queuePopup(editor);
    case "problems":
      return problemsPopup(editor);
    case "shortcuts":
      return shortcutsDialog(editor);
    case "settings":
      return settingsDialog(editor);
  }
}
