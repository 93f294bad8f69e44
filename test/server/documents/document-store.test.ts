import { mkdirSync, readdirSync, readFileSync, renameSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type GraphDocument, readDocument, writeDocument } from "../../../graphs/document/index.ts";
import { DocumentStore } from "../../../server/documents/document-store.ts";
import { isDocumentName } from "../../../server/documents/name.ts";
import { temporaryFolder } from "../../support/cli.ts";

const titled = (title: string): GraphDocument => ({
  ...readDocument({ nodes: [], links: [] }),
  about: { title, versions: {} },
});

function store({ isLibrary = false } = {}) {
  const own = join(temporaryFolder(), "own");
  mkdirSync(own);
  return { own, store: new DocumentStore({ own, builtIn: temporaryFolder(), isLibrary }) };
}

const always = () => true;
const names = async (of: DocumentStore) => (await of.list()).map(({ name }) => name);

const letter = fc.constantFrom(..."aZ0_(é漢字ガ한\u{20000}\u{1d54f}א");
const name = fc
  .array(letter, { minLength: 1, maxLength: 110 })
  .map((letters) => letters.join("").normalize("NFC"))
  .filter(isDocumentName);

test("every name that is taken, up to the longest, is one that is stored, listed, read, given and removed", async () => {
  const longest = ["漢".repeat(80), "x".repeat(100), "\u{20000}".repeat(50)];
  expect(longest.map(isDocumentName)).toEqual([true, true, true]);
  expect(isDocumentName("漢".repeat(81))).toBe(false);
  const { store: library } = store({ isLibrary: true });
  const check = async (one: string) => {
    await library.write(one, titled("first"), always);
    expect(await names(library)).toEqual([one]);
    expect(await library.rename(one, "other", always)).toMatchObject({ text: expect.any(String) });
    expect(await library.rename("other", one, always)).toMatchObject({ text: expect.any(String) });
    expect(await library.read(one)).toBeDefined();
    expect(await library.remove(one)).toBe(true);
  };
  for (const one of longest) await check(one);
  await fc.assert(fc.asyncProperty(name, check), { numRuns: 20 });
});

test.each([false, true])(
  "one's own that comes with the program by name is called otherwise, a library: %s",
  async (isLibrary) => {
    const own = join(temporaryFolder(), "own");
    const builtIn = temporaryFolder();
    mkdirSync(own);
    const before = new DocumentStore({ own, builtIn: temporaryFolder(), isLibrary });
    const long = "x".repeat(100);
    const j = isLibrary ? " " : "-";
    for (const name of ["a", `my${j}a`, "b", long]) await before.write(name, titled(`own ${name}`), always);
    if (isLibrary) writeFileSync(join(own, "broken.json"), "{");
    for (const name of ["a", long, "broken", "other"])
      writeFileSync(join(builtIn, `${name}.json`), JSON.stringify(writeDocument(titled("new"))));
    const after = new DocumentStore({ own, builtIn, isLibrary });
    const moved = await after.unhide();
    expect(moved).toEqual([
      ["a", `my${j}a${j}2`],
      [long, `my${j}${"x".repeat(94)}`],
    ]);
    const titles = async (name: string) => readDocument(JSON.parse((await after.read(name))?.text ?? "{}")).about.title;
    for (const [from, to] of moved) expect([await titles(from), await titles(to)]).toEqual(["new", `own ${from}`]);
    expect(await titles(`my${j}a`)).toBe(`own my${j}a`);
    expect(await after.unhide()).toEqual([]);
  },
);

test("names that Windows takes for devices are none, in whatever digits", () => {
  for (const device of ["con", "PRN", "aux.x", "NUL", "com1", "COM¹", "lpt³", "Lpt².json", "com0"])
    expect(isDocumentName(device), device).toBe(false);
  for (const plain of ["console", "com", "com12", "lpt10", "com¹x"]) expect(isDocumentName(plain), plain).toBe(true);
});

test("a document that is replaced on the disk is another, however alike its file", async () => {
  const { own, store: graphs } = store();
  const file = join(own, "a.json");
  const text = (title: string) => JSON.stringify(writeDocument(titled(title)));
  const when = new Date(1_700_000_000_000);
  const titles: (string | undefined)[] = [];
  for (const title of ["first", "other", "third"]) {
    // By another file in its place, then in place.
    if (title === "other") {
      writeFileSync(`${file}.new`, text(title));
      renameSync(`${file}.new`, file);
    } else writeFileSync(file, text(title));
    utimesSync(file, when, when);
    titles.push((await graphs.list())[0].title);
  }
  expect(titles).toEqual(["first", "other", "third"]);
  expect(statSync(file).size).toBe(text("first").length);
});

test("what could not be read again when it is written out is refused", async () => {
  const { own, store: graphs } = store();
  const properties = { value: 1, list: Array(1_000).fill(1e20) };
  const nodes = Array.from({ length: 150 }, (_, i) => ({ id: i + 1, type: "guidegraph/number", properties }));
  const document = readDocument({ nodes, links: [] });
  await expect(graphs.write("large", document, always)).rejects.toMatchObject({ reason: "too large" });
  expect(readdirSync(own)).toEqual([]);
  await graphs.write("small", titled("x"), always);
  expect(readDocument(readFileSync(join(own, "small.json"), "utf8")).about.title).toBe("x");
});
