/** A graph that came from elsewhere says at once which files it wants that are not here. */
import { own } from "../../graphs/document/index.ts";
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
  const wanted = missing.map((problem) => wish(fileOf(tab, problem))).filter((words) => words !== "");
  const [first] = missing;
  if (wanted.length === 0 || first.node === undefined) return;
  const { node } = first;
  editor.say(
    {
      text:
        wanted.length === 1 ? "This graph wants a file that is not here" : "This graph wants files that are not here",
      more: `${[...new Set(wanted)].join("; ")}. Drop ${wanted.length === 1 ? "it" : "them"} here, or choose another on the node.${notes.map((note) => ` ${note}`).join("")}`,
      bad: true,
      action: { label: "Go to the node", run: () => reveal(editor, node) },
    },
    20_000,
  );
}

/** The file as the graph names it, with the hash that it is known by. */
function fileOf(tab: Tab, { node: path = "" }: Problem): { readonly file: string; readonly sha256: string } {
  const ids = path.split("/").map(Number);
  const graph = graphAt(documentOf(tab), ids.slice(0, -1));
  const properties = graph && nodeOf(graph, ids.at(-1) as number)?.properties;
  return { file: String(own(properties, "file") ?? ""), sha256: String(own(properties, "sha256") ?? "") };
}

const wish = ({ file, sha256 }: ReturnType<typeof fileOf>): string =>
  file === "" ? "" : sha256 === "" ? `“${file}”` : `“${file}” with the SHA-256 ${sha256}`;
