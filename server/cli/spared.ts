/** What is told when a run is over: what conditions have spared it, the calls of nodes that were not needed in every step; and what may not be meant. */
import { everyStep, type Path, type Plan, type RunEvent } from "../../executor/index.ts";

export class Spared {
  readonly #titles: ReadonlyMap<Path, string>;
  readonly #notes = new Map<Path, string>();
  readonly #counts = new Map<string, { readonly calls: number; readonly skipped: number }>();
  readonly #never = new Set<Path>();

  constructor({ steps }: Plan) {
    const all = everyStep(steps);
    const drawn = all.flatMap((step) => (step.is === "drawn" ? step.graph.nodes : []));
    this.#titles = new Map([...drawn, ...all].map(({ path, title }) => [path, title]));
  }

  see(event: RunEvent): void {
    if (event.type !== "node") return;
    if (event.state === "skipped") this.#never.add(event.path);
    if (event.state !== "done") return;
    this.#never.delete(event.path);
    if (event.note !== undefined) this.#notes.set(event.path, event.note);
    if (!event.skipped) return;
    const before = this.#counts.get(event.path) ?? { calls: 0, skipped: 0 };
    const calls = before.calls + (event.calls ?? 0);
    this.#counts.set(event.path, { calls, skipped: before.skipped + event.skipped });
  }

  /** "Guidance Gradient, Condition Score: needed in 10 of 25 steps", "Predict: not needed" */
  lines(): string[] {
    const titles = new Map<string, string[]>();
    for (const [path, { calls, skipped }] of this.#counts) {
      const share = `${calls} of ${calls + skipped} steps`;
      titles.set(share, [...(titles.get(share) ?? []), this.#titles.get(path) ?? path]);
    }
    const notes = [...this.#notes].map(([path, note]) => `note: “${this.#titles.get(path) ?? path}”: ${note}`);
    const never = [...this.#never].map((path) => this.#titles.get(path) ?? path);
    return [
      ...[...titles].map(([share, nodes]) => `${nodes.join(", ")}: needed in ${share}`),
      ...(never.length > 0 ? [`${never.join(", ")}: not needed`] : []),
      ...notes,
    ];
  }
}
