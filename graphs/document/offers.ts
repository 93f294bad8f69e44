/** What a name that nothing has may have meant, for whoever sets parameters by names: clauses behind the refusal. */
import { didYouMean, meant, near } from "../../spelling/index.ts";
import { type Definitions, isSettable, portsOf } from "./ports.ts";
import { type Found, nodeAt, type Titles } from "./titles.ts";
import type { GraphDocument, GraphNode } from "./types.ts";

/** So many names are all told, where none is like the one that was typed. */
const maxListed = 12;
/** Nodes of so large a graph are looked through for a parameter, and so many ways to set it are offered. */
const [maxSearched, maxOffered] = [500, 4];
/** A title in a file may be 64 KiB long; one that nobody would type is offered by its node's path, or not at all. */
const longestTitle = 200;

interface Settable extends Pick<Found, "path" | "title"> {
  readonly parameter: string;
}

export class Offers {
  readonly #document: GraphDocument;
  readonly #titles: Titles;
  readonly #definitions: Definitions;
  #known: readonly Settable[] | undefined;

  constructor(document: GraphDocument, titles: Titles, definitions: Definitions) {
    this.#document = document;
    this.#titles = titles;
    this.#definitions = definitions;
  }

  /** Nodes that have the parameter; where none has it, parameters of this one. */
  parameter(node: GraphNode, parameter: string): string {
    const isElsewhere = this.#settable.some((one) => one.parameter === parameter);
    return isElsewhere ? this.nodes(parameter) : listed(parameter, parametersOf(node, this.#definitions));
  }

  /** Titles that a mistyped one may have meant, first of nodes that have the parameter; where none is like it, those nodes. */
  title(title: string, parameter: string): string {
    const fitting = this.#settable.filter((one) => one.parameter === parameter);
    const close = meant(
      title,
      fitting.map((one) => one.title),
    );
    if (close.length > 0) return listed(title, close);
    return fitting.length > 0 ? this.nodes(parameter) : listed(title, this.#titles.all);
  }

  /** Parameters of that name, or near to it, with the nodes that have them: where no node was named, or a wrong one. */
  nodes(name: string): string {
    const names = this.#settable.map(({ parameter }) => parameter);
    const wanted = names.includes(name) ? [name] : meant(name, names);
    const found = wanted.flatMap((one) => this.#settable.filter(({ parameter }) => parameter === one));
    const shown = found.slice(0, maxOffered).map(({ path, title, parameter }) => {
      const alike = found.filter((other) => other.title === title && other.parameter === parameter);
      return `"${alike.length === 1 && title.length <= longestTitle ? title : path}.${parameter}"`;
    });
    return didYouMean(shown);
  }

  /** What no wire supplies. Setting parameters changes none of it, so that it is looked for once. */
  get #settable(): readonly Settable[] {
    this.#known ??= this.#titles.nodes.slice(0, maxSearched).flatMap(({ path, title, wired }) =>
      parametersOf(nodeAt(this.#document, path), this.#definitions)
        .filter((parameter) => !wired.has(parameter))
        .map((parameter) => ({ path, title, parameter })),
    );
    return this.#known;
  }
}

const parametersOf = (node: GraphNode, definitions: Definitions): string[] =>
  Object.entries(portsOf(node, definitions)?.inputs ?? {}).flatMap(([name, port]) =>
    isSettable(node, port) ? name : [],
  );

/** Types that a mistyped one may have meant: they are told apart by what follows their common beginning. */
export function likeTypes(type: string, types: readonly string[]): string {
  const end = (one: string) => one.slice(one.lastIndexOf("/") + 1);
  const close = near(end(type), types.map(end)).flatMap((name) => types.filter((one) => end(one) === name));
  return didYouMean(close.map(quoted), { mark: ":" });
}

/** The names that a mistyped one may have meant; all of them when none is like it and they are few. */
export function listed(name: string, names: readonly string[]): string {
  const typable = names.filter(({ length }) => length <= longestTitle);
  const all = [...new Set(typable)];
  const otherwise = all.length > 0 && all.length <= maxListed ? `there are ${all.map(quoted).join(", ")}` : "";
  return didYouMean(meant(name, typable).map(quoted), { otherwise, mark: ":" });
}

const quoted = (name: string): string => `"${name}"`;
