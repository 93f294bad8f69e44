/** A parameter edited in its card: a DOM field exactly over the painted one. */
import { html, type TemplateResult } from "lit";
import { keyed } from "lit/directives/keyed.js";
import { portsOf } from "../../../graphs/document/index.ts";
import type { Editor } from "../../actions/editor.ts";
import { nextField } from "../../actions/fields.ts";
import { dismiss } from "../../actions/overlays.ts";
import { nodeOf, setProperty } from "../../edit/graph.ts";
import { parametersOf } from "../../edit/parameters.ts";
import type { Overlay } from "../../state/overlay.ts";
import { parameterField, wantsLine } from "../parameter-field.ts";

declare module "../../state/overlay.ts" {
  interface Overlays {
    field: {
      readonly id: number;
      readonly name: string;
      /** The painted field, in CSS pixels of the window. */
      readonly box: readonly [number, number, number, number];
    };
  }
}

export function fieldPopup(editor: Editor, field: Overlay<"field">): TemplateResult | "" {
  const node = nodeOf(editor.graph, field.id);
  const ports = node && portsOf(node, editor.catalogue.definitions);
  const row = node && parametersOf(node, ports?.inputs ?? {}).find(({ name }) => name === field.name);
  if (!row) return "";
  const [left, top, width, height] = field.box;
  const done = () => dismiss(editor, field);
  const set = (value: unknown, stroke?: string) =>
    editor.edit(
      (graph) => setProperty(graph, field.id, field.name, value, editor.catalogue),
      stroke && `${field.id} ${stroke}`,
    );
  const next = (isBack: boolean) => nextField(editor, field.id, field.name, isBack);
  const hasLine = wantsLine(row);
  const wide = Math.max(width, hasLine ? 320 : 120);
  const tall = hasLine ? "auto" : `${Math.max(24, height + 4)}px`;
  const at = Math.max(8, Math.min(left, innerWidth - wide - 8));
  return html`<div class="popup over" .style=${`left:${at}px;top:${top - 2}px;width:min(${wide}px, 100vw - 16px);height:${tall}`}>
    ${keyed(`${field.id} ${field.name}`, parameterField({ editor, node: field.id, row, set, done, next }))}
  </div>`;
}
