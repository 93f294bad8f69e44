import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { longest } from "./support/longest.ts";
import { onManyThreads } from "./support/one-thread.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

/**
 * What each folder may import beside itself and packages, in the order in which they build on each other. A file belongs to
 * the longest entry that leads to it, on both sides; one file named here may be imported though its folder may not.
 */
const directions: Record<string, readonly string[]> = {
  diffusion: [],
  spelling: [],
  onnx: ["spelling"],
  "graphs/document": ["spelling"],
  nodes: [
    "diffusion",
    "graphs/document/structures.ts",
    "onnx/adm/role.ts",
    "onnx/adapt/choices.ts",
    "onnx/ir.ts",
    "onnx/rewrite/builder.ts",
  ],
  executor: ["nodes", "graphs/document"],
  "graphs/recipes": ["graphs/document", "nodes"],
  runtime: ["onnx", "diffusion", "nodes", "spelling"],
  export: ["diffusion", "onnx", "nodes", "graphs/document", "executor", "runtime"],
  ...under("server", ["diffusion", "onnx", "nodes", "graphs/document", "executor", "runtime", "spelling"], {
    protocol: [],
    "protocol.ts": ["protocol"],
    "refusal.ts": ["protocol.ts"],
    "units.ts": [],
    providers: [],
    flags: ["units.ts"],
    files: ["refusal.ts"],
    log: ["files"],
    engine: ["files", "flags", "providers", "units.ts"],
    exporting: ["engine", "files", "providers", "units.ts", "export"],
    sample: ["engine", "files", "flags", "protocol.ts"],
    evaluation: ["files", "flags", "providers"],
    channel: ["files", "providers", "protocol.ts"],
    supervisor: ["channel", "files", "log", "protocol.ts", "refusal.ts", "units.ts"],
    devices: ["channel", "files", "log", "providers", "supervisor", "protocol.ts", "units.ts"],
    shards: ["files", "flags", "log", "protocol.ts", "units.ts"],
    machines: ["channel", "devices", "files", "flags", "log", "shards", "supervisor", "protocol.ts", "units.ts"],
    helper: [
      ...["channel", "devices", "engine", "files", "flags", "log", "providers", "shards", "supervisor"],
      ...["protocol.ts", "units.ts"],
    ],
    documents: ["files", "protocol.ts", "refusal.ts", "graphs/recipes"],
    users: ["flags", "refusal.ts"],
    runs: ["channel", "devices", "documents", "files", "log", "supervisor", "protocol.ts", "refusal.ts", "units.ts"],
    backup: ["files", "runs", "units.ts"],
    keeping: ["files", "log", "runs", "protocol.ts", "refusal.ts", "units.ts"],
    service: [
      ...[
        "channel",
        "devices",
        "documents",
        "engine",
        "files",
        "keeping",
        "log",
        "machines",
        "providers",
        "runs",
        "supervisor",
      ],
      ...["protocol.ts", "refusal.ts", "units.ts"],
    ],
    metrics: ["runs", "service", "supervisor", "protocol.ts"],
    http: [
      "documents",
      "files",
      "log",
      "machines",
      "metrics",
      "runs",
      "service",
      "shards",
      "users",
      "protocol.ts",
      "refusal.ts",
    ],
    outgoing: [],
    socket: ["outgoing", "http", "runs", "service", "protocol.ts", "refusal.ts"],
    "serve.ts": ["files", "http", "log", "outgoing", "runs", "service", "shards", "socket", "users", "refusal.ts"],
    worker: ["channel", "engine", "exporting", "files", "providers", "sample", "protocol.ts"],
    measuring: ["providers"],
    doctor: ["engine", "files", "providers", "runs", "shards", "supervisor", "protocol.ts", "units.ts"],
    cli: [
      ...[
        "backup",
        "channel",
        "devices",
        "doctor",
        "engine",
        "evaluation",
        "exporting",
        "files",
        "flags",
        "helper",
        "keeping",
        "log",
        "measuring",
        "providers",
        "sample",
        "serve.ts",
        "shards",
        "supervisor",
        "users",
      ],
      ...["units.ts", "graphs/recipes"],
    ],
  }),
  ...under("client", ["nodes", "graphs/document", "spelling", "server/protocol.ts"], {
    "no-eval.ts": [],
    look: [],
    edit: [],
    runs: [],
    facts: ["edit", "runs", "no-eval.ts", "executor", "runtime", "diffusion/drawable.ts"],
    canvas: ["edit", "look", "runs"],
    state: ["canvas", "edit", "facts", "look", "runs", "diffusion/arrange.ts"],
    actions: [
      "state",
      "canvas",
      "edit",
      "facts",
      "look",
      "runs",
      "runtime",
      "onnx/other-files.ts",
      "onnx/checkpoint/safetensors.ts",
    ],
    panels: ["actions", "state", "canvas", "edit", "look", "runs"],
    page: ["panels", "actions", "state", "canvas", "edit", "facts", "look", "runs"],
    plugin: ["edit", "look", "runs", "no-eval.ts", "executor", "runtime"],
  }),
  // What starts the page.
  client: ["client/page", "client/actions", "client/state", "client/runs", "client/no-eval.ts"],
  // What builds and starts the command line.
  server: [],
};

/** The rooms of a folder: all may import `shared`, and of their neighbours (or of elsewhere) what their row says. */
function under(
  folder: string,
  shared: readonly string[],
  rooms: Record<string, readonly string[]>,
): Record<string, readonly string[]> {
  const full = (name: string) => (Object.hasOwn(rooms, name) ? `${folder}/${name}` : name);
  return Object.fromEntries(Object.entries(rooms).map(([name, row]) => [full(name), [...shared, ...row.map(full)]]));
}

/** Packages that tie code to one side; shared folders run on both. */
const oneSided =
  /^(node:|fs$|path$|express$|ws$|sharp$|onnxruntime-node$|onnxruntime-web$|litegraph\.js|playwright-core$)/;
const shared = ["spelling", "diffusion", "onnx", "nodes", "graphs/document", "executor", "runtime", "export"];

const specifier =
  /(?:^|[\s;}])(?:import|export)\s+(?:type\s+)?(?:[\w*\s{},$]+?\s+from\s+)?["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']/g;

const longestEntry = (file: string): string =>
  Object.keys(directions)
    .filter((entry) => file === entry || file.startsWith(`${entry}/`))
    .sort((a, b) => b.length - a.length)[0];

const sources = [
  "spelling",
  "diffusion",
  "onnx",
  "nodes",
  "graphs",
  "executor",
  "runtime",
  "export",
  "server",
  "client",
].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts") || name.endsWith(".mjs"))
    .map((name) => `${folder}/${name}`)
    .map((file) => ({ folder: longestEntry(file), file })),
);

const tests = readdirSync(join(root, "test"), { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".ts"))
  .map((name) => `test/${name}`);
const exported = /^export (?:async )?(?:const|function\*?|class) ([\w$]+)/gm;

const read = (file: string): string => readFileSync(join(root, file), "utf8");
const importsOf = (file: string): string[] => [...read(file).matchAll(specifier)].map((match) => match[1] ?? match[2]);

test("sources are found, with their imports, and every folder of them has its row", () => {
  expect(sources.filter(({ folder }) => folder === undefined)).toEqual([]);
  const used = new Set(sources.map(({ folder }) => folder));
  expect(Object.keys(directions).filter((entry) => !used.has(entry))).toEqual([]);
  expect(sources.length).toBeGreaterThan(50);
  expect(importsOf("executor/run.ts")).toEqual(expect.arrayContaining(["rxjs", "../nodes/index.ts", "./cache.ts"]));
});

test("test files that begin first are there, once", () => {
  expect([...new Set(longest)].filter((name) => tests.includes(name))).toEqual(longest);
});

test("networks of tests run on one thread, as test/support/one-thread.ts says why", () => {
  const wrong = tests
    .filter((file) => !/^test\/(bench|layout)/.test(file))
    .flatMap((file) => onManyThreads(read(file)).map((call) => `${file}: ${call}`));
  expect(wrong).toEqual([]);
});

test.each([
  ['nativeProvider("cpu", { threads: 1 })', 0],
  ['nativeProvider("cpu", { threads: 16 })', 1],
  ['nativeProvider("webgpu", { device, threads: 4 })', 1],
  ['nativeProvider("cpu", { device: of(1), threads: 1 })', 0],
  ["wasmProvider({ threads: 0 })", 1],
  ["wasmProvider({ threads })", 1],
  ["await InferenceSession.create(file, { intraOpNumThreads: 1 })", 0],
  ["await InferenceSession.create(await bytes(file)); const spare = { intraOpNumThreads: 1 };", 1],
  ["const options = { a: [0], intraOpNumThreads: 1 }; await InferenceSession.create(file, options)", 0],
  ["const options = { a: [0] }; await InferenceSession.create(file, options)", 1],
])("a session of more threads is found in: %s", (source, found) => {
  expect(onManyThreads(source)).toHaveLength(found);
});

for (const folder of Object.keys(directions))
  test(`${folder}/ imports only what lies below it`, () => {
    const wrong = sources
      .filter((source) => source.folder === folder)
      .flatMap(({ file }) =>
        importsOf(file).flatMap((name) => (mayImport(file, name, folder) ? [] : `${file} imports ${name}`)),
      );
    expect(wrong).toEqual([]);
  });

test("a wrong direction, a one-sided package and a missing ending are seen", () => {
  expect(mayImport("onnx/a.ts", "../nodes/index.ts", "onnx")).toBe(false);
  expect(mayImport("client/runs/a.ts", "../../server/runs/queue.ts", "client/runs")).toBe(false);
  expect(mayImport("client/runs/a.ts", "../../server/protocol.ts", "client/runs")).toBe(true);
  expect(mayImport("runtime/a.ts", "node:fs", "runtime")).toBe(false);
  expect(mayImport("nodes/a.ts", "./b", "nodes")).toBe(false);
  expect(mayImport("server/worker/a.ts", "../cli/b.ts", "server/worker")).toBe(false);
  expect(mayImport("server/cli/a.ts", "../engine/b.ts", "server/cli")).toBe(true);
  expect(mayImport("client/a.ts", "./plugin/b.ts", "client")).toBe(false);
  expect(mayImport("client/edit/a.ts", "../canvas/b.ts", "client/edit")).toBe(false);
  expect(mayImport("client/canvas/a.ts", "./gestures/b.ts", "client/canvas")).toBe(true);
  expect(mayImport("nodes/a.ts", "../graphs/document/read.ts", "nodes")).toBe(false);
});

/** Type imports count: a file that is read with another is no better off for it. */
test("no files import each other in a circle", () => {
  const imports = new Map(
    sources.map(({ file }) => [
      file,
      importsOf(file).flatMap((name) => (name.startsWith(".") ? targetOf(file, name) : [])),
    ]),
  );
  expect(circlesOf(imports)).toEqual([]);
  const abc = { a: ["b"], b: ["c", "d"], c: ["a"], d: [] };
  expect(circlesOf(new Map(Object.entries(abc)))).toEqual(["a → b → c → a"]);
});

/** Types are passed over: those of a file's functions are exported with them. */
test("what a file exports, another one imports", () => {
  const imported = new Set([...sources.map(({ file }) => file), ...tests].flatMap(namesImported));
  const written = sources.filter(({ file }) => !file.startsWith("onnx/proto/") && !imported.has(`${file} *`));
  const unused = written.flatMap(({ file }) =>
    [...read(file).matchAll(exported)].flatMap(([, name]) =>
      imported.has(`${file} ${name}`) ? [] : [`${file} ${name}`],
    ),
  );
  expect(unused.sort()).toEqual([
    // Overlays are told to the tests by the types of the table alone.
    "client/panels/overlays/table.ts templates",
    // Imported where it is built (join.mjs).
    "server/files/code-hash.ts codeHash",
  ]);
});

/** Of a folder of folders, each is a room. */
test("a room has one thing of each name that it exports", () => {
  const roomOf = (file: string) =>
    file
      .split("/")
      .slice(0, /^(onnx|graphs|server|client)\//.test(file) ? 2 : 1)
      .join("/");
  const homes = new Map<string, string[]>();
  for (const { file } of sources)
    for (const [, name] of read(file).matchAll(
      /^export (?:async )?(?:const|function\*?|class|interface|type) ([\w$]+)/gm,
    )) {
      const key = `${roomOf(file)} ${name}`;
      homes.set(key, [...(homes.get(key) ?? []), file]);
    }
  expect([...homes].filter(([, files]) => files.length > 1)).toEqual([]);
});

/** What a file imports or hands on, by file and name; "*" for all that is there. */
function namesImported(file: string): string[] {
  const text = read(file);
  const named = [...text.matchAll(/(?:import|export)\s+(?:type\s+)?(?:\w+,\s*)?\{([^}]*)\}\s*from\s*"(\.[^"]+)"/g)];
  const whole = [...text.matchAll(/(?:\*(?:\s+as\s+\w+)?\s+from\s*|\bimport\()"(\.[^"]+)"/g)];
  return [
    ...named.flatMap(([, list, from]) =>
      list.split(",").map(
        (one) =>
          `${targetOf(file, from)} ${
            one
              .trim()
              .replace(/^type /, "")
              .split(" ")[0]
          }`,
      ),
    ),
    ...whole.map(([, from]) => `${targetOf(file, from)} *`),
  ];
}

/** One circle for each file in which a search from the first to the last comes back to where it was. */
function circlesOf(imports: ReadonlyMap<string, readonly string[]>): string[] {
  const circles: string[] = [];
  const done = new Set<string>();
  const way: string[] = [];
  const visit = (file: string) => {
    if (way.includes(file)) circles.push([...way.slice(way.indexOf(file)), file].join(" → "));
    if (done.has(file)) return;
    done.add(file);
    way.push(file);
    for (const next of imports.get(file) ?? []) visit(next);
    way.pop();
  };
  for (const file of imports.keys()) visit(file);
  return circles;
}

const targetOf = (file: string, name: string): string => relative(root, join(root, dirname(file), name));

function mayImport(file: string, name: string, folder: string): boolean {
  if (!name.startsWith(".")) return !(shared.includes(folder) && oneSided.test(name));
  const target = targetOf(file, name);
  const home = longestEntry(target);
  const allowed =
    home === folder || directions[folder].some((one) => target === one || home === one || isUnder(home, one));
  return allowed && /\.(ts|json|css|mjs)$/.test(name);
}

/** A room of a folder that is allowed whole. */
const isUnder = (home: string | undefined, allowed: string): boolean => home?.startsWith(`${allowed}/`) ?? false;
