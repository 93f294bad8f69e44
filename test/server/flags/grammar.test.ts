import { describe, expect, test } from "vitest";
import { UsageError } from "../../../server/flags/errors.ts";
import { describeFlags, parseFlags } from "../../../server/flags/grammar.ts";
import { sampleFlags } from "../../../server/sample/flags.ts";

const flags = {
  channel_mult: { type: "text", help: "" },
  class_cond: { type: "boolean", help: "" },
  num_heads_upsample: { type: "integer", help: "" },
  classifier_scale: { type: "number", help: "" },
  noise: { type: "text", help: "", choices: ["torch", "philox"] },
  json: { type: "switch", help: "" },
  models: { type: "list", help: "", more: (value: string) => value.endsWith("/") },
  out: { type: "text", help: "", short: "o" },
  within: { type: "duration", help: "", min: "1s", max: "7d" },
  room: { type: "size", help: "", min: "1GiB" },
} as const;
const parse = (...args: string[]) => parseFlags(args, flags);

describe("parseFlags", () => {
  test("values follow the flag or an equals sign, may be empty and may begin with a dash", () => {
    expect(parse("--channel_mult", "", "--num_heads_upsample", "-1").given).toEqual({
      channel_mult: "",
      num_heads_upsample: -1,
    });
    expect(parse("--channel_mult=", "--num_heads_upsample=-1").given).toEqual(
      parse("--channel_mult", "", "--num_heads_upsample", "-1").given,
    );
    expect(parse("--channel_mult=--json").given).toEqual({ channel_mult: "--json" });
    expect(parse("--channel_mult", "-x").given).toEqual({ channel_mult: "-x" });
  });

  test("the last of repeated flags wins; lists grow", () => {
    expect(parse("--classifier_scale", "1", "--classifier_scale=2.5").given.classifier_scale).toBe(2.5);
    expect(parse("--models", "a", "graph.json", "--models", "b/", "c/", "d")).toEqual({
      given: { models: ["a", "b/", "c/"] },
      operands: ["graph.json", "d"],
    });
  });

  test.each(["yes", "True", "T", "y", "1"])("%s is true", (text) => {
    expect(parse("--class_cond", text).given.class_cond).toBe(true);
  });
  test.each(["no", "FALSE", "f", "N", "0"])("%s is false", (text) => {
    expect(parse("--class_cond", text).given.class_cond).toBe(false);
  });

  test("a switch stands alone, and short names work", () => {
    expect(parse("--json", "a.json", "-o", "b.onnx")).toEqual({
      given: { json: true, out: "b.onnx" },
      operands: ["a.json"],
    });
  });

  test.each([
    [["--class_con", "1"], "Unknown flag --class_con; did you mean --class_cond?"],
    [["--zzzzzzzz"], "Unknown flag --zzzzzzzz; --help lists them"],
    [["--cond", "1"], "Unknown flag --cond; did you mean --class_cond?"],
    [["--mults", "1"], "Unknown flag --mults; did you mean --channel_mult?"],
    [["-x"], "Unknown flag -x"],
    [["--class_cond", "maybe"], '--class_cond takes True or False, not "maybe"'],
    [["--class_cond"], "--class_cond needs True or False"],
    [["--channel_mult", "--json"], "--channel_mult needs a value"],
    [["--num_heads_upsample", "1.5"], '--num_heads_upsample takes a whole number, not "1.5"'],
    [["--classifier_scale", ""], '--classifier_scale takes a number, not ""'],
    [["--classifier_scale", "nan"], '--classifier_scale takes a number, not "nan"'],
    [["--within", "soon"], '--within takes a time such as 90s, 30m or 2h, not "soon"'],
    [["--within", "8d"], "--within takes 1s to 7d, not 8d"],
    [["--within", "0"], "--within takes 1s to 7d, not 0"],
    [["--room", "8 apples"], '--room takes a size such as 512MiB or 8GiB, not "8 apples"'],
    [["--room", "1023M"], "--room takes 1GiB or more, not 1023M"],
    [["--noise", "mt"], '--noise takes torch or philox, not "mt"'],
    [["--constructor", "1"], "Unknown flag --constructor"],
  ])("%j is refused: %s", (args, message) => {
    expect(() => parse(...args)).toThrow(UsageError);
    expect(() => parse(...args)).toThrow(message);
  });

  test("times are milliseconds and sizes are bytes", () => {
    expect(parse("--within", "1h30m", "--room=8GiB").given).toEqual({ within: 5_400_000, room: 8 * 2 ** 30 });
  });

  test("describeFlags lists every flag", () => {
    for (const name of Object.keys(flags)) expect(describeFlags(flags)).toContain(`--${name}`);
  });
});

test("a number beyond what any network has is refused where it is typed", () => {
  for (const [name, value] of [
    ["num_res_blocks", 1e9],
    ["diffusion_steps", 2e9],
    ["image_size", 0],
    ["num_heads", -2],
    ["classifier_width", 1e6],
  ] as const)
    expect(() => parseFlags([`--${name}`, `${value}`], sampleFlags)).toThrow(
      new RegExp(`--${name} takes -?\\d+ to \\d+, not`),
    );
});
