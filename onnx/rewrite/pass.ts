/** One pass over a graph: what stands of the next graph so far, and what is still to come of this one. */
import type { OnnxGraph, OnnxNode } from "../ir.ts";
import { identity, type Value } from "./builder.ts";
import { usesOf } from "./captures.ts";
import { Draft } from "./draft.ts";
import type { Searched } from "./match.ts";

export class Pass implements Searched {
  readonly draft: Draft;
  readonly #outputs: ReadonlySet<Value>;
  readonly #sources = new Map<Value, Value>();
  /** Places in the draft of the nodes that make its values. */
  readonly #places = new Map<Value, number>();
  #placed = 0;
  readonly #coming = new Map<Value, OnnxNode>();
  readonly #readers = new Map<Value, readonly OnnxNode[]>();

  constructor(graph: OnnxGraph, word: string, around?: Draft) {
    this.draft = new Draft(graph, word, around);
    this.#outputs = new Set(graph.outputs.map(({ name }) => name));
    for (const node of graph.nodes) {
      for (const name of node.outputs) this.#coming.set(name, node);
      for (const name of usesOf(node)) this.#read(name, [node]);
    }
  }

  /** Where a value of the graph is taken from now. */
  readonly source = (value: Value): Value => {
    const source = this.#sources.get(value);
    return source === undefined ? value : this.source(source);
  };

  readonly stands = (value: Value): boolean => {
    for (; this.#placed < this.draft.nodes.length; this.#placed++)
      for (const name of this.draft.nodes[this.#placed].outputs) this.#places.set(name, this.#placed);
    return this.#places.has(value);
  };

  maker(value: Value): OnnxNode | undefined {
    if (this.stands(value)) return this.draft.nodes[this.#places.get(value)!];
    const node = this.#coming.get(value);
    return node && { ...node, inputs: node.inputs.map(this.source) };
  }

  readers(value: Value): readonly OnnxNode[] {
    return this.uses(value).flatMap(({ outputs: [y] }) => this.maker(this.source(y)) ?? []);
  }

  /** Nodes of the graph that read a value, whatever has become of them. */
  readonly uses = (value: Value): readonly OnnxNode[] => this.#readers.get(value) ?? [];

  numbers(value: Value): readonly number[] | undefined {
    return this.draft.numbers(value);
  }

  /**
   * Takes values from new sources, which the nodes since `built` may have made, and so drops the node that made the first
   * of them. False, and nothing changes, where the node makes more than what has a new source.
   */
  give(node: OnnxNode, sources: ReadonlyMap<Value, Value>, built: number): boolean {
    const isNeeded = (name: Value): boolean => this.#outputs.has(name) || this.uses(name).length > 0;
    if (node.outputs.some((name) => name !== "" && !sources.has(name) && isNeeded(name))) return false;
    this.#passName(node, sources.get(node.outputs[0]), built);
    for (const [value, source] of sources) {
      if (value === "") continue; // An output that the node does not have.
      // A graph's output keeps its name, so a new form is passed on to it; one that another node makes stays.
      if (!this.#outputs.has(value)) this.#takeFrom(source, value);
      else if (node.outputs.includes(value)) this.draft.push(identity(`${node.name}/${value}`, source, value));
    }
    return true;
  }

  /** The node that does the work of another one has its name, which messages show. */
  #passName({ name }: OnnxNode, value: Value | undefined, built: number): void {
    if (value === undefined || !this.stands(value)) return;
    const place = this.#places.get(value)!;
    if (place >= built) this.draft.replace(place, { ...this.draft.nodes[place], name });
  }

  #takeFrom(source: Value, value: Value): void {
    if (value === source) return;
    this.#sources.set(value, source);
    this.#read(source, this.uses(value));
  }

  #read(value: Value, nodes: readonly OnnxNode[]): void {
    this.#readers.set(value, [...this.uses(value), ...nodes]);
  }
}
