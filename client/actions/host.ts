/** What the canvas asks for, answered by edits of the document. */
import { straightened, structures } from "../../graphs/document/index.ts";
import type { CanvasHost, HoverTarget, MenuTarget, Spot } from "../canvas/host.ts";
import { bestSlot, refusal } from "../edit/fit.ts";
import { disconnect, moveGroups, moveNodes, nodeOf, setProperty, setWidth } from "../edit/graph.ts";
import type { MenuItem, Overlay } from "../state/overlay.ts";
import { outputWords, slotWords } from "../state/slot-facts.ts";
import { put } from "../state/state.ts";
import { opened } from "../state/ui.ts";
import { type Command, type CommandName, commands } from "./commands.ts";
import { wire } from "./connecting.ts";
import { copyLink, saveFile } from "./documents.ts";
import type { Editor } from "./editor.ts";
import { saveCopy } from "./library.ts";
import { putReroute, writeNote } from "./placing.ts";

export function hostFor(editor: Editor): CanvasHost {
  const open = (overlay: Overlay) => editor.apply(opened(overlay));
  return {
    refusal: (held, node, slot) => refusal(editor.graph, editor.catalogue, held, node, slot),
    bestSlot: (held, node) => bestSlot(editor.graph, editor.catalogue, held, node),
    select: (ids) => editor.select(ids),
    move: (positions, groups, stroke) =>
      editor.edit((graph) => {
        return moveGroups(moveNodes(graph, positions), groups);
      }, stroke),
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
        label: target.on === "node" ? "Node" : "Canvas",
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
    viewed: () => editor.changed("chrome"),
  };
}

/** Words for what the pointer is on; a card has some only where something is wrong with it. */
function hintFor(editor: Editor, target: HoverTarget): { text?: string; problem?: string } | undefined {
  if (target.on === "card") {
    const live = editor.canvas?.live(target.id);
    return live?.fault !== undefined && live.status.state !== "failed" ? { problem: live.fault } : undefined;
  }
  if (target.on === "link") {
    const link = editor.graph.links.find(({ id }) => id === target.id);
    return link && { text: outputWords(editor.state, link.from, link.output) };
  }
  return slotWords(editor.state, target.id, target.side, target.name);
}

function menuFor(editor: Editor, at: Spot, target: MenuTarget): (MenuItem | "-")[] {
  const item = (name: CommandName): MenuItem => {
    const { label, keys, run }: Command = commands[name];
    return {
      label,
      keys: keys.split(" ")[0].replaceAll("+", " "),
      run: () => run(editor),
      ...(name === "remove" && { danger: true }),
    };
  };
  if (target.on === "link") {
    const link = straightened(editor.graph).find(({ id }) => id === target.id);
    const isInLoop = editor.tab !== undefined && editor.tab.level.length > 0;
    const watched = link && editor.watched(link.from) === link.output;
    return [
      {
        label: "Insert a node here",
        run: () =>
          editor.apply(
            opened({ is: "palette", at: at.screen, place: at.canvas, query: "", index: 0, into: target.id }),
          ),
      },
      { label: "Lead it through a point", keys: "Alt click", run: () => putReroute(editor, target.id, at.canvas) },
      ...(link && isInLoop
        ? [
            {
              label: watched ? "Show no more what passes here" : "Show what passes here",
              run: () => editor.watch(link.from, link.output),
            },
          ]
        : []),
      { label: "Remove the wire", danger: true, run: () => editor.edit((graph) => disconnect(graph, target.id)) },
    ];
  }
  if (target.on === "canvas")
    return [
      item("palette"),
      item("paste"),
      item("all"),
      "-",
      item("tidy"),
      item("fit"),
      "-",
      { label: "Save as a file", keys: "Ctrl S", run: () => saveFile(editor) },
      { label: "Copy a link with this graph", run: () => void copyLink(editor) },
    ];
  const node = nodeOf(editor.graph, target.id);
  const inner = node?.inner;
  const inside: (MenuItem | "-")[] = inner
    ? [
        { label: "Open", run: () => editor.enter(target.id) },
        ...(node.type === structures.subgraph
          ? [
              {
                label: "Save to library",
                run: () => void saveCopy(editor, [...(editor.tab?.level ?? []), target.id]),
              },
              item("dissolve"),
            ]
          : []),
        "-" as const,
      ]
    : [];
  return [
    ...inside,
    item("runTo"),
    "-",
    item("copy"),
    item("duplicate"),
    item("collapse"),
    item("pin"),
    item("bypass"),
    item("mute"),
    "-",
    item("group"),
    item("subgraph"),
    ...(editor.selection.size > 1 ? [item("alignLeft"), item("alignTop")] : []),
    "-",
    item("remove"),
  ];
}
