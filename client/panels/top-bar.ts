import { html, type TemplateResult } from "lit";
import { CircleAlert, CircleQuestionMark, House, Moon, Play, Plus, Redo2, Square, Sun, Undo2, X } from "lucide";
import type { Problem } from "../../server/protocol.ts";
import { newDocument } from "../actions/documents.ts";
import type { Editor } from "../actions/editor.ts";
import { askName } from "../actions/renaming.ts";
import { cancelRun, startRun } from "../actions/running.ts";
import { setTheme } from "../actions/theme.ts";
import { devicesInUse, devicesLabel } from "../runs/device-words.ts";
import { duration } from "../runs/run-view.ts";
import { timeLeft } from "../runs/time-left.ts";
import { problemsOf } from "../state/problems.ts";
import { opened, toggledQueue, withBatches } from "../state/ui.ts";
import { icon } from "./icon.ts";
import { countOf } from "./problems.ts";

export function topBar(editor: Editor): TemplateResult {
  const { tab } = editor;
  const { theme } = editor.state;
  const isRunning = editor.runs.active.length > 0;
  return html`<header class="top">
    <button class="brand" @click=${() => editor.show("")} aria-label="GuideGraph, start page" title="Start page">
      <svg width="22" height="22" viewBox="0 0 24 24" aria-hidden="true">
        <path d="M3 4h18L12 20z" fill="none" stroke="var(--guide)" stroke-width="2.4" stroke-linejoin="round" />
        <circle cx="12" cy="9.5" r="2" fill="var(--guide)" />
      </svg>
      <span>GuideGraph</span>
    </button>
    ${tabList(editor)}
    <div class="tools">
      ${tab ? html`<button class="cancel" data-idle=${!isRunning} ?disabled=${!isRunning} @click=${() => cancelRun(editor)} title="Cancel (Ctrl+Alt+Enter)">${icon(Square, 16)} <span>Cancel</span> <kbd>Ctrl Alt ↵</kbd></button>` : ""}
      ${backend(editor)}
      ${
        tab
          ? html`<button class="tool undo" aria-label="Undo" title="Undo (Ctrl+Z)" ?disabled=${tab.history.past.length === 0} @click=${() => editor.undo()}>${icon(Undo2)}</button>
              <button class="tool undo" aria-label="Redo" title="Redo (Ctrl+Shift+Z)" ?disabled=${tab.history.future.length === 0} @click=${() => editor.redo()}>${icon(Redo2)}</button>`
          : ""
      }
      <button class="tool only-wide" aria-label="Switch to the ${theme === "dark" ? "light" : "dark"} theme" title="Theme" @click=${() => setTheme(editor, theme === "dark" ? "light" : "dark")}>
        ${icon(theme === "dark" ? Sun : Moon)}
      </button>
      <button class="tool only-wide" aria-label="Shortcuts" title="Shortcuts (?)" @click=${() => editor.apply(opened({ is: "shortcuts" }))}>${icon(CircleQuestionMark)}</button>
      ${tab ? batches(editor) : ""}
      ${tab ? runButton(editor, problemsOf(tab)) : ""}
    </div>
  </header>`;
}

/** Says what there is to solve first, where there is something. */
function runButton(editor: Editor, problems: readonly Problem[]): TemplateResult {
  const run = () => startRun(editor);
  const isStarting = editor.state.starting.includes(editor.state.active);
  const hint = isStarting ? "One is starting: another press puts another behind it (Ctrl+Enter)" : "Run (Ctrl+Enter)";
  if (problems.length === 0)
    return html`<button class="run" aria-busy=${isStarting} @click=${run} title=${hint}>${icon(Play, 16)} ${isStarting ? "Starting" : "Run"} <kbd>Ctrl ↵</kbd></button>`;
  return html`<button class="run hindered" @click=${run} aria-haspopup="dialog" title="What keeps this graph from running (Ctrl+Enter)">${icon(CircleAlert, 16)} ${countOf(problems)}</button>`;
}

function tabList(editor: Editor): TemplateResult {
  return html`<nav class="tabs" role="tablist" aria-label="Documents">
    <button role="tab" class="tab home" aria-selected=${editor.state.active === ""} aria-label="Start" title="Start page" @click=${() => editor.show("")}>${icon(House, 16)}</button>
    ${editor.state.tabs.map(
      (
        tab,
      ) => html`<div class="tab" role="presentation" data-key=${tab.key} data-active=${editor.state.active === tab.key}>
        <button role="tab" aria-selected=${editor.state.active === tab.key} title="Double-click: another name" @click=${() => editor.show(tab.key)}
          @dblclick=${() => askName(editor, tab)} @keydown=${(event: KeyboardEvent) => event.key === "F2" && askName(editor, tab)}>${tab.name}</button>
        <button class="close" aria-label="Close ${tab.name}" title="Close; it stays saved" @click=${() => editor.close(tab.key)}>${icon(X, 14)}</button>
      </div>`,
    )}
    <button class="tool" aria-label="New document" title="New document" @click=${() => newDocument(editor)}>${icon(Plus)}</button>
  </nav>`;
}

function backend(editor: Editor): TemplateResult {
  const { runs } = editor;
  const { health, overlay } = editor.state;
  if (!runs.connected)
    return html`<span class="badge" data-state="warn" title="Editing goes on; runs continue on the server.">Not connected</span>`;
  const running = runs.active.filter(({ summary }) => summary.state !== "queued").length;
  const waiting = runs.active.length - running;
  const queue = [running > 0 ? `${running} running` : "", waiting > 0 ? `${waiting} waiting` : ""]
    .filter(Boolean)
    .join(", ");
  const left = runs.active.length > 0 ? timeLeft(runs.all, devicesInUse(health)) : undefined;
  const isOpen = overlay?.is === "queue";
  const device = health ? devicesLabel(health) : "starting";
  return html`<button class="badge" data-state=${running > 0 || device === "starting" ? "busy" : "ok"} aria-haspopup="dialog" aria-expanded=${isOpen}
    title="Where models are computed, and what waits for it (Q)${left === undefined ? "" : `; about ${duration(left)} left for all`}" @click=${() => editor.apply(toggledQueue)}>
    ${device}${queue ? html` <span class="queue">· ${queue}${left === undefined ? "" : ` · ${duration(left)} left`}</span>` : ""}
  </button>`;
}

function batches(editor: Editor): TemplateResult {
  const { batches } = editor.state;
  const set = (batches: number) => editor.apply(withBatches(batches));
  return html`<div class="stepper" title="Batches: how often the graph is sampled, each with its own noise">
    <button aria-label="Fewer batches" @click=${() => set(batches - 1)}>−</button>
    <span aria-live="polite" aria-label="${batches} batches">× ${batches}</span>
    <button aria-label="More batches" @click=${() => set(batches + 1)}>+</button>
  </div>`;
}
