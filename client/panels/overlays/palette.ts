/** The search palette: everything that can be put here, best first; with a wire in hand, only what takes it. */
import { html, type TemplateResult } from "lit";
import { ref } from "lit/directives/ref.js";
import { Search } from "lucide";
import { structures } from "../../../graphs/document/index.ts";
import type { NodeDescription } from "../../../nodes/describe.ts";
import type { Editor } from "../../actions/editor.ts";
import { entryGraph } from "../../actions/library.ts";
import { dismiss } from "../../actions/overlays.ts";
import { insertSampler, placeNode } from "../../actions/placing.ts";
import { addBorder } from "../../edit/border.ts";
import { borderThatFits, heldName, insertable, offers } from "../../edit/fit.ts";
import type { Point } from "../../edit/graph.ts";
import { searchNodes } from "../../edit/search.ts";
import type { LooseEnd } from "../../edit/wish.ts";
import type { Overlay } from "../../state/overlay.ts";
import { opened } from "../../state/ui.ts";
import { focusOnce } from "../focus.ts";
import { glyph } from "../glyph.ts";
import { icon } from "../icon.ts";

declare module "../../state/overlay.ts" {
  interface Overlays {
    palette: {
      /** Of the popup, in CSS pixels of the window. */
      readonly at: Point;
      /** Of what is put, on the canvas; absent: by the middle of what is seen. */
      readonly place?: Point;
      readonly query: string;
      /** Of the choice that Enter takes. */
      readonly index: number;
      /** A wire in hand, which what is put takes. */
      readonly held?: LooseEnd;
      /** A wire into which it is put. */
      readonly into?: number;
    };
  }
}

type Palette = Overlay<"palette">;

interface Choice {
  readonly title: string;
  readonly description: string;
  readonly aside: string;
  readonly kind: string;
  readonly meaning?: string | undefined;
  readonly pick: () => void;
}

function choicesOf(editor: Editor, palette: Palette): Choice[] {
  const { query, place, held, into } = palette;
  const close = () => dismiss(editor);
  const ports = new Map(
    held ? offers(editor.catalogue, held).map(({ description, port }) => [description.type, port]) : [],
  );
  const all = held
    ? [...ports.keys()].flatMap((type) => editor.catalogue.byType.get(type) ?? [])
    : into === undefined
      ? editor.catalogue.nodes
      : insertable(editor.catalogue, editor.graph, into);
  const nodes = searchNodes(all, query);
  const isReroute = ({ type }: NodeDescription) => type === structures.reroute;
  const ofNode = (node: NodeDescription): Choice => {
    const port = node.outputs[0] ?? node.inputs[0];
    const aside = held ? `${held.side === "output" ? "into" : "from"} ${ports.get(node.type)}` : node.category;
    return {
      title: node.title,
      description: node.description,
      aside,
      kind: port?.kind ?? "",
      meaning: port?.meaning,
      pick: () => {
        close();
        placeNode(editor, node.type, place, held, into);
      },
    };
  };
  const word = query.toLowerCase();
  const samplers = editor.state.samplers.flatMap((entry) => {
    const { name, title = "", description = "" } = entry;
    if (into !== undefined || !`${name} ${title} ${description}`.toLowerCase().includes(word)) return [];
    const inner = held && entryGraph(editor, entry);
    const port = held && inner ? borderThatFits(inner, held) : undefined;
    return held && port === undefined ? [] : [{ name, title, description, port }];
  });
  const isInside = editor.tab !== undefined && editor.tab.level.length > 0;
  const border: Choice[] = [];
  const title = held?.side === "output" ? "New graph output" : "New graph input";
  if (held && isInside && title.toLowerCase().includes(word)) {
    const pick = () => {
      close();
      editor.edit((graph) => addBorder(graph, editor, held, place ?? [0, 0]));
    };
    border.push({
      title,
      description: "On the node that holds this graph",
      aside: held.slot,
      kind: held.kind,
      meaning: held.meaning,
      pick,
    });
  }
  const library = samplers.map(({ name, title, description, port }) => ({
    title: title || name,
    description,
    aside: held ? `${held.side === "output" ? "into" : "from"} ${port}` : "sampler",
    kind: "tensor",
    pick: () => {
      close();
      void insertSampler(editor, name, place, held);
    },
  }));
  // It fits everywhere, so it comes last where something else is looked for.
  const isForWire = held !== undefined || into !== undefined;
  const rest = nodes.filter((node) => !isForWire || !isReroute(node));
  const points = isForWire ? nodes.filter(isReroute) : [];
  return [...rest.map(ofNode), ...library, ...points.map(ofNode), ...border];
}

export function palettePopup(editor: Editor, palette: Palette): TemplateResult {
  const choices = choicesOf(editor, palette);
  const index = Math.max(0, Math.min(palette.index, choices.length - 1));
  const { held } = palette;
  const label = held
    ? `Nodes that ${held.side === "output" ? "take" : "give"} ${heldName(held)}`
    : "Find a node or a sampler";
  const left = Math.max(8, Math.min(palette.at[0], innerWidth - 320));
  const top = Math.max(56, Math.min(palette.at[1], innerHeight - 420));
  const key = (event: KeyboardEvent) => {
    // A quick hand presses Enter before the frame that shows what was typed.
    const { overlay: palette } = editor.state;
    if (palette?.is !== "palette") return;
    const choices = choicesOf(editor, palette);
    const index = Math.max(0, Math.min(palette.index, choices.length - 1));
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 }[event.key];
    if (step) {
      editor.apply(opened({ ...palette, index: Math.max(0, Math.min(choices.length - 1, index + step)) }));
    } else if (event.key === "Enter") choices[index]?.pick();
    else if (event.key === "Escape") dismiss(editor);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return html`<div class="popup palette" role="dialog" aria-label=${label} .style=${`left:${left}px;top:${top}px`} @keydown=${key}>
    <div class="search">
      ${icon(Search, 16)}
      <input role="combobox" aria-expanded="true" aria-controls="choices" aria-activedescendant="choice-${index}" aria-label=${label} placeholder=${label}
        autocomplete="off" spellcheck="false" .value=${palette.query} ${ref(focusOnce)}
        @input=${(event: Event) => editor.apply(opened({ ...palette, query: (event.target as HTMLInputElement).value, index: 0 }))} />
      <span class="count" aria-live="polite">${choices.length}</span>
    </div>
    <div class="scroll" id="choices" role="listbox" aria-label=${label}>
      ${choices.map(
        (
          choice,
          i,
        ) => html`<div class="choice" id="choice-${i}" role="option" aria-selected=${i === index} @click=${choice.pick}
          ${ref((element) => i === index && element?.scrollIntoView({ block: "nearest" }))}>
          ${glyph(choice.kind, editor.state.theme, choice.meaning)}
          <span><b>${choice.title}</b><small>${choice.description}</small></span><em>${choice.aside}</em>
        </div>`,
      )}
      ${choices.length === 0 ? html`<p class="hint">No node called “${palette.query}”. Save a selection as a subgraph to make one.</p>` : ""}
    </div>
    <footer><span>↵ ${held ? "add and wire" : "add"}</span><span>↑↓ choose</span><span>Esc ${held ? "drop the wire" : "close"}</span></footer>
  </div>`;
}
