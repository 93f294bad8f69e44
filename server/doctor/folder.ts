/** The data folder itself: whose it is, who may look into it, what lies about in it. */
import { existsSync, readFileSync, type Stats, statSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { holderOf } from "../files/folder-lock.ts";
import { backupsIn } from "../runs/backups.ts";
import { type Finding, fault, note, ok, warning } from "./finding.ts";

export async function* folder(data: string): AsyncGenerator<Finding> {
  if (!isFolder(data)) {
    yield fault("folder", `${data} is a file`, "give the folder with --data");
    return;
  }
  const owner = await holderOf(data);
  yield owner === undefined
    ? note("lock", "No server has the folder")
    : note("lock", `The folder is in use by ${owner}: all but unfinished files is looked at as it is at this moment`);
  yield* access(data);
  if (owner === undefined) yield* unfinished(data);
  if (existsSync(join(data, "runs.db"))) yield copied(data);
  yield* held(data);
}

export const isFolder = (data: string): boolean => statSync(data).isDirectory();

/** A server makes a copy each day that it runs; one that cannot says so in its log. */
const lateMs = 2 * 86_400_000;

function copied(data: string): Finding {
  const { birthtimeMs, mtimeMs } = statSync(join(data, "runs.db"));
  const [backup] = backupsIn(data);
  const since = mtimeMs - (backup === undefined ? birthtimeMs : statSync(backup).mtimeMs);
  const last =
    backup === undefined ? "There is no copy of the history yet" : `The last copy of the history is ${backup}`;
  if (since > lateMs) return warning("backups", last, "its log says why a server makes none");
  return backup === undefined ? note("backups", last) : ok("backups", last);
}

function* access(data: string): Generator<Finding> {
  if (process.platform === "win32") return;
  const { mode, uid }: Stats = statSync(data);
  if ((mode & 0o077) !== 0)
    yield warning("permissions", `Other users of this machine can look into ${data}`, `chmod 700 ${data}`);
  else yield ok("permissions", "The folder is for its user alone");
  if (uid !== process.getuid?.())
    yield warning("permissions", `The folder is user ${uid}'s`, "run this, and the server, as that user");
  const token = statSync(join(data, "token"), { throwIfNoEntry: false });
  if (token && (token.mode & 0o077) !== 0)
    yield fault("permissions", "Other users may read the token", `chmod 600 ${join(data, "token")}, or remove it`);
}

/** P7: what a server that ended early had not finished. The next one removes it. */
async function* unfinished(data: string): AsyncGenerator<Finding> {
  const names = await readdir(data, { recursive: true }).catch(() => []);
  const left = names.filter((name) => name.endsWith(".tmp"));
  if (left.length === 0) yield ok("P7", "Nothing unfinished lies about");
  for (const name of left.slice(0, 20))
    yield warning("P7", `${name} was left unfinished`, "the next start removes it, if it is of a run or an upload");
}

function* held(data: string): Generator<Finding> {
  let all: readonly { id?: unknown; models?: readonly unknown[]; crashes?: unknown; reason?: unknown }[] = [];
  try {
    all = JSON.parse(readFileSync(join(data, "quarantine.json"), "utf8"));
  } catch {
    return;
  }
  for (const { id, models, crashes, reason } of all)
    if (Number(crashes) >= 2)
      yield warning(
        "models",
        `${models?.join(" and ")} ended processes ${crashes} times, and is held (${reason})`,
        `allow it again in the editor, or with DELETE /api/quarantine/${id}, or remove it`,
      );
}
