import { expect, test } from "vitest";
import { Calendar, disbeliefMs } from "../../../server/keeping/calendar.ts";
import { minute, noon } from "./stage.ts";

const [hour, year] = [60 * minute, 365 * 86_400_000];

/** A clock that is set, and time that passes. */
function hung() {
  const clock = { date: noon, passed: 5_000 };
  const said: string[] = [];
  const calendar = new Calendar(
    (line) => said.push(line),
    () => clock.date,
    () => clock.passed,
  );
  const pass = (ms: number, set = 0) => {
    clock.date += ms + set;
    clock.passed += ms;
    return calendar.now() - noon;
  };
  return { said, pass };
}

test("a clock that goes as time does is believed, also one that is put right bit by bit", () => {
  const { said, pass } = hung();
  expect([pass(minute), pass(minute, 20_000), pass(minute, -20_000), pass(hour)]).toEqual([
    minute,
    2 * minute + 20_000,
    3 * minute,
    hour + 3 * minute,
  ]);
  expect(said).toEqual([]);
});

test.each([hour, 10 * year])(
  "one that goes ahead by %d ms is not, and what it said is forgotten when it is back",
  (ms) => {
    const { said, pass } = hung();
    expect(pass(minute, ms)).toBe(minute);
    expect(pass(minute)).toBe(2 * minute);
    expect(pass(minute, -ms)).toBe(3 * minute);
    expect(pass(minute)).toBe(4 * minute);
    expect(said).toEqual([expect.stringMatching(/^The clock went ahead by .*: if that stays so for 1 h/)]);
  },
);

test("one that stays ahead was right: the machine slept", () => {
  const { said, pass } = hung();
  pass(minute, 10 * hour);
  for (let passed = 0; passed < disbeliefMs - minute; passed += minute) expect(pass(minute)).toBeLessThan(2 * hour);
  expect(pass(minute)).toBe(minute + 10 * hour + disbeliefMs);
  expect(pass(minute)).toBe(2 * minute + 10 * hour + disbeliefMs);
  expect(said.length).toBe(1);
});

test("one that goes back is believed: nothing goes too early by it", () => {
  const { said, pass } = hung();
  expect([pass(minute, -10 * year), pass(minute)]).toEqual([minute - 10 * year, 2 * minute - 10 * year]);
  expect(said).toEqual([]);
});
