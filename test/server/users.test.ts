import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { RunSummary } from "../../server/protocol.ts";
import { temporaryFolder } from "../support/cli.ts";
import { long, TestServer, tiny } from "../support/server.ts";

/** One server that three people use: the owner, ann and bob. */
let server: TestServer;
const tokens = { ann: "ann's-own-secret", bob: "bob's-own-secret", owner: "the-owner's-secret" };
type Name = keyof typeof tokens;

beforeAll(async () => {
  const file = join(temporaryFolder(), "tokens");
  writeFileSync(file, `ann: ${tokens.ann}\nbob ${tokens.bob}\n${tokens.owner}\n`);
  server = await TestServer.start({ args: ["--token-file", file] });
});
afterAll(() => server.kill("SIGTERM"));

const as = (name: Name, method: string, path: string, body?: unknown) =>
  server.request(path, {
    method,
    headers: { Authorization: `Bearer ${tokens[name]}`, "Content-Type": "application/json" },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
const submit = async (name: Name, body: object) =>
  ((await (await as(name, "POST", "/api/runs", body)).json()) as { id: string }).id;
const runs = async () => (await (await as("ann", "GET", "/api/runs")).json()) as RunSummary[];

test("a session is its user's", async () => {
  for (const [name, told] of [
    ["ann", { user: "ann" }],
    ["owner", {}],
  ] as const) {
    const [Cookie] = (await as(name, "POST", "/api/session")).headers.get("set-cookie")!.split(";");
    const reply = await fetch(`${server.url}/api/session`, { headers: { Cookie } });
    expect(await reply.json()).toEqual(told);
  }
});

test("everybody sees whose a run is; only who submitted it and the owner end it; users take turns", async () => {
  const first = await submit("ann", long);
  const ids = { ann: [await submit("ann", tiny), await submit("ann", tiny)], bob: [await submit("bob", tiny)] };
  const owners = await submit("owner", { ...tiny, first: true });
  const all = await runs();
  expect(Object.fromEntries(all.map(({ id, by, position }) => [id, [by, position]]))).toEqual({
    [first]: ["ann", undefined],
    [ids.ann[0]]: ["ann", 1],
    [ids.bob[0]]: ["bob", 2],
    [owners]: [undefined, 3],
    [ids.ann[1]]: ["ann", 4],
  });
  // Among one's own, in one's own turns.
  const moved = await as("ann", "POST", `/api/runs/${ids.ann[1]}/place`, { before: ids.ann[0] });
  expect([moved.status, await moved.json()]).toEqual([200, expect.objectContaining({ id: ids.ann[1], position: 1 })]);
  const positions = Object.fromEntries((await runs()).map(({ id, position }) => [id, position]));
  expect(positions).toMatchObject({ [ids.ann[1]]: 1, [ids.bob[0]]: 2, [owners]: 3, [ids.ann[0]]: 4 });
  for (const [name, id, body, status] of [
    ["bob", ids.ann[0], { before: ids.ann[1] }, 403],
    ["ann", ids.ann[0], { before: ids.bob[0] }, 409],
    ["ann", first, { after: ids.ann[0] }, 409],
    ["ann", ids.ann[0], { before: ids.ann[1], after: ids.ann[1] }, 400],
    ["ann", "nothing", { before: ids.ann[1] }, 404],
  ] as const)
    expect([(await as(name, "POST", `/api/runs/${id}/place`, body)).status, id]).toEqual([status, id]);
  const refused = await as("bob", "DELETE", `/api/runs/${first}`);
  expect([refused.status, await refused.json()]).toEqual([
    403,
    { errors: [{ message: "Run 1 is ann's: only ann and the owner of this server change it" }] },
  ]);
  expect((await as("bob", "DELETE", `/api/runs/${owners}`)).status).toBe(403);
  // All of one's own, and nobody else's.
  expect((await as("bob", "DELETE", "/api/runs")).status).toBe(200);
  expect((await runs()).filter(({ state }) => state === "cancelled").map(({ by }) => by)).toEqual(["bob"]);
  expect((await as("owner", "DELETE", `/api/runs/${ids.ann[1]}`)).status).toBe(200);
  expect((await as("ann", "DELETE", `/api/runs/${first}`)).status).toBe(200);
});

test("only who submitted a run and the owner pin it, put it away, and take it out of the trash", async () => {
  const id = await submit("ann", tiny);
  while (!(await runs()).find((run) => run.id === id)?.ended) await new Promise((resolve) => setTimeout(resolve, 50));
  for (const [method, path] of [
    ["PUT", `/api/runs/${id}/pin`],
    ["DELETE", `/api/runs/${id}/pin`],
    ["POST", `/api/runs/${id}/trash`],
  ])
    expect((await as("bob", method, path)).status, path).toBe(403);
  expect((await as("ann", "POST", `/api/runs/${id}/trash`)).status).toBe(200);
  for (const [method, path] of [
    ["POST", `/api/runs/${id}/restore`],
    ["DELETE", `/api/trash/${id}`],
  ])
    expect((await as("bob", method, path)).status, path).toBe(403);
  await as("bob", "DELETE", "/api/trash");
  expect((await as("owner", "POST", `/api/runs/${id}/restore`)).status).toBe(200);
});
