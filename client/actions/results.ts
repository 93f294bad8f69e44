/** What runs have made, within reach: looked at, saved, copied, put away and brought back. */
import { comparedWith, counterpart, filesOf, picturesOf, type Shown } from "../runs/gallery.ts";
import type { RunView } from "../runs/run-view.ts";
import type { MenuItem } from "../state/overlay.ts";
import { opened } from "../state/ui.ts";
import { copyForPerson } from "./clipboard.ts";
import type { Editor } from "./editor.ts";
import { pickRun, restoreRun } from "./restoring.ts";
import { moveRun, repeatRun } from "./running.ts";

/** Opens the first picture of a run, or of one of its nodes. */
export function viewRun(editor: Editor, run: RunView, path?: string): void {
  const named = run.summary.outputs.find((output) => output.path === path && output.mime === "image/png");
  const [first] = picturesOf(run);
  const name = named?.name ?? first?.name;
  if (name !== undefined) editor.apply(opened({ is: "viewer", run: run.summary.id, name }));
}

/** Opens a picture of a run beside its like in another: the one given, else the one before it. */
export function compareRun(editor: Editor, run: RunView, { name, other }: ComparedWith = {}): void {
  const against = other ?? comparedWith(editor.runs.all, run);
  const shown = name ?? picturesOf(run)[0]?.name;
  if (!against || shown === undefined) return;
  // Time goes from A to B.
  const isLater = run.summary.number > against.summary.number;
  const [a, b] = (isLater ? [against, run] : [run, against]).map(({ summary }) => summary.id);
  const ofB = isLater ? shown : counterpart(run, shown, against);
  if (ofB !== undefined) editor.apply(opened({ is: "compare", a, b, name: ofB, way: "swipe", at: 50, sizes: {} }));
}

interface ComparedWith {
  readonly name?: string;
  readonly other?: RunView | undefined;
}

/** In the menu of a run it is compared with the one that is shown; that one with the one before it. */
function compareItem(editor: Editor, run: RunView): MenuItem {
  const shown = editor.runs.byId.get(editor.tab?.run ?? "");
  const isOther = shown && shown !== run && picturesOf(shown).length > 0;
  const other = isOther ? shown : comparedWith(editor.runs.all, run);
  return {
    label: other ? `Compare with run ${other.summary.number}` : "Compare with another run",
    disabled: !other || picturesOf(run).length === 0,
    run: () => compareRun(editor, run, { other }),
  };
}

export function saveOutput(editor: Editor, { run, name }: Shown): void {
  const link = Object.assign(document.createElement("a"), { href: editor.api.outputUrl(run, name), download: name });
  link.click();
}

function saveAll(editor: Editor, files: readonly Shown[]): void {
  for (const file of files) saveOutput(editor, file);
}

/** The picture itself, where the browser lets a page put one into the clipboard. */
export async function copyPicture(editor: Editor, { run, name }: Shown): Promise<void> {
  try {
    const blob = editor.api.output(run, name).then((file) => file.slice(0, file.size, "image/png"));
    await navigator.clipboard.write([new ClipboardItem({ "image/png": blob })]);
    editor.say({ text: `${name} is in the clipboard` });
  } catch (error) {
    const more = `${(error as Error).message} Save the picture instead.`;
    editor.say({ text: `${name} is not in the clipboard`, more, bad: true });
  }
}

/** What can be done with a run, as its menu has it. */
export function runMenu(editor: Editor, run: RunView): (MenuItem | "-")[] {
  const { id, number, state, pinned } = run.summary;
  const hasEnded = !["queued", "running", "cancelling"].includes(state);
  const files = filesOf(run);
  const shown = files.slice(0, mostFiles);
  return [
    { label: "Look at it large", disabled: picturesOf(run).length === 0, run: () => viewRun(editor, run) },
    compareItem(editor, run),
    { label: "Show its pictures here", run: () => void pickRun(editor, run) },
    { label: "Restore its graph", run: () => void restoreRun(editor, run) },
    { label: "Run it again", run: () => void repeatRun(editor, run) },
    ...(state === "queued"
      ? [
          { label: "Let it come earlier", run: () => void moveRun(editor, id, -1) },
          { label: "Let it come later", run: () => void moveRun(editor, id, 1) },
        ]
      : []),
    "-",
    ...shown.map((file): MenuItem => ({ label: `Save ${file.name}`, run: () => saveOutput(editor, file) })),
    ...(files.length > shown.length
      ? [{ label: `Save all ${files.length} files`, run: () => saveAll(editor, files) }]
      : []),
    { label: "Copy the name of its folder", run: () => void copyFolder(editor, run) },
    "-",
    { label: pinned ? "Unpin" : "Pin, so that it stays", run: () => void pinRun(editor, id, pinned !== true) },
    {
      label: "Delete it with its files",
      danger: true,
      disabled: !hasEnded || pinned === true,
      run: () => void deleteRun(editor, id, number),
    },
  ];
}

const mostFiles = 6;

/** Where the server keeps its files, within its data folder. */
export const folderOf = (run: string): string => `runs/${run}/outputs`;

const copyFolder = (editor: Editor, { summary: { id } }: RunView): Promise<void> =>
  copyForPerson(
    editor,
    `“${folderOf(id)}”, in the data folder of the server,`,
    folderOf(id),
    "It is in the run’s menu.",
  );

async function pinRun(editor: Editor, id: string, isPinned: boolean): Promise<void> {
  try {
    await editor.api.pin(id, isPinned);
  } catch (error) {
    editor.say({
      text: isPinned ? "The run is not pinned" : "The run stays pinned",
      more: (error as Error).message,
      bad: true,
    });
  }
}

/** Files too; for a while it can be brought back. */
async function deleteRun(editor: Editor, id: string, number: number): Promise<void> {
  try {
    await editor.api.trash(id);
    editor.runs.forget(id);
    editor.say(
      {
        text: `Run ${number} is deleted, with its files`,
        more: "It can be brought back for half an hour.",
        action: { label: "Undo", run: () => void bringBack(editor, id, number) },
      },
      10_000,
    );
  } catch (error) {
    editor.say({ text: `Run ${number} is not deleted`, more: (error as Error).message, bad: true });
  }
}

/** Out of the trash again, as it was. */
export async function bringBack(editor: Editor, id: string, number: number): Promise<void> {
  try {
    await editor.api.restore(id);
    await editor.runs.load();
  } catch (error) {
    editor.say({ text: `Run ${number} cannot be brought back`, more: (error as Error).message, bad: true });
  }
}

/** What the history weighs and what is in the trash, read anew while that is looked at. */
export async function openKept(editor: Editor): Promise<void> {
  editor.apply((state) => (state.overlay?.is === "kept" ? state : opened({ is: "kept" })(state)));
  try {
    const [usage, trash] = await Promise.all([editor.api.usage(), editor.api.trashed()]);
    if (editor.state.overlay?.is === "kept") editor.apply(opened({ is: "kept", usage, trash }));
  } catch (error) {
    editor.say({ text: "What the history weighs is not known", more: (error as Error).message, bad: true });
  }
}

/** For good. Without an id: all that one may. */
export async function emptyTrash(editor: Editor, id?: string): Promise<void> {
  try {
    await editor.api.emptyTrash(id);
  } catch (error) {
    editor.say({ text: "The trash is not emptied", more: (error as Error).message, bad: true });
  }
  await openKept(editor);
}
