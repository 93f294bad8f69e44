import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Drawing } from "../../../server/machines/drawing.ts";
import { hashOf, type Order, protocol } from "../../../server/shards/shard.ts";
import { temporaryFolder } from "../../support/cli.ts";

const order: Order = { run: "r", version: "1", protocol, graph: "{}", batches: 2, identity: "i", files: [] };
const laidOut = { hash: hashOf("order"), order, paths: new Map() };

/** The result of a batch that saved one picture, "png". */
function packed(batch: number, picture = "png"): string {
  const file = { path: "1", name: "a.png", mime: "image/png", sha256: hashOf("png") };
  const about = {
    batches: [{ batch, ms: 1, saved: [file] }],
    kept: { spools: {}, numbers: {}, gathered: {} },
    names: {},
    rows: [],
    files: [{ name: "a.png", bytes: picture.length }],
  };
  return `${JSON.stringify(about)}\n${picture}`;
}
const whole = packed(0);
const damaged = { cut: whole.slice(0, -1), other: packed(0, "gif"), "of another batch": packed(1), nothing: "" };

const drawnOf = (results: readonly string[]) => {
  const said: string[] = [];
  const paths: string[] = [];
  const draw = async () => {
    const path = join(temporaryFolder(), "result");
    writeFileSync(path, results[paths.length]);
    paths.push(path);
    return { path };
  };
  const drawing = new Drawing("r", laidOut, true, draw, (line) => said.push(line));
  const drawn = drawing.draw({ from: 0, to: 1 }, new AbortController().signal);
  return { said, paths, drawn };
};

test.each(Object.entries(damaged))("a result that is damaged (%s) is removed, and drawn again", async (_, bad) => {
  const { said, paths, drawn } = drawnOf([bad, whole]);
  expect(await drawn).toEqual({ path: paths[1] });
  expect(paths.map((path) => existsSync(path))).toEqual([false, true]);
  expect(said).toEqual([expect.stringMatching(/^What came of a shard is damaged, and it is drawn again: /)]);
});

test("what is damaged each time fails, and leaves nothing", async () => {
  const { paths, drawn } = drawnOf(Object.values(damaged));
  await expect(drawn).rejects.toThrow();
  expect(paths.map((path) => existsSync(path))).toEqual([false, false, false]);
});
