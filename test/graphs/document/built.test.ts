/** What a builder says of what no graph can hold, before there is a graph: values by the rule of the plan, names with what was meant. */
import { describe, expect, test } from "vitest";
import { documentBuilder, parameterProblem } from "../../../graphs/document/index.ts";
import { nodes, type Ports, type Registry } from "../../../nodes/index.ts";

const type = (name: string) => `guidegraph/${name}`;
const build = (unchecked = false) => documentBuilder(nodes, {}, { unchecked });

describe("documentBuilder", () => {
  test.each([
    ["gaussian-noise", { seed: "x" }, 'Cannot add Gaussian Noise: "seed" must be a whole number'],
    ["gaussian-noise", { batch: 0 }, '"batch" must be a whole number from 1'],
    ["gaussian-noise", { height: -4 }, '"height" must be a whole number'],
    ["gaussian-noise", { generator: "mt19937" }, '"generator" must be one of "philox", "torch", not "mt19937"'],
    ["ddim-step", { eta: Number.NaN }, "not NaN"],
    ["mean-variance", { clip_denoised: 1 }, '"clip_denoised" must be true or false, not 1'],
  ])("refuses %s with %o", (name, given, message) => {
    expect(() => build().add(type(name), given)).toThrow(message);
    expect(() => build(true).add(type(name), given)).not.toThrow();
  });

  test("takes every default, and of every parameter what the plan takes alone", () => {
    const tried = [-1, 0, 0.5, 1, 1e9, Number.NaN, "x", "", true];
    for (const [name, { inputs }] of Object.entries<Registry[string]>(nodes as Registry))
      for (const [port, shape] of Object.entries<Ports[string]>(inputs)) {
        if (!shape.parameter || name.endsWith("/differentiate")) continue;
        for (const value of [shape.parameter.default, ...tried]) {
          const add = () => build().add(name, { [port]: value });
          if (parameterProblem(shape, value) === undefined) expect(add, `${name}.${port} ${value}`).not.toThrow();
          else expect(add, `${name}.${port} ${value}`).toThrow(`"${port}" must be`);
        }
      }
  });

  test("says what a mistyped type, input or output may have meant", () => {
    const b = build();
    const noise = b.add(type("gaussian-noise"));
    const step = b.add(type("ddim-step"));
    for (const [act, meant] of [
      [() => b.add("guidegraph/gausian-noise"), '"guidegraph/gaussian-noise"'],
      [() => b.add("gaussian-noise"), '"guidegraph/gaussian-noise"'],
      [() => b.add(type("gaussian-noise"), { sed: 1 }), '"seed"'],
      [() => noise.out("x_t0"), '"x_T"'],
      [() => b.connect(noise.out("x_T"), step, "predicton"), '"prediction"'],
    ] as const)
      expect(act).toThrow(`did you mean ${meant}?`);
  });

  test("refuses a wire of another kind", () => {
    const b = build();
    const x = b.add(type("gaussian-noise")).out("x_T");
    const message = 'Cannot wire "x_T" of Gaussian Noise to "images" of Save PNG: it is of kind tensor, not image';
    expect(() => b.add(type("save-png"), { images: x })).toThrow(message);
    const inside = () => b.subgraph("Inside", { x }, (inner) => inner.output("x", "image", inner.input("x", "tensor")));
    expect(inside).toThrow("it is of kind tensor, not image");
  });
});
