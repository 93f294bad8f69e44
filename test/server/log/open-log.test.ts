import { readFileSync } from "node:fs";
import { join } from "node:path";
import { of } from "rxjs";
import { expect, test } from "vitest";
import { discreet } from "../../../server/log/discreet.ts";
import { type LogOptions, openLog } from "../../../server/log/open-log.ts";
import { sayRuns } from "../../../server/runs/run-lines.ts";
import type { LifecycleLogged } from "../../../server/runs/run-log.ts";
import { temporaryFolder } from "../../support/cli.ts";

/** What a log writes of three lines of three levels. */
async function written(options: Omit<LogOptions, "err">): Promise<string> {
  let text = "";
  const log = await openLog({ ...options, err: (more) => (text += more) });
  log.say("a detail", { level: "debug" });
  log.say("Data in /srv");
  log.say('401 GET /api: "\u001b[31mred\u202e"', { level: "warn", event: "refused", status: 401 });
  await log.close();
  return options.file ? readFileSync(options.file.path, "utf8") : text;
}

const time = "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d.\\d{3}Z";

test("text is the lines as they are said, printable", async () => {
  expect(await written({ format: "text", level: "info" })).toBe('Data in /srv\n401 GET /api: "?[31mred?"\n');
});

test("in a file each begins with its time and level", async () => {
  const file = { path: join(temporaryFolder(), "server.log"), maxBytes: 10_000, kept: 1 };
  expect(await written({ format: "text", level: "debug", file })).toMatch(
    new RegExp(`^${time} DEBUG a detail\n${time} INFO  Data in /srv\n${time} WARN  401 GET`),
  );
});

test.each(["\n", "\r\n", "\u2028", "\u0085", "\n\r\n"])(
  "no line within a line, after %j, passes for another",
  async (end) => {
    const path = join(temporaryFolder(), "server.log");
    const log = await openLog({ format: "text", level: "info", file: { path, maxBytes: 10_000, kept: 1 }, err() {} });
    log.say(`422 POST /api/runs: "a${end}2026-01-01T00:00:00.000Z INFO  Run 1 succeeded"`);
    await log.close();
    const [first, ...more] = readFileSync(path, "utf8")
      .trimEnd()
      .split(/[\n\r\u2028\u0085]/);
    expect(first).toMatch(new RegExp(`^${time} INFO  422 POST`));
    for (const line of more) expect(line).toMatch(/^ {2}/);
  },
);

test("JSON is an object a line, with level, time and what the line is about", async () => {
  const lines = (await written({ format: "json", level: "warn" })).trim().split("\n");
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    {
      level: "warn",
      time: expect.stringMatching(new RegExp(`^${time}$`)),
      event: "refused",
      status: 401,
      msg: '401 GET /api: "\u001b[31mred\u202e"',
    },
  ]);
});

test("a log that cannot be written harms nobody", async () => {
  const log = await openLog({
    format: "text",
    level: "info",
    err: () => {
      throw new Error("EPIPE");
    },
  });
  log.say("nobody hears it");
});

test("a run is told of when it is accepted, begins and ends, with its id, state and time", () => {
  const said: unknown[] = [];
  const at = "2026-11-24T07:10:00.000Z";
  sayRuns(
    of<LifecycleLogged[]>(
      { run: "r", seq: 1, at, type: "run", state: "queued" },
      { run: "r", seq: 2, at, type: "run", state: "running" },
      {
        run: "r",
        seq: 9,
        at,
        type: "run",
        state: "failed",
        ms: 61_000.4,
        failure: { code: "DEADLINE", message: "Too long", node: "7" },
      },
    ),
    (...line) => said.push(line),
  );
  const about = { event: "run", run: "r" };
  expect(said).toEqual([
    ["Run r is accepted", { level: "info", ...about, state: "queued" }],
    ["Run r begins", { level: "info", ...about, state: "running" }],
    [
      "Run r failed after 1 min 1 s: Too long",
      { level: "warn", ...about, state: "failed", ms: 61_000, code: "DEADLINE", node: "7" },
    ],
  ]);
});

test("secrets do not go into a log in any form, and folders have names there", () => {
  const said: unknown[] = [];
  const secret = "s3cret/with+signs";
  const say = discreet((...line) => said.push(line), {
    secrets: [secret, ""],
    folders: { "/srv/data": "[data]", "/srv": "[srv]", "/": "[root]" },
  });
  const forms = [secret, encodeURIComponent(secret), Buffer.from(secret).toString("base64url")];
  for (const form of forms) say(`GET /${form}`, { path: `/${form}`, status: 404 });
  say("Unexpected: open /srv/data/runs.db, /srv/other");
  const hidden = ["GET /[secret]", { path: "/[secret]", status: 404 }];
  expect(said).toEqual([hidden, hidden, hidden, ["Unexpected: open [data]/runs.db, [srv]/other", undefined]]);
});
