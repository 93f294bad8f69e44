/** A Differentiate as it is run: all that it draws in one call, and of what it chooses from what is chosen. */
import {
  type Context,
  type Differentiated,
  type Needed,
  neededOf,
  notMadeYet,
  outsideOf,
  type ValueOf,
} from "../nodes/index.ts";
import type { Values } from "./cache.ts";
import { drawnReads, typedOf } from "./drawn-reads.ts";
import { errorAt } from "./errors.ts";
import { countFlat, notSpent, type Op } from "./op.ts";
import { checkThere, checkWired } from "./parameters.ts";
import { drawnOutputs, wishesOf } from "./seen.ts";
import type { Slots } from "./slots.ts";
import { outputKey } from "./step.ts";
import type { DrawnStep, Path } from "./types.ts";

/** What it takes of whoever runs it. */
interface Running {
  readonly slots: Slots;
  values(): unknown[];
  /** Shows a value to those who watch it; undefined where nobody does. */
  show(path: Path, output: string): ((value: unknown) => void) | undefined;
  readonly models: Context["models"];
}

export function drawnOp(step: DrawnStep, { slots, values, show, models }: Running): Op {
  const { path, graph, outputs } = step;
  const variable = slots.of(step.by);
  const outside = step.outside.map(({ source }) => slots.of(source));
  const definitions = new Map(graph.nodes.map((node) => [node.path, node.definition]));
  const wired = step.outside.flatMap(({ source, path, port: name }, index) => {
    const port = definitions.get(path)?.inputs[name];
    return port && !("value" in source) ? [{ path, name, port, index }] : [];
  });
  const names = outputs.map(({ from, output }) => outputKey(from, output));
  const writes = outputs.map(({ from, output }) => slots.output(from, output));
  // What nobody reads is asked for where somebody looks at it.
  const shown = [{ path, output: "gradient" }, ...graph.nodes.flatMap(drawnOutputs)].flatMap(({ path, output }) => {
    const shows = show(path, output);
    return shows ? [{ of: path, output, shows }] : [];
  });
  const wishes = wishesOf(path, [...outputs.map(({ from, output }) => ({ of: from, output })), ...shown]);

  const typed = typedOf(step);
  const { sure, deciding, perhaps } = drawnReads(step, wishes);
  const valuesIn = (indices: ReadonlySet<number>): unknown[] => {
    const now = values();
    // What is typed is there whatever is chosen: so it can be told where the gradient is 0 in any case.
    return outside.map((slot, index) => (indices.has(index) || typed[index] !== undefined ? now[slot] : undefined));
  };
  const chooses = graph.nodes.some(({ definition }) => definition.needs);
  const chosen = () => neededOf(graph, wishes, valuesIn(deciding));
  const askedBy = (form: Needed): ReadonlySet<number> => (perhaps.length === 0 ? sure : outsideOf(graph, form));

  const spent = notSpent();
  let drawn: Differentiated | undefined;
  const execute = async () => {
    const now = values();
    checkThere("by", now[variable]);
    const form = chooses ? chosen() : undefined;
    const needed = form ? askedBy(form) : sure;
    for (const { path, name, port, index } of wired)
      try {
        if (!needed.has(index)) continue;
        if (!port.optional) checkThere(name, now[outside[index]]);
        if (port.lazy && now[outside[index]] === undefined) throw notMadeYet(name);
        if (port.parameter) checkWired(name, port, now[outside[index]]);
      } catch (error) {
        throw errorAt(path, error);
      }
    drawn ??= models.differentiated(graph);
    const results = await drawn.run(now[variable] as ValueOf<"tensor">, valuesIn(needed), wishes);
    for (let i = 0; i < writes.length; i++) now[writes[i]] = results[i];
    if (form)
      for (const { path } of graph.nodes)
        spent.drawn.set(path, (spent.drawn.get(path) ?? 0) + (form.has(path) ? 1 : 0));
    countFlat(
      spent,
      results.filter((_, i) => wishes[i] === "gradient"),
    );
    for (let i = 0; i < shown.length; i++) shown[i].shows(results[writes.length + i]);
  };
  return {
    step,
    reads: [variable, ...[...sure].map((index) => outside[index])],
    lazy: perhaps.map((index) => outside[index]),
    needs() {
      const needed = askedBy(chosen());
      return perhaps.flatMap((index) => (needed.has(index) ? [outside[index]] : []));
    },
    writes,
    execute,
    result: () => Object.fromEntries(names.map((name, i) => [name, values()[writes[i]]])),
    restore(known: Values) {
      for (let i = 0; i < names.length; i++) values()[writes[i]] = known[names[i]];
    },
    body: [],
    spent,
  };
}
