/** The menus of the canvas, by what was pressed. */
import { type GraphNode, isBorder, straightened, structures } from "../../graphs/document/index.ts";
import type { MenuTarget, Spot } from "../canvas/host.ts";
import { colourGroup, disconnect, groupColours, nodeOf, nodesInGroup, removeGroup } from "../edit/graph.ts";
import type { MenuItem } from "../state/overlay.ts";
import { pathIn } from "../state/tab.ts";
import { opened } from "../state/ui.ts";
import { type Command, type CommandName, commands } from "./commands.ts";
import { copyLink } from "./documents.ts";
import type { Editor } from "./editor.ts";
import { exportGraph } from "./exporting.ts";
import { saveCopy } from "./library.ts";
import { putReroute } from "./placing.ts";
import { renameGroup, renameNode, saveNamed } from "./renaming.ts";
import { saveOutput, viewRun } from "./results.ts";

type Items = readonly (MenuItem | "-")[];

export function menuFor(editor: Editor, at: Spot, target: MenuTarget): Items {
  switch (target.on) {
    case "link":
      return linkMenu(editor, at, target.id);
    case "node":
      return nodeMenu(editor, target.id);
    case "group":
      return groupMenu(editor, target.index);
    case "canvas":
      return canvasMenu(editor);
  }
}

function command(editor: Editor, name: CommandName): MenuItem {
  const { label, keys, run }: Command = commands[name];
  return {
    label,
    keys: keys.split(" ")[0].replaceAll("+", " "),
    run: () => run(editor),
    ...(name === "remove" && { danger: true }),
  };
}

function linkMenu(editor: Editor, { screen, canvas }: Spot, id: number): Items {
  const link = straightened(editor.graph).find((one) => one.id === id);
  const isInLoop = editor.tab !== undefined && editor.tab.level.length > 0;
  const watched = link && editor.watched(link.from) === link.output;
  const palette = { is: "palette", at: screen, place: canvas, query: "", index: 0, into: id } as const;
  return [
    { label: "Insert a node here", run: () => editor.apply(opened(palette)) },
    { label: "Lead it through a point", keys: "Alt click", run: () => putReroute(editor, id, canvas) },
    ...(link && isInLoop
      ? [
          {
            label: watched ? "Show no more what passes here" : "Show what passes here",
            run: () => editor.watch(link.from, link.output),
          },
        ]
      : []),
    { label: "Remove the wire", danger: true, run: () => editor.edit((graph) => disconnect(graph, id)) },
  ];
}

function groupMenu(editor: Editor, index: number): Items {
  const now = editor.graph.groups[index]?.color;
  const colours = groupColours.map(
    ({ name, color }): MenuItem => ({
      label: name,
      ...(color === now && { keys: "✓" }),
      run: () => editor.edit((graph) => colourGroup(graph, index, color)),
    }),
  );
  return [
    { label: "Rename", run: () => renameGroup(editor, index) },
    { label: "Select what is in it", run: () => editor.select(nodesInGroup(editor.graph, index)) },
    "-",
    ...colours,
    "-",
    {
      label: "Delete the group, not its nodes",
      danger: true,
      run: () => editor.edit((graph) => removeGroup(graph, index)),
    },
  ];
}

function canvasMenu(editor: Editor): Items {
  const item = (name: CommandName) => command(editor, name);
  return [
    item("palette"),
    item("paste"),
    item("all"),
    "-",
    item("tidy"),
    item("fit"),
    "-",
    { label: "Save as a file", keys: "Ctrl S", run: () => saveNamed(editor) },
    {
      label: "Export as ONNX",
      run: () => void exportGraph(editor),
      ...(editor.state.exporting !== undefined && { disabled: true }),
    },
    { label: "Copy a link with this graph", run: () => void copyLink(editor) },
  ];
}

/** What the shown run has of a node: its picture, its files. */
function resultsOf(editor: Editor, id: number): Items {
  const { tab } = editor;
  const run = tab?.run === undefined ? undefined : editor.runs.byId.get(tab.run);
  if (!tab || !run) return [];
  const path = pathIn(tab, id);
  const files = run.summary.outputs.filter((output) => output.path === path && !output.missing);
  if (files.length === 0) return [];
  const save = ({ name }: { readonly name: string }): MenuItem => ({
    label: `Save ${name}`,
    run: () => saveOutput(editor, { run: run.summary.id, name }),
  });
  const isPicture = files.some(({ mime }) => mime === "image/png");
  const look: MenuItem = { label: "Look at it large", run: () => viewRun(editor, run, path) };
  return [...(isPicture ? [look] : []), ...files.slice(0, 4).map(save), "-"];
}

/** What leaves a node in a loop can be seen step by step: the same as at its wires, for the keyboard too. */
function watching(editor: Editor, node: GraphNode): Items {
  const { id, outputs, type } = node;
  if (!editor.tab || editor.tab.level.length === 0 || type === structures.reroute || isBorder(node)) return [];
  const items = outputs.map(({ name }): MenuItem => {
    const isWatched = editor.watched(id) === name;
    return {
      label: isWatched ? `Show no more what leaves at ${name}` : `Show what leaves at ${name}`,
      run: () => editor.watch(id, name),
    };
  });
  return items.length === 0 ? [] : [...items, "-"];
}

function nodeMenu(editor: Editor, id: number): Items {
  const item = (name: CommandName) => command(editor, name);
  const node = nodeOf(editor.graph, id);
  const level = editor.tab?.level ?? [];
  const ofSubgraph: Items =
    node?.type === structures.subgraph
      ? [{ label: "Save to library", run: () => void saveCopy(editor, [...level, id]) }, item("dissolve")]
      : [];
  const inside: Items = node?.inner ? [{ label: "Open", run: () => editor.enter(id) }, ...ofSubgraph, "-"] : [];
  return [
    ...inside,
    ...resultsOf(editor, id),
    ...(node ? watching(editor, node) : []),
    { label: "Rename", keys: "F2", run: () => renameNode(editor, id) },
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
