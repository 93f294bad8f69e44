import { expect, test } from "vitest";
import { Worked } from "../../../server/devices/worked.ts";
import { generator } from "../../support/random.ts";

/** Each line is a machine: "-" at something that it does, "x" at what it cannot do, told of at the end of it; " " not there. */
function givenBack(...lines: readonly string[]): number {
  const worked = new Worked<number>();
  let sum = 0;
  for (let now = 0; now <= Math.max(...lines.map(({ length }) => length)); now++) {
    for (const [who, line] of lines.entries()) {
      const [before = " ", is = " "] = [line[now - 1], line[now]];
      if (before === is) continue;
      if (before === "x") sum += worked.couldNot(who, now);
      if (before === "-") worked.did(who, now);
      if (before !== " " && is === " ") worked.left(who, now);
      if (is !== " " && before !== "-") worked.begin(who, now);
    }
  }
  return sum;
}

/** In which nobody works, and somebody tries. */
function idle(...lines: readonly string[]): number {
  const longest = Math.max(...lines.map(({ length }) => length));
  const at = (now: number) => lines.map((line) => line[now]);
  return Array.from({ length: longest }, (_, now) => at(now)).filter((all) => !all.includes("-") && all.includes("x"))
    .length;
}

test.each([
  ["whoever is alone gives back all of it", ["xxx"]],
  ["what another worked in counts", ["xxxxx", " --"]],
  ["machines that cannot by turns, each while another tries, give back all of it", ["xxx xxx xxx", " xxxxx xxx "]],
  ["what was worked before it could not counts", ["--xx"]],
  ["one that works for long, while others cannot, works", ["----------", "xx xx xx"]],
])("%s", (_, lines) => {
  expect(givenBack(...lines)).toBe(idle(...lines));
});

test("whatever machines do, what is given back is when nobody worked and somebody tried", () => {
  const random = generator(7);
  for (let i = 0; i < 300; i++) {
    const lines = Array.from({ length: 1 + Math.floor(4 * random()) }, () =>
      Array.from({ length: 40 }, () => " --xx"[Math.floor(5 * random())].repeat(1 + Math.floor(6 * random()))).join(""),
    );
    expect(givenBack(...lines), lines.join("\n")).toBe(idle(...lines));
  }
});
