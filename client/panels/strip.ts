/** Runs, newest first, and above them the film of the run that is shown. */
import { html, nothing, type TemplateResult } from "lit";
import { ref } from "lit/directives/ref.js";
import { Columns2, HardDrive, History, ImageOff, RotateCw, TriangleAlert, X } from "lucide";
import type { Editor } from "../actions/editor.ts";
import { pickRun, restoreRun } from "../actions/restoring.ts";
import { compareRun, openKept, runMenu, viewRun } from "../actions/results.ts";
import { cancelRun, repeatRun } from "../actions/running.ts";
import { titleOf } from "../edit/level.ts";
import { changesBetween, looksBetween } from "../runs/changes.ts";
import { devicesInUse } from "../runs/device-words.ts";
import { comparedWith, picturesOf, searchRuns } from "../runs/gallery.ts";
import { doneOfAll, lastStep, leftInRun, pictureWords } from "../runs/progress.ts";
import { duration, hasEnded, type RunView, roughly } from "../runs/run-view.ts";
import type { Sheet } from "../runs/sheet.ts";
import { put } from "../state/state.ts";
import { opened } from "../state/ui.ts";
import { icon } from "./icon.ts";
import { scrubber } from "./scrubber.ts";

export function strip(editor: Editor): TemplateResult | "" {
  if (!editor.state.strip || !editor.tab) return "";
  const { all } = editor.runs;
  const found = searchRuns(all, editor.state.runSearch);
  const runs = found.slice(0, editor.state.runsListed);
  return html`<footer class="strip" aria-label="Runs" data-empty=${all.length === 0}>
    ${scrubber(editor)}
    ${
      all.length === 0
        ? html`<div class="history"><p class="hint">No runs yet. <b class="by-key">Ctrl + Enter</b><b class="by-touch">Run</b> starts one; its pictures and settings stay here.</p>${keptButton(editor)}</div>`
        : html`<div class="history">
            <div class="runs" role="listbox" aria-label="Runs">
              ${runs.map((run, i) => entry(editor, run, i < near ? found[i + 1] : undefined, i < near))}
              ${runs.length === 0 ? html`<p class="hint">No run has “${editor.state.runSearch}” in its number, title or state.</p>` : older(editor, runs.length < found.length)}
            </div>
            <input type="search" class="field" aria-label="Find a run" placeholder="Find a run" .value=${editor.state.runSearch}
              @input=${(event: Event) => editor.apply(put({ runSearch: (event.target as HTMLInputElement).value }))} />
            ${compareButton(editor)} ${keptButton(editor)}
          </div>`
    }
  </footer>`;
}

/** Of the run that is shown, else of the last one that has pictures. */
function compareButton(editor: Editor): TemplateResult | "" {
  const { all, byId } = editor.runs;
  const shown = byId.get(editor.tab?.run ?? "");
  const run = shown && picturesOf(shown).length > 0 ? shown : all.find((one) => picturesOf(one).length > 0);
  if (!run || !comparedWith(all, run)) return "";
  return html`<button class="plain compare-runs" aria-label="Compare runs" aria-haspopup="dialog" title="Compare the run that is shown with the one before it" @click=${() => compareRun(editor, run)}>${icon(Columns2, 15)} <span>Compare</span></button>`;
}

const keptButton = (editor: Editor): TemplateResult =>
  html`<button class="tool" aria-label="What is kept" aria-haspopup="dialog" title="What the history weighs, and the trash" @click=${() => void openKept(editor)}>${icon(HardDrive)}</button>`;

/** `isListed`: they are known, and only not shown; else the server has them. */
function older(editor: Editor, isListed: boolean): TemplateResult | "" {
  const oldest = editor.runs.all.at(-1)?.summary.number ?? 1;
  if (!isListed && oldest <= 1) return "";
  const more = async () => {
    editor.apply((state) => ({ ...state, runsListed: state.runsListed + 60 }));
    if (!isListed) await editor.runs.loadOlder();
  };
  return html`<button class="plain older" @click=${() => void more().catch((error: Error) => editor.say({ text: "Older runs cannot be listed", more: error.message, bad: true }))}>Older runs</button>`;
}

/** Of so many runs the graphs and pictures are asked for. */
const near = 12;

/** The first picture of a sheet. */
function drawThumb(canvas: HTMLCanvasElement, { image, cell: { width, height } }: Sheet): void {
  [canvas.width, canvas.height] = [width, height];
  canvas.getContext("2d")?.drawImage(image, 0, 0, width, height, 0, 0, width, height);
}

/** Of which document it is, whatever that is called; an older run is known by its title. */
const keyOf = ({ summary: { document, title } }: RunView): string => document ?? title;

/** What it changed against the run before; of another document, its title. */
function whatChanged(editor: Editor, run: RunView, before: RunView | undefined): string {
  const title = run.summary.title || "untitled";
  if (!before || keyOf(before) !== keyOf(run)) return title;
  const [a, b] = [editor.runs.graph(before.summary.id), editor.runs.graph(run.summary.id)];
  if (!a || !b) return title;
  const looks = looksBetween(editor.runs.watched(before.summary.id), editor.runs.watched(run.summary.id));
  return changesBetween(a, b, (node) => titleOf(node, editor.catalogue)) ?? looks ?? "the same again";
}

function entry(editor: Editor, run: RunView, before: RunView | undefined, isNear: boolean): TemplateResult {
  const { summary } = run;
  const isShown = editor.tab?.run === summary.id;
  return html`<div class="run-entry" role="option" tabindex="0" aria-selected=${isShown} data-state=${summary.state}
    title=${summary.failure?.message ?? "Click: its pictures and its graph; double-click: its picture large; right-click: its files"}
    @click=${() => void pickRun(editor, run)}
    @dblclick=${() => viewRun(editor, run)}
    @contextmenu=${(event: MouseEvent) => {
      event.preventDefault();
      editor.apply(
        opened({
          is: "menu",
          at: [event.clientX, event.clientY],
          items: runMenu(editor, run),
          label: `Run ${summary.number}`,
        }),
      );
    }}
    @keydown=${(event: KeyboardEvent) => {
      if (event.key === "Enter" && !event.ctrlKey && !event.altKey) void restoreRun(editor, run);
      if (event.key === " ") void pickRun(editor, run);
    }}>
    ${thumbnail(editor, run, isNear)}
    <span><b>${summary.number}${summary.pinned ? html` <small>pinned</small>` : ""}</b><span class="what">${whatChanged(editor, run, before)}</span><span class="state" title=${pictureWords(run, devicesInUse(editor.state.health)) ?? nothing}>${byLine(run)}${stateLine(run, devicesInUse(editor.state.health))}</span></span>
    ${deed(editor, run)}
  </div>`;
}

/** What one would do with it: end it, or, when it came to nothing, run it again. */
function deed(editor: Editor, run: RunView): TemplateResult | "" {
  const { id, number, state } = run.summary;
  if (state === "succeeded") return "";
  const isOver = hasEnded(run);
  const act = (event: Event) => {
    event.stopPropagation();
    void (isOver ? repeatRun(editor, run) : cancelRun(editor, id));
  };
  const label = isOver ? `Run ${number} again` : `Cancel run ${number}`;
  return html`<button class="tool small" aria-label=${label} title=${isOver ? "Run again" : "Cancel"} @click=${act}>${icon(isOver ? RotateCw : X, 15)}</button>`;
}

/** `isNear`: it is among the runs that one sees at first, whose previews are worth asking for. */
function thumbnail(editor: Editor, run: RunView, isNear: boolean): TemplateResult {
  const { id, state, outputs } = run.summary;
  const pictures = outputs.filter(({ mime }) => mime === "image/png");
  const picture = pictures.find(({ missing }) => !missing);
  if (!picture && pictures.length > 0)
    return html`<i class="thumb" title="Its picture was removed from the server's disk">${icon(ImageOff)}</i>`;
  if (picture) return html`<img class="thumb" alt="" loading="lazy" src=${editor.api.outputUrl(id, picture.name)} />`;
  const shown = isNear && state !== "queued" ? editor.runs.lastPicture(id) : undefined;
  if (shown)
    return html`<canvas class="thumb" ${ref((element) => element && drawThumb(element as HTMLCanvasElement, shown))}></canvas>`;
  return html`<i class="thumb">${icon(state === "failed" || state === "interrupted" ? TriangleAlert : History)}</i>`;
}

/** On a server of several users, whose it is. */
const byLine = ({ summary: { by } }: RunView): string => (by === undefined ? "" : `${by} · `);

/** Of a run at work, how much of all its batches is done, and how long the rest takes `devices` of them at a time. */
function stateLine(run: RunView, devices: number): string {
  const { state, ms, position, failure, batches } = run.summary;
  if (state === "queued") return position ? `waiting, ${position} before it` : "waiting";
  if (state === "succeeded") return ms === undefined ? "done" : duration(ms);
  if (state === "failed") return failure ? `failed: ${failure.message}` : "failed";
  const [step, left] = [lastStep(run), leftInRun(run, devices)];
  if (state !== "running" || left === undefined) return state;
  const done = batches === 1 && step ? `${step.taken} / ${step.of}` : doneOfAll(run);
  return `${done} · ${roughly(left)} left`;
}
