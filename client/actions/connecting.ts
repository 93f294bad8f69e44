/** Wires that are judged before they stay, by what is known of both their ends. */
import { disconnect } from "../edit/graph.ts";
import { wired } from "../edit/insert.ts";
import type { Wish } from "../edit/wish.ts";
import { misfitWords } from "../facts/judge.ts";
import { documentOf, pathIn, shownGraph } from "../state/tab.ts";
import type { Editor } from "./editor.ts";
import { carriedPhrase } from "./surveys.ts";

/** Wires where it fits; else says why, and the wire that was there stays. `instead`: the wire whose end was moved. */
export async function wire(editor: Editor, wish: Wish, instead?: number): Promise<void> {
  const { tab } = editor;
  const reason = await editor.surveys?.refusalSoon(wish);
  if (editor.tab?.key !== tab?.key || editor.tab?.level !== tab?.level) return;
  if (reason === undefined)
    editor.edit((graph) => wired(instead === undefined ? graph : disconnect(graph, instead), editor.catalogue, wish));
  else refuse(editor, reason);
}

/** A wire that came with a new node is taken off again where it does not fit, in the same step back. */
export async function reconsider(editor: Editor, wish: Wish, stroke: string): Promise<void> {
  const { tab, surveys } = editor;
  if (!tab || !surveys) return;
  const known = await surveys.known(tab);
  const target = { node: pathIn(tab, wish.to), port: wish.input };
  const problem = known.problems.find(({ node, port }) => node === target.node && port === target.port);
  const now = editor.tab;
  if (!problem || now?.key !== tab.key || now.level !== tab.level || known.document !== documentOf(now)) return;
  const graph = shownGraph(now);
  const link = graph.links.find(({ to, input }) => to === wish.to && input === wish.input);
  if (!link) return;
  editor.edit((graph) => disconnect(graph, link.id), stroke);
  refuse(editor, misfitWords(carriedPhrase(now, graph, wish, known, editor.catalogue), target, problem, undefined));
}

function refuse(editor: Editor, reason: string): void {
  const end = reason.indexOf(". ") + 1;
  editor.say({ text: reason.slice(0, end), more: reason.slice(end + 1), bad: true });
}
