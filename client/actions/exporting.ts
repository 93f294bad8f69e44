/** A graph as ONNX that runs without this, as `guidegraph export` writes it. */
import { Unzip } from "fflate";
import { writeDocument } from "../../graphs/document/index.ts";
import { exportManifest } from "../../server/protocol.ts";
import { ApiError } from "../runs/api.ts";
import { put } from "../state/state.ts";
import { documentOf, type Tab } from "../state/tab.ts";
import { opened } from "../state/ui.ts";
import { type Editor, untilReplaced } from "./editor.ts";
import { announce } from "./running.ts";
import { download } from "./sharing.ts";

/** One at a time, as the server does it. */
export async function exportGraph(editor: Editor): Promise<void> {
  const { tab } = editor;
  if (!tab || editor.state.exporting !== undefined) return;
  const notice = { text: `“${tab.name}” is being exported` };
  editor.apply(put({ exporting: tab.name }));
  editor.say(notice, untilReplaced);
  try {
    const zip = await editor.api.exported(writeDocument(documentOf(tab)));
    download(`${tab.name}-onnx.zip`, zip, "application/zip");
    const notes = await notesOf(zip);
    editor.say({ text: `“${tab.name}” is exported`, ...(notes.length > 0 && { more: notes.join("\n") }) }, 20_000);
  } catch (error) {
    if (editor.state.notice === notice) editor.hush();
    refused(editor, tab, error);
  } finally {
    editor.apply(put({ exporting: undefined }));
  }
}

/** Problems with nodes are listed, each with the way there, where their document is still what one looks at. */
function refused(editor: Editor, { key, name }: Tab, error: unknown): void {
  const text = `“${name}” is not exported`;
  if (!(error instanceof ApiError)) {
    const isCut = error instanceof TypeError; // As fetch tells of it, before or within the reply.
    editor.say({ text, more: isCut ? "The server cannot be reached." : (error as Error).message, bad: true });
    return;
  }
  const { errors, message } = error;
  const quarantine = errors[0]?.quarantine;
  if (quarantine !== undefined) {
    const again = () => void exportGraph(editor);
    const run = () => void editor.api.release(quarantine).then(again, again);
    editor.say({ text, more: message, bad: true, action: { label: "Allow and export", run } });
  } else if (errors.some(({ node }) => node !== undefined) && editor.tab?.key === key) {
    editor.apply(opened({ is: "problems", leaving: errors }));
    announce(`${text}: ${message}`);
  } else editor.say({ text, more: message, bad: true }, 20_000);
}

const pieceBytes = 2 ** 16;

/** What is left out or built in, in sentences: the manifest is the archive's first file, and gigabytes may follow. */
export async function notesOf(zip: Blob): Promise<readonly string[]> {
  let [text, isRead] = ["", false];
  const decoder = new TextDecoder();
  const unzip = new Unzip((file) => {
    if (file.name !== exportManifest) return;
    file.ondata = (error, piece, isLast) => {
      if (error) throw error;
      text += decoder.decode(piece, { stream: !isLast });
      isRead = isLast;
    };
    file.start();
  });
  for (let at = 0; at < zip.size && !isRead; at += pieceBytes)
    unzip.push(new Uint8Array(await zip.slice(at, at + pieceBytes).arrayBuffer()));
  if (!isRead) throw new Error(`The archive has no ${exportManifest}`);
  return (JSON.parse(text) as { readonly notes: readonly string[] }).notes;
}
