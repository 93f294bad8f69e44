/** Runs that are interrupted, cut into parts, repeated: whatever became of them, the files are those of one go. */
import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { documentBuilder, writeDocument } from "../../../graphs/document/index.ts";
import { nodes } from "../../../nodes/index.ts";
import {
  aboutSamples,
  graphKeyword,
  type NpzStream,
  npzPieces,
  readAboutSamples,
  readNpzText,
  streamOf,
  writeNpz,
} from "../../../runtime/index.ts";
import { fileAccess } from "../../../server/files/disk-source.ts";
import { guidegraph, temporaryFolder, testCache } from "../../support/cli.ts";
import { onOneThread } from "../../support/one-thread.ts";

const folder = temporaryFolder();
const bin = fileURLToPath(new URL("../../../server/guidegraph.mjs", import.meta.url));
const batch = 3;

/** Noise as pictures, with labels: no model, so that a batch takes milliseconds. */
function noise(name: string, { seed = 1, generator = "philox" } = {}): string {
  const b = documentBuilder(nodes, { title: "Noise" });
  const labels = b.add("guidegraph/class-labels", { num_classes: 10, count: batch, seed }).out("labels");
  const x = b.add("guidegraph/gaussian-noise", { labels, height: 16, seed, generator }).out("x_T");
  const images = b.add("guidegraph/decode-image", { x }).out("image");
  b.add("guidegraph/save-npz", { images, labels });
  b.add("guidegraph/save-png", { images, name: "noise" });
  const path = join(folder, `${name}.json`);
  writeFileSync(path, JSON.stringify(writeDocument(b.document())));
  return path;
}

const graph = noise("graph");
let folders = 0;
const fresh = (): string => join(folder, `out-${folders++}`);

/** Runs to its end, and gives what it said. */
async function run(out: string, ...more: string[]) {
  const ran = await guidegraph(["run", graph, "--backend", "cpu", "--out", out, ...more]);
  expect(ran).toMatchObject({ code: 0 });
  return ran;
}

const hashes = (out: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(out).map((name) => [
      name,
      createHash("sha256")
        .update(readFileSync(join(out, name)))
        .digest("hex"),
    ]),
  );
/** One picture, and what it says of itself. */
async function partOf(about: string): Promise<Uint8Array[]> {
  const arr_0: NpzStream = {
    type: "uint8",
    dims: [1, 16, 16, 3],
    read: async function* () {
      yield new Uint8Array(768);
    },
  };
  const pieces: Uint8Array[] = [];
  for await (const piece of npzPieces({ arr_0 }, { [graphKeyword]: about })) pieces.push(Uint8Array.from(piece));
  return pieces;
}
/** The same part with labels of another type. */
async function withLabels(path: string, type: NpzStream["type"]): Promise<Uint8Array[]> {
  const source = await fileAccess(path, path);
  const [arr_0, arr_1] = [await streamOf(source, "arr_0"), await streamOf(source, "arr_1")];
  const about = await readNpzText(source, graphKeyword);
  const arrays = {
    arr_0,
    arr_1: arr_1 && {
      ...arr_1,
      type,
      read: async function* () {
        yield new Uint8Array(4);
      },
    },
  };
  const pieces: Uint8Array[] = [];
  for await (const piece of npzPieces(arrays as Record<string, NpzStream>, { [graphKeyword]: about ?? "" }))
    pieces.push(Uint8Array.from(piece));
  return pieces;
}
const npzOf = (out: string): Buffer => {
  const [name] = readdirSync(out).filter((one) => one.endsWith(".npz"));
  return readFileSync(join(out, name));
};

/** How many batches the run that is going on there has done. */
const noted = (out: string): number => (journalIn(out).match(/"done"/g) ?? []).length;

/** The text of its journal. */
function journalIn(out: string): string {
  const at = join(out, ".guidegraph");
  const [journal] = existsSync(at)
    ? readdirSync(at)
        .map((one) => join(at, one, "journal"))
        .filter(existsSync)
    : [];
  return journal === undefined ? "" : readFileSync(journal, "utf8");
}

describe("a run that is interrupted", () => {
  const batches = 300;
  const start = (out: string): { child: ChildProcess; err: () => string; ended: Promise<number | null> } => {
    const args = onOneThread(["run", graph, "--backend", "cpu", "--out", out, "--batches", `${batches}`]);
    const child = spawn(process.execPath, [bin, ...args], { env: { ...process.env, GUIDEGRAPH_CACHE: testCache } });
    let err = "";
    child.stderr.on("data", (chunk) => {
      err += chunk;
    });
    child.stdout.resume();
    return { child, err: () => err, ended: new Promise((resolve) => child.on("close", resolve)) };
  };
  const until = async (condition: () => boolean) => {
    while (!condition()) await new Promise((resolve) => setTimeout(resolve, 2));
  };

  test("by Ctrl-C says how far it came, goes on, and leaves nothing when it is over", async () => {
    const out = fresh();
    const { child, err, ended } = start(out);
    await until(() => noted(out) > 5);
    child.kill("SIGINT");
    expect(await ended).toBe(130);
    expect(err()).toMatch(/\d+ of 300 batches are done; the same command goes on behind them/);
    const { err: said } = await run(out, "--batches", `${batches}`);
    expect(said.join("\n")).toMatch(/Going on in .*: \d+ of 300 batches are done/);
    expect(existsSync(join(out, ".guidegraph"))).toBe(false);
  });

  test("and lost its rows or a picture draws the batches of these rows again, and says so", async () => {
    const [once, out] = [fresh(), fresh()];
    await run(once, "--batches", `${batches}`);
    const { child, ended } = start(out);
    await until(() => noted(out) > 5);
    child.kill("SIGINT");
    await ended;
    const [journal] = readdirSync(join(out, ".guidegraph"), { withFileTypes: true }).filter((one) => one.isDirectory());
    const own = join(out, ".guidegraph", journal.name);
    const rows = readdirSync(own).find((name) => name.endsWith(".rows"));
    rmSync(join(own, rows ?? "none"));
    rmSync(join(out, "noise-0004.png"));
    const { err: said } = await run(out, "--batches", `${batches}`);
    expect(said.join("\n")).toMatch(
      /rows are missing that were written: the \d+ batches that they are of are drawn again/,
    );
    expect(hashes(out)).toEqual(hashes(once));
  });

  test("and is started twice at once is refused the second time", async () => {
    const out = fresh();
    const { child, ended } = start(out);
    await until(() => noted(out) > 0);
    const second = await guidegraph(["run", graph, "--backend", "cpu", "--out", out, "--batches", `${batches}`]);
    expect(second).toMatchObject({ code: 1 });
    expect(second.err).toEqual([expect.stringContaining("The same run is going on")]);
    child.kill("SIGKILL");
    await ended;
  });
});

test("on several devices, killed with -9 and gone on with on fewer, the files are those of one go", async () => {
  const [once, often] = [fresh(), fresh()];
  const batches = ["--batches", "60"];
  await run(once, ...batches);
  const args = [bin, "run", graph, "--devices", "cpu*2", "--out", often, ...batches];
  const child = spawn(process.execPath, args, { env: { ...process.env, GUIDEGRAPH_CACHE: testCache } });
  let err = "";
  child.stderr.on("data", (chunk) => {
    err += chunk;
  });
  while (noted(often) < 5 && child.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 2));
  child.kill("SIGKILL");
  expect(err).toContain("Devices cpu#1, cpu#2: a process each, with its own copy of the networks");
  const [, gone = ""] = /"done".*?"name":"(noise-\d+\.png)"/.exec(journalIn(often)) ?? [];
  rmSync(join(often, gone));
  const again = await guidegraph(["run", graph, "--out", often, ...batches, "--devices", "cpu"]);
  expect(again).toMatchObject({ code: 0 });
  expect(again.err.join("\n")).toContain(`Of what was saved ${gone} is not in`);
  const made = Object.keys(hashes(once)).filter((name) => name !== gone);
  expect([...again.out].sort()).toEqual(made.map((name) => join(often, name)).sort());
  expect(again.err.join("\n")).toMatch(/Going on in .*: \d+ of 60 batches are done/);
  const { [gone]: _, ...left } = hashes(once);
  expect(hashes(often)).toEqual(left);
});

test("samples run again by the graph that they carry are the same", async () => {
  const [out, again] = [fresh(), fresh()];
  await run(out);
  const samples = join(out, "samples_3x16x16x3.npz");
  expect(await guidegraph(["run", samples, "--backend", "cpu", "--out", again])).toMatchObject({ code: 0, err: [] });
  expect(hashes(again)).toEqual(hashes(out));
  const bare = join(folder, "bare.npz");
  writeFileSync(bare, Buffer.concat(writeNpz({ arr_0: { type: "uint8", dims: [1], chunks: [Uint8Array.of(1)] } })));
  expect(await guidegraph(["run", bare])).toMatchObject({
    code: 1,
    err: [`${bare} holds samples without the graph that made them`],
  });
});

test("another run in the same folder gets names of its own, and nothing is written over", async () => {
  const out = fresh();
  await run(out);
  const before = hashes(out);
  await run(out, "--set", "Gaussian Noise.seed=2");
  const after = hashes(out);
  expect(after).toMatchObject(before);
  expect(Object.keys(after).sort()).toEqual([
    ...[0, 1, 2, 3, 4, 5].map((n) => `noise-000${n}.png`),
    "samples_3x16x16x3-2.npz",
    "samples_3x16x16x3.npz",
  ]);
});

test("other runs in the same folder at the same moment write over nothing, and lose no picture", async () => {
  const out = fresh();
  const runs = ["1", "2", "20"].map((batches, i) => ["--batches", batches, "--set", `Gaussian Noise.seed=${i + 3}`]);
  const ends = runs.map((more) => {
    const args = onOneThread(["run", graph, "--backend", "cpu", "--out", out, ...more]);
    const child = spawn(process.execPath, [bin, ...args], { env: { ...process.env, GUIDEGRAPH_CACHE: testCache } });
    child.stdout.resume();
    child.stderr.resume();
    return new Promise((resolve) => child.on("close", resolve));
  });
  const apart: string[] = [];
  for (const more of runs) {
    const own = fresh();
    await run(own, ...more);
    apart.push(...Object.values(hashes(own)));
  }
  expect(await Promise.all(ends)).toEqual([0, 0, 0]);
  expect(Object.values(hashes(out)).sort()).toEqual(apart.sort());
});

describe("parts of a run", () => {
  const whole = fresh();
  const parts = fresh();
  const part = (from: number, to: number) => join(parts, `samples_${to - from}x16x16x3_from_${from}.npz`);

  test("cut anywhere and gathered in any order are the file of one go", async () => {
    await run(whole, "--batches", "7");
    for (const [from, to] of [
      [13, 21],
      [0, 4],
      [4, 5],
      [5, 13],
    ])
      await run(parts, "--range", `${from}..${to}`);
    const out = join(folder, "gathered.npz");
    const given = [part(13, 21), part(0, 4), part(5, 13), part(4, 5)];
    const { code, err } = await guidegraph(["gather", ...given, "-o", out]);
    expect({ code, err }).toEqual({ code: 0, err: [expect.stringMatching(/^4 parts, .* MB\/s$/)] });
    expect(readFileSync(out).equals(npzOf(whole))).toBe(true);
    // The pictures have the numbers of their samples.
    for (let sample = 0; sample < 21; sample++) {
      const name = `noise-${String(sample).padStart(4, "0")}.png`;
      expect([name, hashes(parts)[name]]).toEqual([name, hashes(whole)[name]]);
    }
  });

  test("that do not fit together are refused with what is wrong, and nothing is written", async () => {
    const other = fresh();
    await run(other, "--set", "Gaussian Noise.seed=2", "--range", "5..13");
    const strange = join(folder, "strange.npz");
    writeFileSync(strange, npzOf(whole).subarray(0, 500));
    const damaged = join(folder, "damaged.npz");
    const bytes = Buffer.from(readFileSync(part(4, 5)));
    bytes[400] ^= 1;
    writeFileSync(damaged, bytes);
    const halved = join(folder, "halved.npz");
    const text = readAboutSamples(await readNpzText(await fileAccess(part(4, 5), ""), graphKeyword));
    if (text) writeFileSync(halved, Buffer.concat(await partOf(aboutSamples({ ...text, computedIn: "float16" }))));
    const otherLabels = join(folder, "other-labels.npz");
    writeFileSync(otherLabels, Buffer.concat(await withLabels(part(4, 5), "int32")));
    const sameAgain = join(folder, "same-again.npz");
    writeFileSync(sameAgain, readFileSync(part(0, 4)));
    const apart = fresh();
    for (const range of ["6..8", "2..5"]) await run(apart, "--range", range);
    const [within, across] = ["2x16x16x3_from_6", "3x16x16x3_from_2"].map((of) => join(apart, `samples_${of}.npz`));
    const out = join(folder, "never.npz");
    const cases: readonly (readonly [given: readonly string[], said: RegExp])[] = [
      [[part(0, 4), part(5, 13)], /^No part has the samples 4\.\.5: draw them with --range 4\.\.5$/],
      [[part(0, 4), part(4, 5), part(0, 4)], /_from_0\.npz is given twice: give each part once$/],
      [[part(0, 4), sameAgain], /both have the samples 0\.\.4: leave .* out$/],
      [
        [part(5, 13), within],
        /_from_5\.npz \(5\.\.13\) and .*_from_6\.npz \(6\.\.8\) both have the samples 6\.\.8: leave .*_from_6\.npz out$/,
      ],
      [
        [across, part(0, 4)],
        /both have the samples 2\.\.4: draw those of .*_from_2\.npz that are not in the other, with --range 4\.\.5$/,
      ],
      [[part(0, 4), part(4, 5), join(other, "samples_8x16x16x3_from_5.npz")], /was drawn by another graph than/],
      [
        [part(0, 4), halved],
        /halved\.npz was computed in float16, .*\.npz in float32: draw one of them anew in the precision of the other/,
      ],
      [[join(folder, "nothing.npz")], /nothing\.npz is not there$/],
      [[graph], /graph\.json cannot be read: /],
      [[parts], /is a folder: give the parts in it \(.*\/\*\.npz\)$/],
      [[part(0, 4), otherLabels], /other-labels\.npz has labels of int32, .* of int64$/],
      [[strange], /strange\.npz cannot be read: /],
      [[part(0, 4), damaged], /damaged\.npz cannot be read: .*damaged$/],
    ];
    for (const [given, said] of cases) {
      const { code, err } = await guidegraph(["gather", ...given, "-o", out]);
      expect({ code, err }).toEqual({ code: 1, err: [expect.stringMatching(said)] });
      expect(existsSync(out)).toBe(false);
    }
    writeFileSync(out, "mine");
    expect(await guidegraph(["gather", part(0, 4), "-o", out])).toMatchObject({
      code: 2,
      err: [expect.stringMatching(/is there already/)],
    });
    expect(readFileSync(out, "utf8")).toBe("mine");
  });

  test("must be all that the graph asks for, unless --partial takes what there is", async () => {
    const out = fresh();
    for (const range of ["2..4", "4..5", "6..7"]) await run(out, "--set", "Save NPZ.num_samples=9", "--range", range);
    const of = (from: number, count: number) => join(out, `samples_${count}x16x16x3_from_${from}.npz`);
    const gather = (name: string, ...args: string[]) => guidegraph(["gather", ...args, "-o", join(out, name)]);
    expect(await gather("never.npz", of(2, 2), of(4, 1))).toMatchObject({
      code: 1,
      err: [
        "No part has the samples 0..2, 5..9 of the 9 that the graph asks for: draw each with --range 0..2, or give --partial for a file without them",
      ],
    });
    // A hole is in no file.
    expect(await gather("never.npz", of(2, 2), of(6, 1), "--partial")).toMatchObject({
      code: 1,
      err: [expect.stringMatching(/^No part has the samples 4\.\.6 .* --range 4\.\.6$/)],
    });
    expect(existsSync(join(out, "never.npz"))).toBe(false);
    const { code, err } = await gather("some.npz", of(2, 2), of(4, 1), "--partial");
    expect({ code, said: err[0] }).toEqual({
      code: 0,
      said: `${join(out, "some.npz")} is without the samples 0..2, 5..9`,
    });
  });

  test.each(["no graph", '{"version":99}', "[]"])(
    "of a graph that cannot be read here are joined, and it is said: %s",
    async (text) => {
      const given = await Promise.all(
        [0, 1].map(async (from) => {
          const path = join(fresh(), "part.npz");
          mkdirSync(dirname(path), { recursive: true });
          const about = aboutSamples({ samples: { from, to: from + 1 }, computedIn: "float32", graph: text });
          writeFileSync(path, Buffer.concat(await partOf(about)));
          return path;
        }),
      );
      const { code, err } = await guidegraph(["gather", ...given, "-o", `${fresh()}.npz`]);
      expect({ code, said: err[0] }).toEqual({
        code: 0,
        said: expect.stringContaining(`How many samples the graph in ${given[0]} asks for is not known here: `),
      });
    },
  );

  test("are cut of what counts samples: the grid of a batch is left out", async () => {
    const out = fresh();
    const few = ["Noise.batch=2", "Wanted shape.classes=3,4", "Diffusion Schedule.timestep_respacing=ddim2"];
    const set = (all: readonly string[]) => all.flatMap((one) => ["--set", one]);
    const args = ["run", "guided-ddim", "--backend", "cpu", "--range", "1..3", "--out", out, ...set(few)];
    expect((await guidegraph(args)).err).toEqual([
      expect.stringMatching(/of a batch “Save PNG” saves 1, “Save NPZ” saves 2: keep those of one number/),
    ]);
    expect((await guidegraph([...args, ...set(["Save PNG.when=0"])])).code).toBe(0);
    expect(readdirSync(out)).toEqual(["samples_2x32x32x3_from_1.npz"]);
  });

  test.each([
    ["--range 5..5", /--range 5\.\.5 has no samples: .* sample 5 alone is 5\.\.6/],
    ["--range 7..5", /--range 7\.\.5 has no samples/],
    ["--range 7", /--range takes the first sample/],
    ["--range 0..10 --batches 2", /--range 0\.\.10 goes beyond the 6 samples of 2 batches/],
    ["--range 0..10 --set Save_NPZ.num_samples=4", /The range ends at 10, beyond the 4 samples of the file/],
    ["--range 0..4 --set Gaussian_Noise.generator=torch", /choose philox for ranges/],
    ["--devices cpu*2", /--devices and --backend say the same: give one of them/],
  ])("%s is refused before anything runs", async (typed, said) => {
    const out = fresh();
    mkdirSync(out);
    const args = typed.split(" ").map((word) => word.replace("_NPZ", " NPZ").replace("_Noise", " Noise"));
    const { code, err } = await guidegraph(["run", graph, "--backend", "cpu", "--out", out, ...args]);
    expect(code).toBeGreaterThan(0);
    expect(err).toEqual([expect.stringMatching(said)]);
    expect(readdirSync(out)).toEqual([]);
  });
});
