import fc from "fast-check";
import { expect, test } from "vitest";
import { maxSteps } from "../../../diffusion/index.ts";
import {
  type FlagRange,
  flagKinds,
  formatModelFlags,
  othersInCard,
  parseCard,
  parseModelFlags,
  readCard,
  roles,
  shapesOf,
  structureFromFlags,
} from "../../../onnx/index.ts";

test("parseModelFlags reads both spellings, empty values and values that begin with a minus", () => {
  expect(
    parseModelFlags(
      '--num_channels 64 --num_heads=4 --num_heads_upsample -1 --channel_mult "" --attention_resolutions=',
    ),
  ).toEqual({
    num_channels: 64,
    num_heads: 4,
    num_heads_upsample: -1,
    channel_mult: "",
    attention_resolutions: "",
  });
  expect(parseModelFlags(" \n")).toEqual({});
});

test("parseModelFlags reads booleans as the reference does", () => {
  for (const yes of ["yes", "True", "T", "y", "1"])
    expect(parseModelFlags(`--class_cond ${yes}`)).toEqual({ class_cond: true });
  for (const no of ["no", "FALSE", "f", "N", "0"])
    expect(parseModelFlags(`--class_cond ${no}`)).toEqual({ class_cond: false });
  expect(() => parseModelFlags("--class_cond maybe")).toThrow('--class_cond must be true or false, not "maybe"');
});

test("the last of repeated flags wins", () => {
  expect(parseModelFlags("--num_heads 4 --num_heads 8")).toEqual({ num_heads: 8 });
});

test("parseModelFlags refuses what it does not know", () => {
  expect(() => parseModelFlags("--num_head 4")).toThrow("--num_head is not one of them");
  expect(() => parseModelFlags("--constructor 4")).toThrow("--constructor is not one of them");
  expect(() => parseModelFlags("64")).toThrow('"64" is not a flag');
  expect(() => parseModelFlags("--num_heads")).toThrow("--num_heads has no value");
  expect(() => parseModelFlags('--channel_mult "1,2')).toThrow("is not closed");
  expect(() => parseModelFlags("--num_heads four")).toThrow(
    '--num_heads must be a whole number from -1 to 4096, not "four"',
  );
  expect(() => parseModelFlags("--num_channels 1.5")).toThrow("--num_channels must be a whole number");
  expect(() => parseModelFlags("--channel_mult 1;2")).toThrow(
    '--channel_mult must be numbers from 0 to 1024, as in "1,2,4"',
  );
  expect(() => parseModelFlags("--noise_schedule quadratic")).toThrow("--noise_schedule must be one of linear, cosine");
});

test("formatModelFlags writes what parseModelFlags reads", () => {
  const flags = parseModelFlags(
    '--image_size 64 --channel_mult "" --class_cond True --learn_sigma no --dropout 0.1 --classifier_pool spatial_v2',
  );
  expect(formatModelFlags(flags)).toBe(
    '--image_size 64 --channel_mult "" --class_cond True --learn_sigma False --dropout 0.1 --classifier_pool spatial_v2',
  );
  expect(parseModelFlags(formatModelFlags(flags))).toEqual(flags);
});

test("parseCard takes flags and class names, and passes over the rest", () => {
  expect(
    parseCard('{"num_heads": 4, "class_cond": true, "channel_mult": "1,2", "classes": ["a", "b"], "license": "MIT"}'),
  ).toEqual({
    num_heads: 4,
    class_cond: true,
    channel_mult: "1,2",
    classes: ["a", "b"],
  });
  expect(() => parseCard("[]")).toThrow("must be a JSON object");
  expect(() => parseCard('{"num_heads": [4]}')).toThrow(
    "num_heads in a model card must be text, a number, true or false",
  );
  expect(() => parseCard('{"classes": [1]}')).toThrow("classes in a model card must be a list of names");
  expect(() => parseCard("{")).toThrow(SyntaxError);
});

test.each([
  ["use_new_attention_ordr", "use_new_attention_order"],
  ["image_siz", "image_size"],
  ["num_haeds", "num_heads"],
  ["Classes", "classes"],
  ["noise_shedule", "noise_schedule"],
])("a card's key %s is refused: it is all but %s", (typed, meant) => {
  expect(() => readCard(JSON.stringify({ [typed]: true }))).toThrow(`did you mean ${meant}`);
});

test("a card's keys of other programs are passed over, and named", () => {
  const others = [
    "license",
    "_class_name",
    "sample_size",
    "use_bf16",
    "num_layers",
    "sha256",
    "act_fn",
    "dropout_rate",
  ];
  const card = readCard(JSON.stringify({ num_heads: 4, ...Object.fromEntries(others.map((name) => [name, 1])) }));
  expect(card).toEqual({ flags: { num_heads: 4 }, others });
  expect(othersInCard(card)).toEqual([
    'its card has "license", "_class_name", "sample_size", "use_bf16", "num_layers" and 3 more, which no flag is called: passed over',
  ]);
  expect(othersInCard(readCard('{"num_heads": 4}'))).toEqual([]);
});

test("a mistyped flag is refused with the one that was meant", () => {
  expect(() => parseModelFlags("--num_chanels 64")).toThrow("did you mean --num_channels");
});

const ranges = Object.entries(flagKinds).filter(
  (entry): entry is [string, FlagRange] => typeof entry[1] === "object" && "most" in entry[1],
);

test.each(ranges)("--%s is bounded, in a card as in flags", (name, { least, most, whole, list }) => {
  const [inside, outside] = [
    [least, most],
    [least - 1, most + 1, 1e9, 2e9, 1e300, Number.POSITIVE_INFINITY, Number.NaN, "0x10", "", "1_0", whole ? 0.5 : "e"],
  ];
  for (const value of inside) {
    expect(() => parseModelFlags(`--${name} ${value}`)).not.toThrow();
    expect(() => parseCard(JSON.stringify({ [name]: value }))).not.toThrow();
  }
  for (const value of outside.filter((value) => value !== "" || list === undefined)) {
    expect(() => parseModelFlags(`--${name} "${value}"`)).toThrow(`--${name} must be`);
    expect(() => parseCard(JSON.stringify({ [name]: String(value) }))).toThrow(`--${name} must be`);
  }
  if (list) expect(() => parseModelFlags(`--${name} ${Array(list + 1).fill(1)}`)).toThrow(`at most ${list} numbers`);
});

test("a process has no more steps than a schedule has rows", () => {
  expect(flagKinds.diffusion_steps).toMatchObject({ most: maxSteps });
});

test("a structure of any flags is laid out in a moment", () => {
  const numbers = ranges.map(([name, { least, most, whole, list }]) => {
    const one = whole ? fc.integer({ min: least, max: most }) : fc.double({ min: least, max: most, noNaN: true });
    const edges = fc.oneof(one, fc.constantFrom(least, most));
    const text = list ? fc.array(edges, { maxLength: list }).map((all) => `"${all.map(plain)}"`) : edges.map(plain);
    return text.map((value) => `--${name} ${value}`);
  });
  fc.assert(
    fc.property(
      fc.constantFrom(...roles),
      fc.tuple(...numbers.map((one) => fc.option(one, { nil: "" }))),
      (role, all) => {
        const flags = parseModelFlags(all.join(" "));
        const began = performance.now();
        try {
          shapesOf(structureFromFlags(role, flags));
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
        }
        expect(performance.now() - began).toBeLessThan(2000);
      },
    ),
    { numRuns: 200 },
  );
});

const plain = (value: number): string => value.toFixed(12).replace(/\.?0+$/, "");
