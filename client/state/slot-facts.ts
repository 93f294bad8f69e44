/** What is at a slot, in words: the facts of what passes there, or what it waits for. */
import { type Graph, portsOf } from "../../graphs/document/index.ts";
import { kindOf } from "../edit/fit.ts";
import { nodeOf } from "../edit/graph.ts";
import { factWords } from "../facts/words.ts";
import { problemsOf } from "./problems.ts";
import type { State } from "./state.ts";
import { pathIn } from "./tab.ts";
import { activeTab, graphOf } from "./tabs.ts";

export interface SlotWords {
  readonly text?: string;
  /** What is wrong there. */
  readonly problem?: string;
}

/** Of what leaves an output. */
export function outputWords(state: State, id: number, output: string): string {
  const tab = activeTab(state);
  const node = nodeOf(graphOf(state), id);
  if (!node || !tab) return output;
  const port = state.catalogue.byType.get(node.type)?.outputs.find(({ name }) => name === output);
  return factWords(kindOf(node, "output", output), port?.meaning, tab.known?.facts.get(`${pathIn(tab, id)} ${output}`));
}

/** Of what enters an input; undefined while nothing is wired to it. */
export function inputWords(state: State, id: number, input: string): string | undefined {
  const link = linkInto(graphOf(state), id, input);
  return link && outputWords(state, link.from, link.output);
}

/** For the pointer that rests on a slot or parameter. */
export function slotWords(state: State, id: number, side: "input" | "output", name: string): SlotWords {
  if (side === "output") return { text: outputWords(state, id, name) };
  const tab = activeTab(state);
  const node = nodeOf(graphOf(state), id);
  const port = node && portsOf(node, state.catalogue.definitions)?.inputs[name];
  const problem = tab && problemsOf(tab).find((one) => one.node === pathIn(tab, id) && one.port === name)?.message;
  const kind = node ? factWords(kindOf(node, "input", name)) : "";
  // A parameter shows its value itself.
  if (port?.parameter && !node?.inputs.some((slot) => slot.name === name))
    return { ...(problem !== undefined && { problem }) };
  const text = inputWords(state, id, name) ?? `takes: ${kind}${port?.optional ? ", may be left out" : ""}`;
  return { text, ...(problem !== undefined && { problem }) };
}

const linkInto = ({ links }: Graph, id: number, input: string) =>
  links.find((link) => link.to === id && link.input === input);
