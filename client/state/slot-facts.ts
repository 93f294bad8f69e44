/** What is at a slot, in words: the facts of what passes there, or what it waits for. */
import { type Graph, portsOf } from "../../graphs/document/index.ts";
import type { Editor } from "../actions/editor.ts";
import { problemsOf } from "../actions/surveys.ts";
import { kindOf } from "../edit/fit.ts";
import { nodeOf } from "../edit/graph.ts";
import { factWords } from "../facts/words.ts";
import { pathIn } from "./tab.ts";

export interface SlotWords {
  readonly text?: string;
  /** What is wrong there. */
  readonly problem?: string;
}

/** Of what leaves an output. */
export function outputWords({ tab, graph, catalogue }: Editor, id: number, output: string): string {
  const node = nodeOf(graph, id);
  if (!node || !tab) return output;
  const port = catalogue.byType.get(node.type)?.outputs.find(({ name }) => name === output);
  return factWords(kindOf(node, "output", output), port?.meaning, tab.known?.facts.get(`${pathIn(tab, id)} ${output}`));
}

/** Of what enters an input; undefined while nothing is wired to it. */
export function inputWords(editor: Editor, id: number, input: string): string | undefined {
  const link = linkInto(editor.graph, id, input);
  return link && outputWords(editor, link.from, link.output);
}

/** For the pointer that rests on a slot or parameter. */
export function slotWords(editor: Editor, id: number, side: "input" | "output", name: string): SlotWords {
  if (side === "output") return { text: outputWords(editor, id, name) };
  const { tab, graph, catalogue } = editor;
  const node = nodeOf(graph, id);
  const port = node && portsOf(node, catalogue.definitions)?.inputs[name];
  const problem = tab && problemsOf(tab).find((one) => one.node === pathIn(tab, id) && one.port === name)?.message;
  const kind = node ? factWords(kindOf(node, "input", name)) : "";
  // A parameter shows its value itself.
  if (port?.parameter && !node?.inputs.some((slot) => slot.name === name))
    return { ...(problem !== undefined && { problem }) };
  const text = inputWords(editor, id, name) ?? `takes: ${kind}${port?.optional ? ", may be left out" : ""}`;
  return { text, ...(problem !== undefined && { problem }) };
}

const linkInto = ({ links }: Graph, id: number, input: string) =>
  links.find((link) => link.to === id && link.input === input);
