/** A Differentiate: what leads from its variable to what is differentiated, with the gradient, as one network that is called. */
import { type DrawnStep, errorAt, outputKey } from "../executor/index.ts";
import { type DrawnSource, GraphError, type Kind, type Ports, type Value } from "../nodes/index.ts";
import { atFault, composedWithGradient, type Made, type Parts, partsOf } from "../runtime/index.ts";
import { FixedBatch } from "./fixed-batch.ts";
import type { Tabled } from "./given.ts";
import { entered, type Traced } from "./traced.ts";
import type { Place, Tracing } from "./tracing.ts";

export function traceDifferentiate(step: DrawnStep, { sheet }: Place, tracer: Tracing): void {
  const { path, graph, outside, outputs } = step;
  const by = entered("tensor", required(tracer.value(step.by), "by"), sheet, tracer.around) as Value;
  const inner = tracer.sheetIn({ sheet }, "gradient");
  const { type = "float32", dims } = sheet.facts(by) ?? {};
  const variable = inner.op.input(`${inner.word}/by`, type, dims);
  inner.counts(variable);

  const made = new Map<string, Readonly<Record<string, unknown>>>();
  const found = (source: DrawnSource, kind: Kind): unknown => {
    if (source.is === "variable") return variable;
    if (source.is === "output") return made.get(source.of)?.[source.output];
    const { source: from, port } = outside[source.index];
    return entered(kind, required(tracer.value(from), port), inner, tracer.around);
  };
  for (const { path, definition, inputs } of graph.nodes)
    try {
      const draw = () => {
        const values = Object.entries(inputs).map(([port, source]) => [
          port,
          found(source, (definition.inputs as Ports)[port].kind),
        ]);
        return definition.draw!(Object.fromEntries(values), inner) as Readonly<Record<string, unknown>>;
      };
      made.set(path, inner.op.within(path, draw));
    } catch (error) {
      throw error instanceof FixedBatch ? error : errorAt(path, error);
    }

  const ends = new Map<string, Value>([["of", found(graph.of, "tensor") as Value]]);
  const read = outputs
    .filter(({ from }) => from !== path)
    .map(({ from, output, kind }) => ({
      ...{ from, output, kind, key: outputKey(from, output), parts: partsOf(kind) as Parts },
      inside: made.get(from)![output] as { readonly step?: Tabled<never> },
    }));
  for (const { key, parts, inside } of read)
    for (const name of parts.names) ends.set(`${key} ${name}`, parts.of(inside as never, name));
  const shapes = new Map([...ends].map(([name, value]) => [name, inner.shape(value)] as const));
  const whole = { graph: inner.graph(ends), calls: inner.calls, networks: inner.networks, variable };
  const part: Made = {
    make: (build) =>
      composedWithGradient(whole, build).catch((error) => Promise.reject(errorAt(path, atFault(graph, error)))),
  };
  const inputs = new Map([[variable, by], ...[...inner.imports].map((name) => [name, name] as const)]);
  const names = [...shapes.keys(), "gradient"];
  const values = sheet.callPart(inner.word, part, inputs, new Map([...shapes, ["gradient", dims]]));
  const given = (name: string): Value => values[names.indexOf(name)];

  tracer.give(path, "gradient", { is: "drawn", kind: "tensor", sheet, value: () => given("gradient") });
  for (const { from, output, kind, key, parts, inside } of read) {
    const value = parts.make((name) => given(`${key} ${name}`), inside as never, inside.step?.on(sheet) as never);
    tracer.give(from, output, { is: "drawn", kind, sheet, value: () => value });
  }
}

function required(traced: Traced | undefined, port: string): Traced {
  if (traced?.is === "drawn" && traced.absent !== undefined)
    throw new GraphError("in the first step there is none, so it cannot be differentiated in an export", port);
  if (traced === undefined) throw new GraphError("nothing feeds it", port);
  return traced;
}
