/** What is known of each open document before it runs, kept in step with its edits; and wires judged by it. */
import { borderName, type Graph, structures } from "../../graphs/document/index.ts";
import type { Problem } from "../../server/protocol.ts";
import type { Catalogue } from "../edit/catalogue.ts";
import { kindOf } from "../edit/fit.ts";
import { connect, disconnect, nodeOf } from "../edit/graph.ts";
import { graphAt, titleOf, withGraphAt } from "../edit/level.ts";
import type { Wish } from "../edit/wish.ts";
import { broughtBy, misfitWords } from "../facts/judge.ts";
import type { Surveyed } from "../facts/messages.ts";
import { Surveyor } from "../facts/surveyor.ts";
import { factPhrase } from "../facts/words.ts";
import { documentOf, type Known, pathIn, type Tab } from "../state/tab.ts";
import type { Editor } from "./editor.ts";

export class Surveys {
  readonly #editor: Editor;
  readonly #surveyor: Surveyor;
  #isLooking = false;
  #isAway = false;

  constructor(editor: Editor) {
    this.#editor = editor;
    this.#surveyor = new Surveyor(editor.catalogue.nodes, editor.api.server);
    editor.listen((what) => {
      if (what === "document" || what === "view") void this.keep();
      if (editor.runs.connected === this.#isAway) void this.#return();
    });
    void this.keep();
  }

  /** Nothing is being looked at: what is shown is of the document as it is. */
  get settled(): boolean {
    const { tab } = this.#editor;
    return !this.#surveyor.busy && (!tab || tab.known?.document === documentOf(tab));
  }

  /** Of a document as it is. */
  async known(tab: Tab): Promise<Known> {
    return tab.known?.document === documentOf(tab) ? tab.known : await this.#look(tab);
  }

  /** The same, unless that takes long: then what is known so far must do. */
  async soon(tab: Tab): Promise<void> {
    await Promise.race([this.known(tab), later()]);
  }

  /** Looks anew, at the files too. */
  async refresh(): Promise<void> {
    this.#surveyor.forget();
    const { tab } = this.#editor;
    if (tab) await Promise.race([this.#look(tab), later()]);
  }

  /** Wires where it fits; else says why, and the wire that was there stays. `instead`: the wire whose end was moved. */
  async wire(wish: Wish, instead?: number): Promise<void> {
    const editor = this.#editor;
    const { tab } = editor;
    const level = tab?.level;
    const reason = await Promise.race([this.refusal(wish), later()]);
    if (editor.tab !== tab || tab?.level !== level) return;
    const { from, output, to, input } = wish;
    if (reason === undefined)
      editor.edit((graph) =>
        connect(instead === undefined ? graph : disconnect(graph, instead), from, output, to, input),
      );
    else this.#refuse(reason);
  }

  /** A wire that came with a new node is taken off again where it does not fit, in the same step back. */
  async reconsider(wish: Wish, stroke: string): Promise<void> {
    const editor = this.#editor;
    const { tab } = editor;
    if (!tab) return;
    const { level } = tab;
    const { document, problems, facts } = await this.known(tab);
    const { graph } = editor;
    const target = { node: pathIn(tab, wish.to), port: wish.input };
    const problem = problems.find(({ node, port }) => node === target.node && port === target.port);
    const link = graph.links.find(({ to, input }) => to === wish.to && input === wish.input);
    if (!problem || !link || document !== documentOf(tab) || tab.level !== level) return;
    editor.edit((graph) => disconnect(graph, link.id), stroke);
    this.#refuse(misfitWords(this.#phrase(graph, wish, facts), target, problem, undefined));
  }

  #refuse(reason: string): void {
    const end = reason.indexOf(". ") + 1;
    this.#editor.say({ text: reason.slice(0, end), more: reason.slice(end + 1), bad: true });
  }

  /** What a wire carries, in words. */
  #phrase(graph: Graph, { from, output }: Wish, facts: Surveyed["facts"]): string {
    const { tab, catalogue } = this.#editor;
    const [kind, meaning] = carried(graph, from, output, catalogue);
    return factPhrase(kind, meaning, tab && facts.get(`${pathIn(tab, from)} ${output}`));
  }

  /** Two sentences why a wire whose kinds fit does not, on the level one looks at; undefined when it does. */
  async refusal(wish: Wish): Promise<string | undefined> {
    const { tab, catalogue } = this.#editor;
    if (!tab) return undefined;
    const now = documentOf(tab);
    const known = await this.known(tab);
    const { from, output, to, input } = wish;
    const graph = graphAt(now, tab.level);
    if (!graph) return undefined;
    const wired = withGraphAt(now, tab.level, connect(graph, from, output, to, input), catalogue);
    const { problems } = await this.#surveyor.survey(wired);
    const target = { node: pathIn(tab, to), port: input };
    const problem = broughtBy(known.problems, problems, target);
    if (!problem) return undefined;
    const where = problem.node === target.node ? undefined : titleAt(wired, problem.node, catalogue);
    const shown = { ...target, port: shownName(graph, to, input) };
    return misfitWords(this.#phrase(graph, wish, known.facts), shown, problem, where);
  }

  /** A server that was away may have other files when it comes back. */
  async #return(): Promise<void> {
    this.#isAway = !this.#editor.runs.connected;
    if (!this.#isAway) await this.refresh();
  }

  /** One look at a time: what changes meanwhile is looked at afterwards, once. */
  async keep(): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    try {
      for (;;) {
        const { tab } = this.#editor;
        if (!tab || tab.known?.document === documentOf(tab)) return;
        await this.#look(tab);
      }
    } finally {
      this.#isLooking = false;
    }
  }

  async #look(tab: Tab): Promise<Known> {
    const document = documentOf(tab);
    const known = { document, ...(await this.#surveyor.survey(document)) };
    tab.known = known;
    this.#editor.changed();
    return known;
  }
}

/** Kind and meaning of what an output gives, as its port says. */
function carried(
  graph: Graph,
  from: number,
  output: string,
  catalogue: Catalogue,
): [kind: string, meaning: string | undefined] {
  const node = nodeOf(graph, from);
  if (!node) return ["", undefined];
  const port = catalogue.byType.get(node.type)?.outputs.find(({ name }) => name === output);
  return [kindOf(node, "output", output), port?.meaning];
}

/** The slot as its card names it. */
function shownName(graph: Graph, id: number, slot: string): string {
  const node = nodeOf(graph, id);
  return node?.type === structures.output ? borderName(node) : slot;
}

/** What the node at a path is called. */
export function titleAt(document: Graph, path: string | undefined, catalogue: Catalogue): string | undefined {
  const ids = (path ?? "").split("/").map(Number);
  const node = nodeOf(graphAt(document, ids.slice(0, -1)) ?? document, ids.at(-1) as number);
  return node && titleOf(node, catalogue);
}

/** While the server still reads a large file, nobody waits for it: the run will be refused instead. */
const later = (): Promise<undefined> => new Promise((resolve) => setTimeout(resolve, 1_000));

/** All that keeps a document from running: what a run was refused for, else what is known without one. */
export const problemsOf = ({ problems, known }: Tab): readonly Problem[] =>
  problems.length > 0 ? problems : (known?.problems ?? []);
