/** A picture as large as it fits, its pixels as squares: to look at, go on from, save, copy, and to open its graph. */
import { html, type TemplateResult } from "lit";
import { ref } from "lit/directives/ref.js";
import { ChevronLeft, ChevronRight, Columns2, Copy, Download, Workflow, X, ZoomIn, ZoomOut } from "lucide";
import type { Editor } from "../../actions/editor.ts";
import { labelsOf } from "../../actions/labels.ts";
import { dismiss } from "../../actions/overlays.ts";
import { restoreRun } from "../../actions/restoring.ts";
import { compareRun, copyPicture, saveOutput } from "../../actions/results.ts";
import { comparedWith, picturesOf, placeOf, stepped, steppedRun } from "../../runs/gallery.ts";
import { classesUnder, listed } from "../../state/class-names.ts";
import type { Overlay } from "../../state/overlay.ts";
import { opened } from "../../state/ui.ts";
import { focusOnce } from "../focus.ts";
import { icon } from "../icon.ts";
import { fitScale, type Sheet, sheetParts, wholeOrLess } from "./sheet.ts";

declare module "../../state/overlay.ts" {
  interface Overlays {
    viewer: {
      readonly run: string;
      readonly name: string;
      /** Screen pixels a pixel of the picture; absent: as many as fit. */
      readonly zoom?: number;
      /** Of the picture in its own pixels, once it is loaded. */
      readonly size?: readonly [width: number, height: number];
    };
  }
}

export function viewerPopup(editor: Editor, viewer: Overlay<"viewer">): TemplateResult | "" {
  const { runs } = editor;
  const run = runs.byId.get(viewer.run);
  if (!run) return "";
  const own = picturesOf(run);
  const index = own.findIndex(({ name }) => name === viewer.name);
  const close = () => dismiss(editor);
  const show = (next: { readonly run: string; readonly name: string }) =>
    editor.apply(opened({ is: "viewer", ...next }));
  const go = (by: number) => show(stepped(runs.all, viewer, by));
  const zoom = (factor: number) => {
    const image = document.querySelector<HTMLImageElement>(".viewer img");
    const now = viewer.zoom ?? (image ? image.clientWidth / image.naturalWidth : 1);
    const next = factor > 1 ? Math.floor(now) + 1 : Math.ceil(now) - 1;
    editor.apply(opened({ ...viewer, zoom: Math.max(1, Math.min(64, next)) }));
  };
  const key = (event: KeyboardEvent) => {
    const acts: Record<string, () => void> = {
      ArrowLeft: () => go(-1),
      ArrowRight: () => go(1),
      ArrowUp: () => show(steppedRun(runs.all, viewer, -1)),
      ArrowDown: () => show(steppedRun(runs.all, viewer, 1)),
      "+": () => zoom(2),
      "=": () => zoom(2),
      "-": () => zoom(0.5),
      "0": () => show({ run: viewer.run, name: viewer.name }),
      c: compare,
      Escape: close,
    };
    const act = event.ctrlKey || event.altKey ? undefined : acts[event.key];
    if (!act) return;
    act();
    event.preventDefault();
    event.stopPropagation();
  };
  const compare = () => compareRun(editor, run, { name: viewer.name });
  const place = placeOf(run, viewer.name);
  const under = classesUnder(editor.state, runs.graph(viewer.run), place, labelsOf(editor, run));
  const url = editor.api.outputUrl(viewer.run, viewer.name);
  const { names = [], sheet } = under ?? {};
  const parts = sheet && names.length > 1 ? { ...sheet, names, url } : undefined;
  const loaded = ({ target }: Event) => {
    const image = target as HTMLImageElement;
    sized(image, viewer.zoom, parts);
    const now = editor.state.overlay;
    if (now?.is === "viewer" && now.name === viewer.name && now.run === viewer.run)
      editor.apply(opened({ ...now, size: [image.naturalWidth, image.naturalHeight] }));
  };
  return html`<div class="veil" @click=${(event: Event) => event.target === event.currentTarget && close()}>
    <div class="dialog viewer" role="dialog" aria-modal="true" aria-label="Picture" tabindex="-1" ${ref(focusOnce)} @keydown=${key}>
      <header>
        <h2>Run ${run.summary.number}<small>${viewer.name}${own.length > 1 ? ` · ${index + 1} of ${own.length}` : ""}</small></h2>
        <div class="tools">
          ${button("Smaller pixels (−)", ZoomOut, () => zoom(0.5))} ${button("Larger pixels (+)", ZoomIn, () => zoom(2))}
          ${comparedWith(runs.all, run) ? button("Compare with another run (C)", Columns2, compare) : ""}
          ${button("Save", Download, () => saveOutput(editor, viewer))} ${button("Copy", Copy, () => void copyPicture(editor, viewer))}
          ${button("Open its graph", Workflow, () => {
            close();
            void restoreRun(editor, run);
          })}
          ${button("Close", X, close)}
        </div>
      </header>
      <div class="picture" data-fit=${viewer.zoom === undefined}>
        <img alt=${`${viewer.name} of run ${run.summary.number}`} src=${url} data-apart=${parts !== undefined && viewer.size !== undefined}
          ${ref((element) => element && sized(element as HTMLImageElement, viewer.zoom, parts))} @load=${loaded} />
        ${parts && viewer.size ? sheetParts(parts, viewer.size, viewer.zoom ?? fitScale(parts, viewer.size, room())) : ""}
      </div>
      <footer>
        <button class="tool" aria-label="Picture before" title="Before (←)" @click=${() => go(-1)}>${icon(ChevronLeft)}</button>
        <span class="what">${parts ? "" : under ? listed(names) : ""}</span>
        <button class="tool" aria-label="Next picture" title="Next (→)" @click=${() => go(1)}>${icon(ChevronRight)}</button>
      </footer>
    </div>
  </div>`;
}

const button = (label: string, shape: unknown, act: () => void) =>
  html`<button class="tool" aria-label=${label} title=${label} @click=${act}>${icon(shape)}</button>`;

/** Where the picture is shown, in CSS pixels. */
function room(): readonly [width: number, height: number] {
  const element = document.querySelector(".viewer .picture");
  return [element?.clientWidth ?? innerWidth - 96, element?.clientHeight ?? innerHeight - 160];
}

/** Whole screen pixels a pixel, so that all squares are of one size. */
function sized(image: HTMLImageElement, zoom: number | undefined, parts: Sheet | undefined): void {
  const { naturalWidth: width, naturalHeight: height } = image;
  if (width === 0) return;
  const [across, down] = room();
  const fits = parts
    ? fitScale(parts, [width, height], [across, down])
    : wholeOrLess(Math.min(across / width, down / height));
  const scale = zoom ?? fits;
  image.style.width = `${width * scale}px`;
  image.style.height = `${height * scale}px`;
}
