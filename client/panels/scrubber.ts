/** The film of x₀: one frame a step. What shows a step follows it. */
import { html, type TemplateResult } from "lit";
import { ref } from "lit/directives/ref.js";
import { SkipBack, SkipForward } from "lucide";
import type { Editor } from "../actions/editor.ts";
import type { FilmFrame } from "../runs/pictures.ts";
import { shownFilm } from "../state/film.ts";
import { put } from "../state/state.ts";
import { icon } from "./icon.ts";

export function scrubber(editor: Editor): TemplateResult | "" {
  const film = shownFilm(editor.tab, editor.runs);
  if (!film || film.frames.length < 2) return "";
  const { frames } = film;
  const [{ count, batch, batches }] = frames;
  const now = editor.state.step ?? frames.at(-1)?.index ?? 0;
  const go = (step: number) => {
    const last = frames.at(-1)?.index ?? 0;
    const next = Math.max(0, Math.min(last, step));
    editor.apply(put({ step: next === last ? undefined : next }));
  };
  const seek = (event: PointerEvent) => {
    if (event.buttons === 0) return;
    const { left, width } = (event.currentTarget as HTMLElement).getBoundingClientRect();
    go(Math.floor(((event.clientX - left) / width) * count));
  };
  const key = (event: KeyboardEvent) => {
    const size = event.shiftKey ? 10 : 1;
    const to = { ArrowLeft: now - size, ArrowRight: now + size, Home: 0, End: count }[event.key];
    if (to === undefined) return;
    go(to);
    event.preventDefault();
    event.stopPropagation();
  };
  return html`<div class="scrubber">
    <button class="tool" aria-label="First step" title="First step" @click=${() => go(0)}>${icon(SkipBack)}</button>
    <button class="tool" aria-label="Last step" title="Last step" @click=${() => go(count)}>${icon(SkipForward)}</button>
    <div class="film" role="slider" tabindex="0" aria-label="Step" aria-valuemin="1" aria-valuemax=${count} aria-valuenow=${now + 1} @pointerdown=${seek} @pointermove=${seek} @keydown=${key}>
      <canvas ${ref((element) => element && drawFilm(element as HTMLCanvasElement, frames, count))}></canvas>
      <i class="head" .style=${`left:${((now + 1) / count) * 100}%`}></i>
    </div>
    <span class="where">step <b>${now + 1}</b> / ${count}${batch === undefined ? "" : html` of batch <b>${batch + 1}</b> / ${batches}`}</span>
  </div>`;
}

/** Pictures from left to right, each showing the first picture of the step that it stands at. */
function drawFilm(canvas: HTMLCanvasElement, frames: readonly FilmFrame[], count: number): void {
  const { clientWidth, clientHeight } = canvas;
  const pixel = devicePixelRatio;
  if (clientWidth === 0) return;
  canvas.width = clientWidth * pixel;
  canvas.height = clientHeight * pixel;
  const ctx = canvas.getContext("2d") as CanvasRenderingContext2D;
  ctx.imageSmoothingEnabled = false;
  const { height } = canvas;
  const { cell } = frames[0] ?? { cell: { width: 1, height: 1 } };
  const places = Math.max(1, Math.floor((canvas.width * cell.height) / (height * cell.width)));
  for (let i = 0; i < places; i++) {
    const step = Math.floor(((i + 0.5) / places) * count);
    const frame = frames.findLast(({ index }) => index <= step);
    if (!frame || step > (frames.at(-1)?.index ?? 0)) continue;
    const left = (i * canvas.width) / places;
    ctx.drawImage(frame.image, 0, 0, cell.width, cell.height, left, 0, canvas.width / places + 1, height);
  }
}
