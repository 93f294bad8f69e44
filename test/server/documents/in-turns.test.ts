import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import type { Pieces } from "../../../graphs/document/index.ts";
import { doneInTurns, sliceMs } from "../../../server/documents/in-turns.ts";

test.each([1, sliceMs, 10 * sliceMs])("of pieces of %i ms, a slice is done in each turn", async (eachMs) => {
  let [ms, done, isMade] = [0, 0, false];
  function* pieces(): Pieces<string> {
    for (; done < 20; done++, ms += eachMs) yield;
    return "made";
  }
  const made = doneInTurns(pieces(), () => ms).finally(() => {
    isMade = true;
  });
  const inTurn: number[] = [];
  for (let before = 0; !isMade; before = done) {
    await turn();
    inTurn.push(done - before);
  }
  expect(await made).toBe("made");
  expect(Math.max(...inTurn)).toBeLessThanOrEqual(2 * Math.ceil(sliceMs / eachMs));
});
