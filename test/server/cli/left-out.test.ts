import { expect, test } from "vitest";
import type { Terminal } from "../../../server/cli/command.ts";
import { LeftOut } from "../../../server/cli/left-out.ts";
import { saidOf, UnusableFile } from "../../../server/evaluation/samples-file.ts";
import { UsageError } from "../../../server/flags/errors.ts";

function leftOut({ all = 2, signal = new AbortController().signal } = {}) {
  const [out, err]: [string[], string[]] = [[], []];
  const terminal: Terminal = {
    out: (line) => out.push(line),
    err: (text) => err.push(text),
    columns: undefined,
    signal,
    environment: {},
  };
  return { out, err, of: new LeftOut(terminal, { all, isJson: true }) };
}
const withCode = (code: string) => Object.assign(new Error(`${code}: it failed, read`), { code });

test.each([new SyntaxError("cut"), new RangeError("short"), withCode("EIO"), withCode("EACCES")])(
  "a file is left out for what is wrong with it: %s",
  async (error) => {
    const { of, out, err } = leftOut();
    await of.unless("a.npz", () => saidOf("a.npz", () => Promise.reject(error)));
    expect([out, err, of.status()]).toEqual([
      [JSON.stringify({ file: "a.npz", error: `Cannot read a.npz: ${error.message}` })],
      [expect.stringContaining("Cannot read a.npz"), expect.stringContaining("a.npz (1 of 2 files)")],
      1,
    ]);
  },
);

test("and for its name", async () => {
  const { of } = leftOut();
  await of.unless("a.npz", () => Promise.reject(new UsageError("There is no file a.npz")));
  expect(of.status()).toBe(1);
});

test.each([
  new Error("The device is lost"),
  new TypeError("x is not a function"),
  withCode("ENOSPC"),
  withCode("EMFILE"),
])("what would fail the others too ends it: %s", async (error) => {
  const { of, out } = leftOut();
  await expect(of.unless("a.npz", () => saidOf("a.npz", () => Promise.reject(error)))).rejects.toBe(error);
  expect([out, of.status()]).toEqual([[], 0]);
});

test("an only file is refused, and a person who interrupts heard", async () => {
  const wrong = new UnusableFile("a.npz is damaged");
  for (const { of } of [leftOut({ all: 1 }), leftOut({ signal: AbortSignal.abort() })])
    await expect(of.unless("a.npz", () => Promise.reject(wrong))).rejects.toBe(wrong);
});
