import fc from "fast-check";
import { expect, test } from "vitest";
import { parseInPieces, pieceByPiece } from "../../../graphs/document/index.ts";

/** What it gives, in the order of its keys, or that it is no JSON; and how often it paused. */
async function parsed(text: string, length?: number) {
  let pauses = 0;
  const turn = () => {
    pauses++;
    return undefined;
  };
  const made = await pieceByPiece(parseInPieces(text, length), turn).then(
    (value) => ({ value, text: JSON.stringify(value) }),
    ({ name }: Error) => name,
  );
  return { made, pauses };
}

function parsedAtOnce(text: string) {
  try {
    const value: unknown = JSON.parse(text);
    return { value, text: JSON.stringify(value) };
  } catch (error) {
    return (error as Error).name;
  }
}

const json = fc
  .tuple(fc.jsonValue({ maxDepth: 5 }), fc.integer({ min: 0, max: 2 }))
  .map(([value, indent]) => JSON.stringify(value, null, indent));

test("a text is parsed in pieces of any length as it is at once", async () => {
  await fc.assert(
    fc.asyncProperty(json, fc.integer({ min: 0, max: 30 }), async (text, length) => {
      expect((await parsed(text, length)).made).toEqual(parsedAtOnce(text));
    }),
    { numRuns: 500 },
  );
});

test("what is no JSON is none in pieces", async () => {
  const edit = fc.tuple(
    fc.nat(),
    fc.nat(2),
    fc.constantFrom(...'[]{},:"\\ 0-1n\n\u00a0', "null", '"a":', "[1,", ",[2,3]"),
  );
  await fc.assert(
    fc.asyncProperty(
      json,
      fc.array(edit, { minLength: 1, maxLength: 3 }),
      fc.integer({ min: 0, max: 12 }),
      async (text, edits, length) => {
        let now = text;
        for (const [at, cut, put] of edits) {
          const i = at % (now.length + 1);
          now = now.slice(0, i) + put + now.slice(i + cut);
        }
        expect((await parsed(now, length)).made).toEqual(parsedAtOnce(now));
      },
    ),
    { numRuns: 2_000 },
  );
});

test.each([
  '{"__proto__":[1,2],"constructor":{"a":1,"b":2},"__proto__":[3,4]}',
  '{"b":1,"2":[1,2],"a":3,"1":4,"b":{"x":1,"y":2}}',
  "[[1,2],]",
  "[,[1,2]]",
  '{"a":-[1,2]}',
  '{"a":1[1,2]}',
  '{"a" [1,2]}',
  "[1 [1,2]]",
  "[[1,2] 3]",
  "[[1,2]",
  "[1,2}",
  "[[1,2]]]",
  "\u00a0[1,2]",
  "[1,2]\u2028",
  '["\\"","\\\\",[1,2]]',
  "",
  ",",
  "]",
])("%s is, or is not, what it is at once", async (text) => {
  for (const length of [0, 1, 2, 5, undefined]) expect((await parsed(text, length)).made).toEqual(parsedAtOnce(text));
});

test("a long text pauses on its way, however its values lie in one another", async () => {
  const members = (from: number, count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${(from + i).toString(36)}`, i % 10]));
  const texts = [
    members(0, 10_000),
    Array.from({ length: 10 }, (_, i) => members(i * 1_000, 1_000)),
    { graph: { nodes: Array.from({ length: 1_000 }, (_, i) => members(i * 10, 10)) } },
  ].map((value) => JSON.stringify(value));
  for (const text of texts) {
    const { made, pauses } = await parsed(text);
    expect((made as { text: string }).text === text).toBe(true);
    expect(pauses).toBeGreaterThan(text.length / (2 * 8_192));
  }
});
