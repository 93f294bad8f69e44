/** A graph that came from elsewhere says at once which files it wants that are not here. */
import { type GraphNode, own } from "../../graphs/document/index.ts";
import { type FileKind, fileKinds } from "../../nodes/file-kinds.ts";
import type { Problem } from "../../server/protocol.ts";
import { nodeOf } from "../edit/graph.ts";
import { graphAt } from "../edit/level.ts";
import { listedFiles } from "../state/listed-files.ts";
import { documentOf, type Tab } from "../state/tab.ts";
import type { Editor } from "./editor.ts";
import { reveal } from "./running.ts";

/** `notes` were said when it was opened, and are not to go out of sight. */
export async function tellMissingFiles(editor: Editor, tab: Tab, notes: readonly string[] = []): Promise<void> {
  const known = await editor.surveys?.known(tab);
  const here = new Set(
    Object.values(listedFiles(editor.state))
      .flat()
      .map(({ id }) => id),
  );
  const missing = (known?.problems ?? []).filter(
    (problem) => problem.port === "sha256" || (problem.port === "file" && !here.has(fileOf(tab, problem).file)),
  );
  const wanted = [...new Set(missing.map((problem) => wish(fileOf(tab, problem))))].filter((words) => words !== "");
  const [first] = missing;
  if (wanted.length === 0 || first.node === undefined) return;
  const { node } = first;
  const isOne = wanted.length === 1;
  const folders = new Set(missing.map((problem) => `${fileKinds[kindOf(editor, tab, problem)].folder}/`));
  const ways = `Drop ${isOne ? "it" : "them"} here, or put ${isOne ? "it" : "them"} into ${[...folders].join(" and ")} of the server’s data folder.`;
  editor.say(
    {
      text: isOne ? "This graph wants a file that is not here" : "This graph wants files that are not here",
      more: [`${wanted.join("; ")}. ${ways}`, ...notes].join("\n"),
      bad: true,
      action: { label: "Go to the node", run: () => reveal(editor, node) },
    },
    20_000,
  );
}

function nodeAt(tab: Tab, { node: path = "" }: Problem): GraphNode | undefined {
  const ids = path.split("/").map(Number);
  const graph = graphAt(documentOf(tab), ids.slice(0, -1));
  return graph && nodeOf(graph, ids.at(-1) as number);
}

function kindOf({ catalogue }: Editor, tab: Tab, problem: Problem): FileKind {
  const inputs = catalogue.byType.get(nodeAt(tab, problem)?.type ?? "")?.inputs;
  return inputs?.find(({ parameter }) => parameter?.file)?.parameter?.file ?? "model";
}

/** The file as the graph names it, with the hash that it is known by. */
function fileOf(tab: Tab, problem: Problem): { readonly file: string; readonly sha256: string } {
  const properties = nodeAt(tab, problem)?.properties;
  return { file: String(own(properties, "file") ?? ""), sha256: String(own(properties, "sha256") ?? "") };
}

const wish = ({ file, sha256 }: ReturnType<typeof fileOf>): string =>
  file === "" ? "" : sha256 === "" ? `“${file}”` : `“${file}” with the SHA-256 ${sha256}`;
