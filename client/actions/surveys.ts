/** What is known of each open document before it runs, kept in step with its edits; and wires judged by it. */
import type { Graph } from "../../graphs/document/index.ts";
import type { Catalogue } from "../edit/catalogue.ts";
import { kindOf, shownSlot } from "../edit/fit.ts";
import { nodeOf } from "../edit/graph.ts";
import { wired } from "../edit/insert.ts";
import { graphAt, withGraphAt } from "../edit/level.ts";
import type { Wish } from "../edit/wish.ts";
import { broughtBy, isAt, isUnwired, misfitWords } from "../facts/judge.ts";
import type { Surveyor } from "../facts/surveyor.ts";
import { factPhrase } from "../facts/words.ts";
import { titleAt } from "../state/problems.ts";
import type { Store } from "../state/store.ts";
import { documentOf, isCurrent, type Known, pathIn, type Tab } from "../state/tab.ts";
import { activeTab, inTab } from "../state/tabs.ts";

export class Surveys {
  readonly #store: Store;
  readonly #surveyor: Surveyor;
  readonly #tell: (tab: Tab, why: "hung" | "broke") => void;
  #isLooking = false;

  /** `tell`: a tab's document takes too long to look at, or broke the worker: it is not looked at before it changes. */
  constructor(store: Store, surveyor: Surveyor, tell: (tab: Tab, why: "hung" | "broke") => void) {
    this.#store = store;
    this.#surveyor = surveyor;
    this.#tell = tell;
    store.listen((changes) => {
      if (changes.has("document") || changes.has("view")) void this.#keep();
    });
    void this.#keep();
  }

  get #tab(): Tab | undefined {
    return activeTab(this.#store.state);
  }

  /** Nothing is being looked at: what is shown is of the document as it is. */
  get settled(): boolean {
    return !this.#surveyor.busy && (!this.#tab || isCurrent(this.#tab));
  }

  /** Of a document as it is. */
  async known(tab: Tab): Promise<Known> {
    return tab.known && isCurrent(tab) ? tab.known : await this.#look(tab);
  }

  /** The same, unless that takes long: then what is known so far must do. */
  async soon(tab: Tab): Promise<void> {
    await Promise.race([this.known(tab), later()]);
  }

  /** Looks anew, at the files too. */
  async refresh(): Promise<void> {
    this.#surveyor.forget();
    if (this.#tab) await Promise.race([this.#look(this.#tab), later()]);
  }

  /** Two sentences why a wire whose kinds fit does not, on the level one looks at; undefined when it does. */
  async refusal(wish: Wish): Promise<string | undefined> {
    const { catalogue } = this.#store.state;
    const tab = this.#tab;
    if (!tab) return undefined;
    const now = documentOf(tab);
    const known = await this.known(tab);
    const { to, input } = wish;
    const graph = graphAt(now, tab.level);
    if (!graph) return undefined;
    const next = withGraphAt(now, tab.level, wired(graph, catalogue, wish), catalogue);
    const { problems } = await this.#surveyor.survey(next);
    const target = { node: pathIn(tab, to), port: input };
    // That something is not wired yet is said at its place, and no reason against this wire.
    const misfits = problems.filter((one) => isAt(one, target) || !isUnwired(one, next, catalogue));
    const problem = broughtBy(known.problems, misfits, target);
    if (!problem) return undefined;
    const where = problem.node === target.node ? undefined : titleAt(next, problem.node, catalogue);
    const shown = { ...target, port: shownSlot(nodeOf(graph, to), input) };
    return misfitWords(carriedPhrase(tab, graph, wish, known, catalogue), shown, problem, where);
  }

  /** The same at once: undefined, too, while that takes long. */
  async refusalSoon(wish: Wish): Promise<string | undefined> {
    return Promise.race([this.refusal(wish), later()]);
  }

  /** One look at a time: what changes meanwhile is looked at afterwards, once. */
  async #keep(): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    try {
      for (let tab = this.#tab; tab && !isCurrent(tab); tab = this.#tab) await this.#look(tab);
    } finally {
      this.#isLooking = false;
    }
  }

  async #look(looked: Tab): Promise<Known> {
    const { key, history } = looked;
    const document = history.present;
    const known = { document, ...(await this.#surveyor.survey(document)) };
    this.#store.apply(inTab(key, (tab) => ({ ...tab, known })));
    if (known.hung) this.#tell(looked, "hung");
    // What does not start would be told with every stroke.
    else if (known.broke && !looked.known?.broke) this.#tell(looked, "broke");
    return known;
  }
}

/** What a wire carries, in words. */
export function carriedPhrase(
  tab: Tab,
  graph: Graph,
  { from, output }: Wish,
  { facts }: Known,
  catalogue: Catalogue,
): string {
  const node = nodeOf(graph, from);
  const port = node && catalogue.byType.get(node.type)?.outputs.find(({ name }) => name === output);
  const kind = node ? kindOf(node, "output", output) : "";
  return factPhrase(kind, port?.meaning, facts.get(`${pathIn(tab, from)} ${output}`));
}

/** While the server still reads a large file, nobody waits for it: the run will be refused instead. */
const later = (): Promise<undefined> => new Promise((resolve) => setTimeout(resolve, 1_000));
