import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { limitedLines } from "../../../server/service/limited-lines.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("of many lines in a second the first are said and the others counted, also when none comes after them", () => {
  const said: string[] = [];
  let ms = 5_000;
  const say = limitedLines(
    (line) => said.push(line),
    () => ms,
  );
  for (let i = 0; i < 1_000; i++) say(`line ${i}`);
  expect([said.length, said.at(-1)]).toEqual([100, "line 99"]);
  ms += 1_000;
  say("next");
  expect(said.slice(100)).toEqual(["900 more lines in this second are left out", "next"]);
  for (let i = 0; i < 200; i++) say("x".repeat(10_000));
  expect(said.at(-1)?.length).toBe(8_001);
  vi.advanceTimersByTime(1_000);
  expect(said.at(-1)).toBe("101 more lines in this second are left out");
});
