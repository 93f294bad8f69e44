import { html, type TemplateResult } from "lit";
import { LocateFixed } from "lucide";
import type { Editor } from "../actions/editor.ts";
import { reveal } from "../actions/running.ts";
import { icon } from "./icon.ts";

/** Brings the node at a path to the middle, at whatever depth. */
export const goTo = (editor: Editor, path: string): TemplateResult =>
  html`<button class="plain" @click=${() => reveal(editor, path)}>${icon(LocateFixed, 15)} Go to the node</button>`;
