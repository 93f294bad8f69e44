/** What floats above everything: a template for each kind of overlay. One without a row does not compile. */
import type { TemplateResult } from "lit";
import type { Editor } from "../../actions/editor.ts";
import type { Overlay, OverlayName } from "../../state/overlay.ts";
import { compareDialog } from "./compare.ts";
import { fieldPopup } from "./field.ts";
import { findPopup } from "./find.ts";
import { groupPopup } from "./group.ts";
import { keptPopup } from "./kept.ts";
import { menuPopup } from "./menu.ts";
import { modelFormDialog } from "./model-form.ts";
import { notePopup } from "./note.ts";
import { palettePopup } from "./palette.ts";
import { problemsPopup } from "./problems.ts";
import { queuePopup } from "./queue.ts";
import { renamePopup } from "./rename.ts";
import { settingsDialog } from "./settings.ts";
import { shortcutsDialog } from "./shortcuts.ts";
import { viewerPopup } from "./viewer.ts";
import { workersDialog } from "./workers.ts";

type Template<Name extends OverlayName> = (editor: Editor, overlay: Overlay<Name>) => TemplateResult | "";

/** Exported, so that whoever is compiled against this file's types alone knows every overlay. */
export const templates = {
  compare: compareDialog,
  field: fieldPopup,
  find: findPopup,
  group: groupPopup,
  kept: keptPopup,
  menu: menuPopup,
  modelForm: modelFormDialog,
  note: notePopup,
  palette: palettePopup,
  problems: problemsPopup,
  queue: queuePopup,
  rename: renamePopup,
  settings: settingsDialog,
  shortcuts: shortcutsDialog,
  viewer: viewerPopup,
  workers: workersDialog,
} satisfies { [Name in OverlayName]: Template<Name> };

export function overlay(editor: Editor): TemplateResult | "" {
  const { overlay } = editor.state;
  return overlay ? (templates[overlay.is] as Template<OverlayName>)(editor, overlay) : "";
}
