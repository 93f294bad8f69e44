/** Two runs: a picture of one over its like of the other, beside it, or what differs; and what their graphs do differently. */
import { html, type TemplateResult } from "lit";
import { ref } from "lit/directives/ref.js";
import { ArrowLeftRight, X } from "lucide";
import type { Editor } from "../../actions/editor.ts";
import { dismiss } from "../../actions/overlays.ts";
import { differences } from "../../edit/differences.ts";
import { counterpart, picturesOf } from "../../runs/gallery.ts";
import type { RunView } from "../../runs/run-view.ts";
import type { Overlay } from "../../state/overlay.ts";
import { opened } from "../../state/ui.ts";
import { focusOnce } from "../focus.ts";
import { icon } from "../icon.ts";
import { wholeOrLess } from "./sheet.ts";

type Size = readonly [width: number, height: number];
type Side = "a" | "b";

declare module "../../state/overlay.ts" {
  interface Overlays {
    compare: {
      /** The runs: the earlier one, as it usually is, and the one that it is compared with. */
      readonly a: string;
      readonly b: string;
      /** The picture of `b`. */
      readonly name: string;
      readonly way: "swipe" | "side" | "difference";
      /** How much of the width `a` has, in hundredths. */
      readonly at: number;
      /** In their own pixels, once they are loaded. */
      readonly sizes: { readonly a?: Size; readonly b?: Size };
    };
  }
}

export function compareDialog(editor: Editor, compare: Overlay<"compare">): TemplateResult | "" {
  const [a, b] = [editor.runs.byId.get(compare.a), editor.runs.byId.get(compare.b)];
  const names = a && b && { a: counterpart(b, compare.name, a), b: compare.name };
  if (!a || !b || names?.a === undefined) return "";
  const close = () => dismiss(editor);
  const change = (fields: Partial<Overlay<"compare">>) => {
    const now = editor.state.overlay;
    if (now?.is === "compare") editor.apply(opened({ ...now, ...fields }));
  };
  const flick = () => change({ way: "swipe", at: compare.way === "swipe" && compare.at >= 50 ? 0 : 100 });
  const swipe = (by: number) => () => change({ way: "swipe", at: Math.max(0, Math.min(100, compare.at + by)) });
  const key = (event: KeyboardEvent) => {
    // What has keys of its own keeps them.
    const { tagName } = event.target as HTMLElement;
    const acts: Record<string, () => void> = {
      Escape: close,
      ...((tagName === "DIV" || tagName === "INPUT") && { " ": flick }),
      ...(tagName === "DIV" && { ArrowLeft: swipe(-5), ArrowRight: swipe(5) }),
    };
    const act = event.ctrlKey || event.altKey ? undefined : acts[event.key];
    if (!act) return;
    act();
    event.preventDefault();
    event.stopPropagation();
  };
  const isOver = areAlike(compare) && compare.way !== "side";
  const picture = (side: Side, run: RunView, name: string) =>
    html`<img class=${side} alt=${`${name} of run ${run.summary.number}`} src=${editor.api.outputUrl(run.summary.id, name)}
      @load=${({ target }: Event) => {
        const { naturalWidth, naturalHeight } = target as HTMLImageElement;
        const now = editor.state.overlay;
        if (now?.is === "compare" && now[side] === run.summary.id)
          change({ sizes: { ...now.sizes, [side]: [naturalWidth, naturalHeight] } });
      }} />`;
  const figure = (side: Side, run: RunView, name: string) =>
    html`<figure>${picture(side, run, name)}<figcaption>${side.toUpperCase()} · run ${run.summary.number}</figcaption></figure>`;
  const ways = [
    ["swipe", "Swipe"],
    ["side", "Side by side"],
    ["difference", "Difference"],
  ] as const;
  return html`<div class="veil" @click=${(event: Event) => event.target === event.currentTarget && close()}>
    <div class="dialog compare" role="dialog" aria-modal="true" aria-label="Compare runs" tabindex="-1" ${ref(focusOnce)} @keydown=${key}>
      <header>
        <h2 class="compared">${choice(editor, "a", a, (run) => change({ a: run, sizes: without("a", compare) }))} ${choice(editor, "b", b, (run) => change(pictureIn(editor, run, compare)))}</h2>
        <div class="ways" role="radiogroup" aria-label="How they are compared">
          ${ways.map(([way, label]) => html`<button role="radio" aria-checked=${(isOver ? compare.way : "side") === way} ?disabled=${way !== "side" && !areAlike(compare)} @click=${() => change({ way })}>${label}</button>`)}
        </div>
        <div class="tools">
          <button class="tool" aria-label="Flick between them" title="Flick between them (Space)" ?disabled=${!areAlike(compare)} @click=${flick}>${icon(ArrowLeftRight)}</button>
          <button class="tool" aria-label="Close" title="Close" @click=${close}>${icon(X)}</button>
        </div>
      </header>
      <div class="pictures" data-way=${isOver ? compare.way : "side"} ${ref((element) => element && sized(element as HTMLElement, compare))}>
        ${
          isOver
            ? html`<div class="over" .style=${`--at:${compare.at}%`}>
                ${picture("b", b, names.b)} ${picture("a", a, names.a)}
                ${
                  compare.way === "swipe"
                    ? html`<i class="line"></i><input type="range" min="0" max="100" aria-label="How much of A is seen" .value=${String(compare.at)}
                        @input=${({ target }: Event) => change({ at: Number((target as HTMLInputElement).value) })} />`
                    : ""
                }
              </div>`
            : html`${figure("a", a, names.a)} ${figure("b", b, names.b)}`
        }
      </div>
      <footer>${said(compare)} ${whatDiffers(editor, a, b)}</footer>
    </div>
  </div>`;
}

/** Pictures of one size can lie over each other. What is not loaded yet may be. */
const areAlike = ({ sizes: { a, b } }: Overlay<"compare">): boolean => !a || !b || (a[0] === b[0] && a[1] === b[1]);

/** A run in B's place, with its picture of the same place. */
function pictureIn(editor: Editor, run: string, compare: Overlay<"compare">): Partial<Overlay<"compare">> {
  const { b, name } = compare;
  const [before, now] = [editor.runs.byId.get(b), editor.runs.byId.get(run)];
  const own = before && now && counterpart(before, name, now);
  return own === undefined ? {} : { b: run, name: own, sizes: without("b", compare) };
}

/** The picture that stays is loaded, and is not told of again. */
const without = (side: Side, { sizes }: Overlay<"compare">): Overlay<"compare">["sizes"] =>
  Object.fromEntries(Object.entries(sizes).filter(([one]) => one !== side));

function choice(editor: Editor, side: Side, now: RunView, set: (run: string) => void): TemplateResult {
  const runs = editor.runs.all.filter((run) => picturesOf(run).length > 0);
  return html`<label><b>${side.toUpperCase()}</b>
    <select class="field" aria-label=${`Run ${side.toUpperCase()}`} @change=${({ target }: Event) => set((target as HTMLSelectElement).value)}>
      ${runs.map(({ summary: { id, number, title } }) => html`<option value=${id} ?selected=${id === now.summary.id} .selected=${id === now.summary.id}>${number} · ${title || "untitled"}</option>`)}
    </select></label>`;
}

function said(compare: Overlay<"compare">): TemplateResult | "" {
  if (!areAlike(compare))
    return html`<p class="reference">Their pictures are of different sizes, so they do not lie over each other.</p>`;
  return compare.way === "difference"
    ? html`<p class="reference">The difference of each pixel, four times as bright: black is equal.</p>`
    : "";
}

/** Sentences that have room. */
const mostTold = 6;

function whatDiffers(editor: Editor, a: RunView, b: RunView): TemplateResult {
  const [before, after] = [editor.runs.graph(a.summary.id), editor.runs.graph(b.summary.id)];
  if (!before || !after) return html`<p class="reference">Their graphs are being read.</p>`;
  const all = differences(before, after, editor.catalogue);
  if (all.length === 0) return html`<p>Both runs are of the same graph with the same numbers.</p>`;
  const more = all.length - mostTold;
  return html`<h3>What differs, A → B</h3>
    <ul>${all.slice(0, mostTold).map((one) => html`<li>${one}</li>`)}${more > 0 ? html`<li>and ${more} more</li>` : ""}</ul>`;
}

/** Both at the same scale, in whole screen pixels a pixel. */
function sized(element: HTMLElement, { sizes: { a, b }, way }: Overlay<"compare">): void {
  // What it holds is written in the same breath.
  queueMicrotask(() => {
    const [width, height] = [Math.max(a?.[0] ?? 1, b?.[0] ?? 1), Math.max(a?.[1] ?? 1, b?.[1] ?? 1)];
    const { clientWidth, clientHeight } = element;
    const isBeside = element.dataset.way === "side" || way === "side";
    const isBelow = isBeside && clientWidth < clientHeight;
    const across = isBeside && !isBelow ? (clientWidth - gap) / 2 : clientWidth;
    const down = (isBelow ? (clientHeight - gap) / 2 : clientHeight) - (isBeside ? captionHeight : 0);
    const scale = wholeOrLess(Math.min(across / width, down / height));
    element.toggleAttribute("data-below", isBelow);
    for (const image of element.querySelectorAll("img")) {
      image.style.width = `${(image.classList.contains("a") ? (a?.[0] ?? 1) : (b?.[0] ?? 1)) * scale}px`;
    }
  });
}

/** CSS pixels, as `styles/compare.css` has them. */
const [gap, captionHeight] = [16, 26];
