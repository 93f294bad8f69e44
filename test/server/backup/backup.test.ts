import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { Header, Pack, ReadEntry } from "tar";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { backUpAll } from "../../../server/backup/back-up.ts";
import { CopiedHistory } from "../../../server/backup/copied-history.ts";
import { manifestName, manifestSchema } from "../../../server/backup/manifest.ts";
import { restore } from "../../../server/backup/restore.ts";
import { version } from "../../../server/runs/tables.ts";
import { guidegraph, temporaryFolder } from "../../support/cli.ts";
import { brokenPromises } from "../../torture/promises.ts";
import { stage } from "../keeping/stage.ts";

const longName = `${"a graph of a long name, in Ünicode ".repeat(4)}.json`;

/** A data folder as a server leaves it, with all that it may keep; its history is still open. */
async function dataFolder() {
  const opened = await stage();
  const { path, ended, bin, summary } = opened;
  const put = (name: string, content: string) => {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    writeFileSync(join(path, name), content);
  };
  for (const id of ["a", "b", "c", "trashed"]) await ended(id, { bytes: 5_000, events: 3 });
  await bin.putAway(await summary("trashed"));
  put("runs/a/previews/7.preview", "a preview");
  put(`graphs/${longName}`, "{}");
  put("samplers/mine.json", '{"a":1}');
  put("samplers/.mine.version", "3");
  put("models/net.onnx", "weights ".repeat(100_000));
  put("images/cat.png", "a cat");
  put("images/.upload.1.tmp", "half a picture");
  put("quarantine.json", "[]");
  put("token", "a secret");
  put("ballast", "nothing");
  return opened;
}

const filesIn = (folder: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((name) => statSync(join(folder, name)).isFile() && !name.startsWith("runs.db"))
      .map((name) => [
        name,
        createHash("sha256")
          .update(readFileSync(join(folder, name)))
          .digest("hex"),
      ]),
  );

/** What a backup of it holds beside the history. */
const kept = (path: string) =>
  Object.fromEntries(
    Object.entries(filesIn(path)).filter(
      ([name]) => /^(runs|graphs|samplers|models|images|quar)/.test(name) && !name.endsWith(".tmp"),
    ),
  );

describe.each(["backup.tar", "backup"])("a backup as %s", (name) => {
  test("made while the history is written to is restored elsewhere, every file and every run", async () => {
    const { path, history, log, ended, close } = await dataFolder();
    const to = join(temporaryFolder(), name);
    const writing = (async () => {
      for (let i = 0; i < 20; i++) await ended(`later ${i}`);
    })();
    const { manifest, amiss } = await backUpAll(path, to);
    await writing;
    expect([amiss, manifest.without, manifest.history.version]).toEqual([[], [], version]);
    expect(readdirSync(dirname(to))).toEqual([name]);
    const place = join(temporaryFolder(), "deep", "restored");
    expect((await restore(to, place)).files).toEqual(manifest.files);
    expect(readdirSync(dirname(place))).toEqual(["restored"]);
    const restored = await stage({ path: place });
    const runs = await restored.listed();
    expect(runs.slice(0, 3)).toEqual(["a", "b", "c"]);
    expect(runs.length).toBe(manifest.history.runs);
    for (const id of runs) {
      const { seq, state } = await restored.summary(id);
      expect(await restored.log.read(id, 0, 100)).toEqual(await log.read(id, 0, seq));
      // The last one may have been under way at that moment.
      if (runs.indexOf(id) < runs.length - 1) {
        expect(state).toBe("succeeded");
        expect(await restored.history.detail(id)).toEqual(await history.detail(id));
      }
    }
    expect([await restored.leftovers(), await restored.bin.list()]).toEqual([[], []]);
    await restored.close();
    await close();
    const broken = await brokenPromises(place, runs);
    expect(broken.filter((line) => !/ is queued and has not ended/.test(line))).toEqual([]);
    const given = kept(path);
    for (const name of Object.keys(given).filter((name) => name.startsWith("runs/later"))) delete given[name];
    expect(filesIn(place)).toMatchObject(given);
  });
});

const oddThings: Readonly<Record<string, readonly [make: (at: string) => void, said: RegExp | undefined]>> = {
  "a link to a folder": [(at) => symlinkSync("/etc", at), /is a link/],
  "a link to a file": [(at) => symlinkSync("/etc/passwd", at), /is a link/],
  "a link to nothing": [(at) => symlinkSync("/no/such", at), /is a link/],
  "a pipe": [(at) => spawnSync("mkfifo", [at]), /is no file/],
  "a name with a \\ in it": [(at) => writeFileSync(at, "x"), /rename it/],
  "a name with a \n in it": [(at) => writeFileSync(at, "x"), /rename it/],
  "a name that is no UTF-8 \u00ff": [(at) => writeFileSync(Buffer.from(at, "latin1"), "x"), /no UTF-8: rename it/],
  "a name of Windows: con.": [(at) => writeFileSync(at, "x"), undefined],
  "a name in NFD: a\u0308": [(at) => writeFileSync(at, "x"), undefined],
  "an empty file": [(at) => writeFileSync(at, ""), undefined],
};

test.skipIf(process.platform === "win32")(
  "whatever lies in the folders is in it and restored, or is said, and holds up nothing",
  async () => {
    const { path, close } = await dataFolder();
    await close();
    for (const [name, [make]] of Object.entries(oddThings)) make(join(path, "images", name));
    const to = join(temporaryFolder(), "backup.tar");
    const { amiss } = await backUpAll(path, to);
    const place = join(temporaryFolder(), "restored");
    await restore(to, place);
    const restored = readdirSync(join(place, "images"));
    for (const [name, [, said]] of Object.entries(oddThings)) {
      const told = amiss.find(({ path }) => path === `images/${name.replaceAll("\u00ff", "\u{FFFD}")}`);
      if (said) expect(told?.why, name).toMatch(said);
      expect([told === undefined, restored.includes(name)], name).toEqual(said ? [false, false] : [true, true]);
    }
    expect(amiss.length).toBe(Object.values(oddThings).filter(([, said]) => said).length);
  },
);

async function listedIn(path: string): Promise<string[]> {
  const { listed, close } = await stage({ path });
  const runs = await listed();
  await close();
  return runs;
}

test("a run that is removed while it is backed up is not in it, and one whose picture is missing is said", async () => {
  const { path, bin, kept, close } = await dataFolder();
  rmSync(join(path, "runs", "c", "outputs", "a.png"));
  rmSync(join(path, "runs", "b", "outputs", "a.png"));
  const to = join(temporaryFolder(), "backup.tar");
  const { copy } = CopiedHistory;
  const copied = vi.spyOn(CopiedHistory, "copy").mockImplementation(async (...files) => {
    const history = await copy.apply(CopiedHistory, files);
    await Promise.all([bin.remove("b"), kept.pin("a", true)]);
    return history;
  });
  const { manifest, amiss } = await backUpAll(path, to);
  copied.mockRestore();
  await close();
  expect(amiss.map(({ path }) => path)).toEqual(["runs/c/outputs/a.png"]);
  expect(manifest.without).toEqual(["b"]);
  const place = join(temporaryFolder(), "restored");
  await restore(to, place);
  expect(await listedIn(place)).toEqual(["a", "c"]);
  expect(existsSync(join(place, "runs", "b"))).toBe(false);
});

describe("what is no sound backup is refused, and nothing is restored:", () => {
  let archive: string;
  let folder: string;
  beforeAll(async () => {
    const { path, close } = await dataFolder();
    rmSync(join(path, "models"), { recursive: true });
    archive = join(temporaryFolder(), "backup.tar");
    folder = join(temporaryFolder(), "backup");
    await backUpAll(path, archive);
    await backUpAll(path, folder);
    await close();
  });

  /** Refused with these words, and nothing is left, nor beside it. */
  async function expectRefused(from: string, words: RegExp): Promise<void> {
    const place = join(temporaryFolder(), "restored");
    await expect(restore(from, place)).rejects.toThrow(words);
    expect(readdirSync(dirname(place))).toEqual([]);
  }

  test("cut off anywhere", async () => {
    const { size } = statSync(archive);
    // The last kilobyte says that it is over.
    for (const length of [0, 0.1 * size, 0.5 * size, 0.9 * size, size - 1_600]) {
      const cut = join(temporaryFolder(), "cut.tar");
      copyFileSync(archive, cut);
      truncateSync(cut, Math.floor(length));
      await expectRefused(
        cut,
        /cut\.tar (is no backup: it is empty|is damaged at .+|has no manifest\.json: it is no backup, or was cut short)/,
      );
    }
  });

  test("any byte another: the file is named, or it is of no meaning", async () => {
    const bytes = readFileSync(archive);
    const sound = join(temporaryFolder(), "sound");
    await restore(archive, sound);
    const expected = filesIn(sound);
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
        const from = join(temporaryFolder(), "flipped.tar");
        const flipped = Buffer.from(bytes);
        flipped[at] ^= change;
        writeFileSync(from, flipped);
        const place = join(temporaryFolder(), "restored");
        try {
          await restore(from, place);
        } catch (error) {
          expect((error as Error).message).toMatch(/flipped\.tar (is damaged|has no manifest)|Cannot/);
          expect(readdirSync(dirname(place))).toEqual([]);
          return;
        }
        expect(filesIn(place)).toEqual(expected);
      }),
      { numRuns: 60 },
    );
  }, 60_000);

  test("a file of a folder that is changed, missing, or one more", async () => {
    const changes: readonly [RegExp, (copy: string) => void][] = [
      [/runs\/a\/outputs\/a\.png is not what it was/, (copy) => writeFileSync(join(copy, "runs/a/outputs/a.png"), "x")],
      [/images\/cat\.png is missing/, (copy) => rmSync(join(copy, "images/cat.png"))],
      [/images\/dog\.png is none of its files/, (copy) => writeFileSync(join(copy, "images/dog.png"), "x")],
      [/extra is no file of a backup/, (copy) => writeFileSync(join(copy, "extra"), "x")],
      [/manifest\.json cannot be read/, (copy) => writeFileSync(join(copy, manifestName), "{")],
      [/has no manifest\.json/, (copy) => rmSync(join(copy, manifestName))],
      [
        /was made by GuideGraph 9\.9\.9, which is newer: update GuideGraph/,
        (copy) => {
          const manifest = manifestSchema.parse(JSON.parse(readFileSync(join(copy, manifestName), "utf8")));
          writeFileSync(join(copy, manifestName), JSON.stringify({ ...manifest, version: 99, program: "9.9.9" }));
        },
      ],
    ];
    for (const [words, change] of changes) {
      const copy = join(temporaryFolder(), "copy");
      cpSync(folder, copy, { recursive: true });
      change(copy);
      await expectRefused(copy, words);
    }
  });

  test.each([
    ["../outside", "File"],
    ["/etc/outside", "File"],
    ["runs/../../outside", "File"],
    ["graphs/link", "SymbolicLink"],
    ["graphs\\outside", "File"],
  ] as const)("one that would write elsewhere: %s, a %s", async (path, type) => {
    const pack = new Pack({ portable: true });
    const entry = new ReadEntry(
      new Header({ path, type, size: type === "File" ? 1 : 0, mode: 0o600, linkpath: "/etc" }),
    );
    pack.add(entry);
    if (type === "File") entry.write(Buffer.from("x"));
    entry.end();
    pack.end();
    const from = join(temporaryFolder(), "hostile.tar");
    writeFileSync(from, Buffer.concat(await pack.collect()));
    await expectRefused(from, /hostile\.tar is damaged/);
  });
});

test("what is interrupted leaves nothing", async () => {
  const { path, close } = await dataFolder();
  await close();
  const [folder, place] = [temporaryFolder(), temporaryFolder()];
  const to = join(folder, "b.tar");
  const signal = AbortSignal.abort();
  expect((await guidegraph(["backup", "--data", path, "-o", to], { signal })).code).toBe(130);
  expect(readdirSync(folder)).toEqual([]);
  await backUpAll(path, to);
  expect((await guidegraph(["restore", to, "--data", join(place, "restored")], { signal })).code).toBe(130);
  expect(readdirSync(place)).toEqual([]);
});

test("the command lines say what was done, and refuse what would be written over", async () => {
  const { path, close } = await dataFolder();
  await close();
  const to = join(temporaryFolder(), "b.tar");
  const place = join(temporaryFolder(), "restored");
  const made = await guidegraph(["backup", "--data", path, "-o", to]);
  expect([made.code, made.out]).toEqual([
    0,
    [expect.stringMatching(/^Backed up 3 runs and 11 files \(.*\) to .*b\.tar$/)],
  ]);
  const back = await guidegraph(["restore", to, "--data", place]);
  expect([back.code, back.out]).toEqual([
    0,
    [expect.stringMatching(/^Restored 3 runs of 20.* guidegraph serve --data /)],
  ]);
  for (const [args, words] of [
    [["backup", "--data", path, "-o", to], "b.tar is there already: give another name with -o"],
    [["backup", "--data", path, "-o", join(path, "b.tar")], "lies in the data folder itself"],
    [["backup", "--data", join(path, "none"), "-o", `${to}2`], "There is no run history in"],
    [["backup", "--data", path], "backup needs a place to write to"],
    [["restore", to, "--data", place], "is not empty: a backup is restored into a folder that is new or empty"],
    [["restore", `${to}2`, "--data", `${place}2`], "There is no backup"],
    [["restore"], "restore takes one backup"],
  ] as const) {
    const { code, err } = await guidegraph(args);
    expect([code > 0, err.join()]).toEqual([true, expect.stringContaining(words)]);
  }
});

/** Linux lets us make one; where it does not, another machine tests it. */
const small = temporaryFolder();
const isSmall = spawnSync("mount", ["-t", "tmpfs", "-o", "size=600k", "tmpfs", small]).status === 0;
test.skipIf(!isSmall)(
  "a disk that is full is said, before where it can be known, and nothing is left on it",
  async () => {
    try {
      const { path, close } = await dataFolder();
      await expect(backUpAll(path, join(small, "b.tar"))).rejects.toThrow(/are to be backed up, and .* has room for/);
      const to = join(temporaryFolder(), "folder");
      await backUpAll(path, to);
      await close();
      await expect(restore(to, join(small, "restored"))).rejects.toThrow(/^The disk of .* is full: free some space/);
      expect(readdirSync(small)).toEqual([]);
    } finally {
      spawnSync("umount", [small]);
    }
  },
);
