/** What the canvas asks for, answered by edits of the document. */
import type { CanvasHost, HoverTarget } from "../canvas/host.ts";
import { bestSlot, refusal } from "../edit/fit.ts";
import { disconnect, moveGroups, moveNodes, setProperty, setWidth } from "../edit/graph.ts";
import type { Overlay } from "../state/overlay.ts";
import { outputWords, slotWords } from "../state/slot-facts.ts";
import { put } from "../state/state.ts";
import { opened } from "../state/ui.ts";
import { wire } from "./connecting.ts";
import type { Editor } from "./editor.ts";
import { menuFor } from "./menus.ts";
import { putReroute, writeNote } from "./placing.ts";

export function hostFor(editor: Editor): CanvasHost {
  const open = (overlay: Overlay) => editor.apply(opened(overlay));
  return {
    refusal: (held, node, slot) => refusal(editor.graph, editor.catalogue, held, node, slot),
    bestSlot: (held, node) => bestSlot(editor.graph, editor.catalogue, held, node),
    select: (ids) => editor.select(ids),
    move: (positions, groups, stroke) =>
      editor.edit((graph) => moveGroups(moveNodes(graph, positions), groups), stroke),
    widen: (id, width, stroke) => editor.edit((graph) => setWidth(graph, id, width), stroke),
    reroute: (link, at, stroke) => putReroute(editor, link, at, stroke),
    judge: async (wish) => editor.surveys?.refusal(wish),
    connect: (wish, instead) => void wire(editor, wish, instead),
    disconnect: (link) => editor.edit((graph) => disconnect(graph, link)),
    renameGroup: (index, box) => open({ is: "group", index, box }),
    open: (id) => editor.enter(id),
    palette: ({ screen, canvas }, held) =>
      open({
        is: "palette",
        at: [screen[0] + 8, screen[1] + 8],
        place: canvas,
        query: "",
        index: 0,
        ...(held && { held }),
      }),
    menu: (at, target) =>
      open({
        is: "menu",
        at: at.screen,
        items: menuFor(editor, at, target),
        label: { node: "Node", link: "Wire", group: "Group", canvas: "Canvas" }[target.on],
      }),
    write: (id) => writeNote(editor, id),
    edit: (id, name, box) => open({ is: "field", id, name, box }),
    set: (id, name, value, stroke) =>
      editor.edit((graph) => setProperty(graph, id, name, value, editor.catalogue), stroke),
    tip: (text, at) => {
      if (text !== undefined || editor.state.tip)
        editor.apply(put({ tip: text === undefined ? undefined : { text, at } }));
    },
    hover: (target, at) => {
      const found = target && hintFor(editor, target);
      const words = found?.text || found?.problem ? found : undefined;
      // It stays where it appeared while the pointer stays on the same thing.
      const { hint } = editor.state;
      if (words?.text === hint?.text && words?.problem === hint?.problem) return;
      editor.apply(put({ hint: words && { ...words, at } }));
    },
    isRunning: () => editor.runs.active.length > 0 || editor.tab?.run !== undefined,
    reserved,
    viewed: () => editor.changed("chrome"),
  };
}

/** What the strip below the canvas lacks of its height with a film (`styles/panels.css`); nothing where it is folded. */
function reserved(): number {
  const strip = document.querySelector<HTMLElement>(".strip");
  const full = strip ? Number.parseFloat(getComputedStyle(strip).getPropertyValue("--with-film")) : 0;
  return Math.max(0, full - (strip?.offsetHeight ?? 0)) || 0;
}

/** Words for what the pointer is on; a card has some only where something is wrong with it. */
function hintFor(editor: Editor, target: HoverTarget): { text?: string; problem?: string } | undefined {
  if (target.on === "card") {
    const live = editor.canvas?.live(target.id);
    if (live?.fault !== undefined && live.status.state !== "failed") return { problem: live.fault };
    return live?.doubt === undefined ? undefined : { text: live.doubt };
  }
  if (target.on === "link") {
    const link = editor.graph.links.find(({ id }) => id === target.id);
    const words = link && outputWords(editor.state, link.from, link.output);
    const canShow = editor.tab !== undefined && editor.tab.level.length > 0;
    return words === undefined
      ? undefined
      : { text: canShow ? `${words}. Click: show what passes here, and more` : words };
  }
  return slotWords(editor.state, target.id, target.side, target.name);
}
