import { describe, expect, test } from "vitest";
import type { Dim, OnnxGraph, ValueInfo } from "../../../onnx/index.ts";
import { rolesOf } from "../../../runtime/models/roles.ts";

const value = (name: string, type: ValueInfo["type"], dims: readonly Dim[]): ValueInfo => ({ name, type, dims });
const graph = (inputs: ValueInfo[], outputs: ValueInfo[]): OnnxGraph => ({
  name: "g",
  nodes: [],
  inputs,
  outputs,
  initializers: new Map(),
});
const picture = value("image", "float32", ["N", 3, 8, 8]);
const time = value("timestep", "int64", ["N"]);
const probabilities = value("scores", "float32", ["N", 10]);
const names = (roles: ReturnType<typeof rolesOf>) =>
  Object.fromEntries(Object.entries(roles).map(([role, { name }]) => [role, name]));

describe("rolesOf", () => {
  test("x, t and logits are told by rank, whatever they are called", () => {
    expect(names(rolesOf(graph([time, picture], [probabilities]), "classifier", {}))).toEqual({
      x: "image",
      t: "timestep",
      out: "scores",
    });
    expect(names(rolesOf(graph([picture], [probabilities]), "classifier", {}))).toEqual({ x: "image", out: "scores" });
  });

  test("our own exports are told by name", () => {
    const inputs = [
      value("low_res", "float32", ["N", 3, 4, 4]),
      value("x", "float32", ["N", 3, 8, 8]),
      value("y", "int64", ["N"]),
      value("t", "float32", ["N"]),
    ];
    const roles = rolesOf(graph(inputs, [value("out", "float32", ["N", 6, 8, 8])]), "unet", {});
    expect(names(roles)).toEqual({ x: "x", t: "t", y: "y", lowRes: "low_res", out: "out" });
  });

  test("names that were typed win", () => {
    const outputs = [probabilities, value("features", "float32", ["N", 64])];
    expect(names(rolesOf(graph([picture], outputs), "classifier", { logits: "features" })).out).toBe("features");
  });

  test.each([
    [
      graph([picture], [probabilities, value("features", "float32", ["N", 64])]),
      {},
      /several outputs could be logits.*"scores".*"features"/,
    ],
    [graph([picture, value("image2", "float32", ["N", 3, 8, 8])], [probabilities]), {}, /several inputs could be x/],
    [graph([time], [probabilities]), {}, /no rank-4 float input.*"timestep" int64 N/],
    [graph([picture], [value("out", "float32", ["N", 3, 8, 8])]), {}, /no rank-2 float output/],
    [graph([picture], [probabilities]), { x: "pixels" }, /no input "pixels" \(--x\); there are "image"/],
    [graph([picture, time, value("mask", "bool", ["N"])], [probabilities]), {}, /nothing feeds its input "mask"/],
  ])("what is ambiguous or missing is refused with the list (%#)", (model, given, message) => {
    expect(() => rolesOf(model, "classifier", given)).toThrow(message);
  });
});
