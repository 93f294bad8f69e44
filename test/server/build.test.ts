import { spawn, spawnSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { packageRoot } from "../../server/files/package-root.ts";
import { temporaryFolder } from "../support/cli.ts";

/** Every folder of the project that holds sources of the product. */
const folders = readdirSync(packageRoot, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && !["dist", "node_modules", "test"].includes(entry.name))
  .map(({ name }) => name)
  .filter((name) => readdirSync(join(packageRoot, name), { recursive: true }).some((file) => /\.ts$/.test(`${file}`)));
let root: string;
let log: string;
const use = (tree: string): void => {
  root = tree;
  log = join(root, "log");
};

/** A tree whose compilers only say that they were called, and fail once there is a file called "wrong". */
beforeEach(() => {
  use(temporaryFolder());
  for (const folder of [...folders, "dist"]) mkdirSync(join(root, folder));
  for (const file of ["build.mjs", "guidegraph.mjs", "start.mjs"])
    copyFileSync(join(packageRoot, "server", file), join(root, "server", file));
  const compiler = `
    const fs = require("node:fs");
    fs.appendFileSync("log", process.argv.slice(2, 4).join(" ") + "\\n");
    if (fs.existsSync("wrong")) process.exit(2);
    fs.mkdirSync("dist/server/cli", { recursive: true });
    fs.writeFileSync("dist/server/cli/main.js", "");`;
  for (const [name, bin] of [
    ["typescript", "bin/tsc"],
    ["vite", "bin/vite.js"],
  ]) {
    mkdirSync(join(root, "node_modules", name, "bin"), { recursive: true });
    writeFileSync(join(root, "node_modules", name, "package.json"), "{}");
    writeFileSync(join(root, "node_modules", name, bin), compiler);
  }
  const joining = `
    import { appendFileSync } from "node:fs";
    export const joinModules = (root) => appendFileSync(root + "/log", "join\\n");`;
  writeFileSync(join(root, "server", "join.mjs"), joining);
  writeFileSync(join(root, "client", "a.ts"), "");
  writeFileSync(join(root, "client", "b.ts"), "");
});

function started(script = "build.mjs", flag = "--if-changed"): { status: number | null; built: number } {
  rmSync(log, { force: true });
  const { status } = spawnSync(process.execPath, [join(root, "server", script), flag]);
  const built = status === 0 ? spawned() : 0;
  return { status, built };
}
const spawned = (): number => {
  try {
    return readFileSync(log, "utf8").trim().split("\n").length;
  } catch {
    return 0;
  }
};
/** As if it had been written a minute from now. */
const touch = (name: string): void => {
  const later = new Date(Date.now() + 60_000);
  utimesSync(join(root, name), later, later);
};

/** With all that it started; what has ended has. */
function endGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

test("a tree that is built is not built again until a source changes, comes or goes", () => {
  expect(started()).toEqual({ status: 0, built: 4 });
  expect(started()).toEqual({ status: 0, built: 0 });
  touch("client/a.ts");
  expect(started().built).toBe(4);
});

test("a server that npm started ends when the shell does to which npm passed a signal", async () => {
  started();
  writeFileSync(join(root, "dist/server/cli/main.js"), "console.log(process.argv[2]); setInterval(() => {}, 1_000);");
  touch("dist/built");
  const shell = spawn("sh", ["-c", "node server/start.mjs; true"], { cwd: root, detached: true });
  // Where it does not end as it should, its whole group does.
  onTestFinished(() => endGroup(shell.pid));
  const said = await new Promise((resolve) => shell.stdout.once("data", (chunk) => resolve(String(chunk).trim())));
  expect(said).toBe("serve");
  // Its end of the pipe is the last.
  const over = new Promise((resolve) => shell.stdout.once("end", resolve));
  shell.kill("SIGTERM");
  await over;
});

describe("a source that came to", () => {
  let built: string | undefined;
  beforeEach(() => {
    if (built === undefined) started();
    else use(built);
    built = root;
    // Later than all that came before.
    touch("dist/built");
  });

  test.each(folders)("%s/ is noticed", (folder) => {
    expect(started()).toEqual({ status: 0, built: 0 });
    writeFileSync(join(root, folder, "new.ts"), "");
    touch(join(folder, "new.ts"));
    // A build is tried: that is enough.
    writeFileSync(join(root, "wrong"), "");
    expect(started().status).toBe(2);
    rmSync(join(root, "wrong"));
  });
});

test("a source that is gone is noticed by its folder", () => {
  started();
  rmSync(join(root, "client", "b.ts"));
  touch("client");
  expect(started().built).toBe(4);
});

test("a build that fails is tried again", () => {
  writeFileSync(join(root, "wrong"), "");
  expect(started().status).toBe(2);
  rmSync(join(root, "wrong"));
  expect(started()).toEqual({ status: 0, built: 4 });
});

test("the first command of a clone builds all of it, and the editor's start nothing more", () => {
  rmSync(join(root, "dist"), { recursive: true });
  expect(started("guidegraph.mjs", "--version")).toEqual({ status: 0, built: 4 });
  expect(started("guidegraph.mjs", "--version")).toEqual({ status: 0, built: 0 });
  expect(started()).toEqual({ status: 0, built: 0 });
});

test("what is packed holds nothing of older sources", () => {
  const gone = join(root, "dist", "gone.js");
  writeFileSync(gone, "");
  expect(started("build.mjs", "--anew")).toEqual({ status: 0, built: 4 });
  expect(existsSync(gone)).toBe(false);
});

test("joined modules are run, but where TypeScript alone has built since", () => {
  const says = (folder: string) => {
    mkdirSync(join(root, folder, "server", "cli"), { recursive: true });
    writeFileSync(join(root, folder, "server", "cli", "main.js"), `console.log("${folder}")`);
  };
  const said = () =>
    spawnSync(process.execPath, [join(root, "server", "guidegraph.mjs")])
      .stdout.toString()
      .trim();
  says("dist");
  expect(said()).toBe("dist");
  says("dist/joined");
  writeFileSync(join(root, "dist", "server.tsbuildinfo"), "");
  writeFileSync(join(root, "dist", "joined", "builder"), "");
  touch("dist/joined/builder");
  expect(said()).toBe("dist/joined");
  const later = new Date(Date.now() + 120_000);
  utimesSync(join(root, "dist", "server.tsbuildinfo"), later, later);
  expect(said()).toBe("dist");
});
