/** The whole page as one template; lit changes only what differs. */
import { html, type TemplateResult } from "lit";
import { ref } from "lit/directives/ref.js";
import type { Editor } from "../actions/editor.ts";
import { isOverStage } from "../state/ui.ts";
import { breadcrumb, failureNotes, hintTip, missingNotes, refusalTip, zoomBar } from "./canvas-chrome.ts";
import { edgeMarks } from "./edge-marks.ts";
import { inspector } from "./inspector.ts";
import { leftPanel, rail } from "./left.ts";
import { minimap } from "./minimap.ts";
import { mirror } from "./mirror.ts";
import { noticeCard } from "./notice.ts";
import { overlay } from "./overlays/table.ts";
import { startPage } from "./start-page.ts";
import { strip } from "./strip.ts";
import { topBar } from "./top-bar.ts";

export interface ShellHooks {
  readonly canvas: (element: Element | undefined) => void;
}

export function shell(editor: Editor, hooks: ShellHooks): TemplateResult {
  const { ready, left, inspector: inspects, overlay: open } = editor.state;
  const isOver = open !== undefined && isOverStage(open);
  return html`${topBar(editor)}
    <div class="body" data-start=${!editor.tab && ready} data-left=${left !== undefined} data-inspector=${inspects}>
      ${rail(editor)} ${leftPanel(editor)}
      ${editor.tab || !ready ? "" : startPage(editor)}
      <main class="stage" ?hidden=${!editor.tab}>
        <canvas id="canvas" tabindex="0" aria-label="Graph" ${ref(hooks.canvas)}></canvas>
        ${
          editor.tab
            ? html`<div class="notes">${failureNotes(editor)} ${missingNotes(editor)}</div>
                ${breadcrumb(editor)} ${zoomBar(editor)} ${edgeMarks(editor)} ${minimap(editor)} ${mirror(editor)}
                ${editor.graph.nodes.length === 0 ? html`<p class="empty"><span class="by-key">Double-click to add a node, or drop a graph, a picture or a model.</span><span class="by-touch">Double-tap to add a node.</span></p>` : ""}`
            : ""
        }
      </main>
      ${inspector(editor)} ${strip(editor)}
      <div class="over-stage">${noticeCard(editor)} ${isOver ? overlay(editor) : ""}</div>
    </div>
    ${refusalTip(editor.state)} ${hintTip(editor.state)} ${isOver ? "" : overlay(editor)}`;
}
