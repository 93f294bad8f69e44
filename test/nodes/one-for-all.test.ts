/** Where one sample meets a batch, at every node that takes two tensors: it serves all of it, or is refused before a run. */
import { describe, expect, test } from "vitest";
import type { Tensor } from "../../diffusion/index.ts";
import type { AnyNode } from "../../nodes/index.ts";
import { batch, dims, graphOf, type Placed, portsOf, randomTensor } from "../support/drawn.ts";
import { all, cases, inputsOf, plain } from "../support/drawn-cases.ts";
import { fakeContext, fakeKnown } from "../support/fake-context.ts";

const isTensor = (value: unknown): value is Tensor => (value as Tensor | undefined)?.data instanceof Float32Array;

/** Each with its default inputs, of which one tensor is of one sample. */
const meetings = all.flatMap((definition) => {
  if (definition.type === "guidegraph/collect") return []; // puts one behind the other
  const [variant] = cases[definition.type] ?? plain;
  const given = inputsOf(definition, variant);
  const whole = Object.entries(portsOf(definition)).filter(
    ([port, { kind }]) => kind === "tensor" && isTensor(given[port]) && given[port].dims.join() === dims.join(),
  );
  return whole.length < 2 ? [] : whole.map(([port]) => [definition.title, port, definition, given] as const);
});

const repeated = ({ dims: [, ...sample], data }: Tensor): Tensor => ({
  dims: [batch, ...sample],
  data: Float32Array.from({ length: batch * data.length }, (_, i) => data[i % data.length]),
});

/** Sizes of what is wired, as planning knows them. */
function inferred(definition: AnyNode, inputs: Readonly<Record<string, unknown>>) {
  const wired = Object.entries(inputs).flatMap(([port, value]) => {
    if (portsOf(definition)[port].parameter && !isTensor(value)) return [];
    if (!isTensor(value)) return [[port, {}] as const];
    const [batch, channels, height, width] = value.dims;
    return [[port, { batch, channels, height, width }] as const];
  });
  return definition.infer?.(Object.fromEntries(wired), fakeKnown(inputs)) as Readonly<Record<string, object>>;
}

const inWords = (error: unknown): undefined => {
  expect(["GraphError", "RangeError"]).toContain((error as Error).name);
};

describe.each(meetings)("%s with one sample at “%s”", (_, port, definition, given) => {
  const one = randomTensor(8, [1, ...dims.slice(1)]);
  const [inputs, same] = [one, repeated(one)].map((tensor) => ({ ...given, [port]: tensor }));
  const run = async (inputs: Readonly<Record<string, unknown>>) =>
    definition.run(inputs, fakeContext()) as Promise<Record<string, unknown>>;

  test("gives what a Repeat of it gives, or refuses it before a run", async () => {
    const plan = (() => {
      try {
        return inferred(definition, inputs);
      } catch (error) {
        return inWords(error);
      }
    })();
    const made = await run(inputs).catch(inWords);
    if (!plan) return;
    expect(made, "what a plan lets pass").toBeDefined();
    const expected = await run(same);
    for (const [output, value] of Object.entries(made ?? {})) {
      if (!isTensor(value)) continue;
      expect(value, output).toEqual(expected[output]);
      const [batch, channels, height, width] = value.dims;
      expect({ batch, channels, height, width }).toMatchObject(plan[output]);
    }
  });

  test.runIf(definition.draw && !definition.undrawn)("is drawn so too", async () => {
    const made = await run(inputs).catch(inWords);
    const values = Object.entries(inputs).map(([name, value]) => [name, { value }] as const);
    for (const [by, { kind }] of Object.entries(portsOf(definition))) {
      if (kind !== "tensor" || by === port || !(by in inputs)) continue;
      const node: Placed = {
        path: "1",
        definition,
        inputs: { ...Object.fromEntries(values), [by]: { from: "variable" } },
      };
      for (const [output, value] of Object.entries(made ?? {}))
        if (isTensor(value)) {
          const [drawn] = await graphOf([node], ["1", output]).run(given[by] as Tensor, [{ of: "1", output }]);
          expect((drawn as Tensor).dims).toEqual(value.dims);
        }
    }
  });
});
