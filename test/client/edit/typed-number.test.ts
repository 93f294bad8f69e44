import { expect, test } from "vitest";
import { readTyped } from "../../../client/edit/typed-number.ts";
import type { Parameter } from "../../../nodes/port.ts";

const cases: readonly [Partial<Parameter>, string, number | string][] = [
  [{ min: 0, max: 1 }, "1/2", 0.5],
  [{ min: 0, max: 1 }, " 1 ", 1],
  [{ min: 0, max: 1 }, "-5", "It must be a number from 0 to 1, not -5"],
  [{ min: 0 }, "-5", "It must be a number of at least 0, not -5"],
  [{ max: 3 }, "2^3", "It must be a number of at most 3, not 8"],
  [{ min: 0, max: 9, integer: true }, "2.5", "It must be a whole number from 0 to 9, not 2.5"],
  [{}, "abc", 'It must be a number, not "abc"'],
  [{}, "", 'It must be a number, not ""'],
  [{}, "1/0", 'It must be a number, not "1/0"'],
];

for (const [parameter, text, read] of cases)
  test(`readTyped of "${text}" gives ${read}`, () => {
    const said = readTyped({ kind: "number", parameter: { default: 0, ...parameter } }, text);
    expect("value" in said ? said.value : said.problem).toBe(read);
  });
