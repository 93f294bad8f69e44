import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { computedInName } from "../../../server/files/output-folder.ts";
import { type Choose, HelpedRun } from "../../../server/machines/helped-run.ts";
import { hashOf, type Order, protocol, type Shard } from "../../../server/shards/shard.ts";
import { temporaryFolder } from "../../support/cli.ts";

const order: Order = { run: "r", version: "1", protocol, graph: "{}", batches: 2, identity: "i", files: [] };
const laidOut = { hash: hashOf("order"), order, paths: new Map() };

/** The result of a batch that saved one picture, "png". */
function packed(batch: number, { picture = "png", computedIn = "float32" } = {}): string {
  const file = { path: "1", name: "a.png", mime: "image/png", sha256: hashOf("png") };
  const about = {
    batches: [{ batch, ms: 1, saved: [file] }],
    kept: { spools: {}, numbers: {}, gathered: {} },
    names: { [computedInName]: computedIn },
    rows: [],
    files: [{ name: "a.png", bytes: picture.length }],
  };
  return `${JSON.stringify(about)}\n${picture}`;
}
const whole = packed(0);
const damaged = {
  cut: whole.slice(0, -1),
  other: packed(0, { picture: "gif" }),
  "of another batch": packed(1),
  nothing: "",
};

const drawnOf = (results: readonly string[]) => {
  const said: string[] = [];
  const paths: string[] = [];
  const asked: Shard[] = [];
  const answer = async (shard: Shard) => {
    asked.push(shard);
    const path = join(temporaryFolder(), "result");
    writeFileSync(path, results[paths.length]);
    paths.push(path);
    return { path };
  };
  const helped = new HelpedRun("r", laidOut, true, answer, (line) => said.push(line));
  let begun: string | number | undefined;
  const choose: Choose = async (_, is) => (begun ??= is);
  const draw = () => helped.draw({ from: 0, to: 1 }, choose, new AbortController().signal);
  return { said, paths, asked, draw: draw };
};

test.each(Object.entries(damaged))("a result that is damaged (%s) is removed, and drawn again", async (_, bad) => {
  const { said, paths, draw } = drawnOf([bad, whole]);
  expect(await draw()).toEqual({ path: paths[1] });
  expect(paths.map((path) => existsSync(path))).toEqual([false, true]);
  expect(said).toEqual([expect.stringMatching(/^What came of a shard is of no use, and it is drawn again: /)]);
});

test("what is damaged each time fails, and leaves nothing", async () => {
  const { paths, draw } = drawnOf(Object.values(damaged));
  await expect(draw()).rejects.toThrow();
  expect(paths.map((path) => existsSync(path))).toEqual([false, false, false]);
});

test("what two machines compute in different precisions is not put together: the second is drawn as the first", async () => {
  const { said, paths, asked, draw } = drawnOf([
    packed(0, { computedIn: "float16" }),
    packed(0, { computedIn: "float32" }),
    packed(0, { computedIn: "float16" }),
  ]);
  expect([await draw(), await draw()]).toEqual([{ path: paths[0] }, { path: paths[2] }]);
  expect(paths.map((path) => existsSync(path))).toEqual([true, false, true]);
  expect(asked.map(({ computedIn }) => computedIn)).toEqual([undefined, "float16", "float16"]);
  expect(said).toEqual([expect.stringMatching(/computed in float32, and what is done of its run in float16$/)]);
});
