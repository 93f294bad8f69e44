import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { limitedLines } from "../../../server/log/limited-lines.ts";
import type { About } from "../../../server/log/say.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("one kind of lines does not push out another, and what is said beside them is bounded too", () => {
  const said: [string, About | undefined][] = [];
  const say = limitedLines(
    (line, about) => said.push([line, about]),
    () => 5_000,
  );
  for (let i = 0; i < 150; i++) say("refused", { event: "refused", path: "x".repeat(5_000) });
  say("begins", { event: "run", run: "r", ms: 1 });
  expect([said.length, String(said[0][1]?.path).length]).toEqual([101, 1_001]);
  expect(said.at(-1)).toEqual(["begins", { event: "run", run: "r", ms: 1 }]);
  vi.advanceTimersByTime(1_000);
  expect(said.at(-1)).toEqual(["50 more lines in this second are left out", { level: "warn" }]);
});

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
