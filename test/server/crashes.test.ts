/** The many ways in which a process that runs graphs may end, and the words for each. */
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { documentBuilder, writeDocument } from "../../graphs/document/index.ts";
import { registryWith } from "../../server/cli/nodes.ts";
import { packageRoot } from "../../server/package-root.ts";
import { TestServer, tiny } from "../support/server.ts";

const nodes = join(packageRoot, "test", "fixtures", "nodes", "dying.mjs");
const registry = await registryWith([nodes]);

function dies(how: string): { graph: object } {
  const b = documentBuilder(registry);
  b.add("guidegraph/dying", { how });
  return { graph: writeDocument(b.document()) };
}

let server: TestServer;
beforeAll(async () => {
  server = await TestServer.start({
    args: ["--nodes", nodes],
    environment: { NODE_OPTIONS: "--max-old-space-size=96" },
  });
});
afterAll(() => server.kill("SIGTERM"));

const again = "It can be run again";
const words: Readonly<Record<string, object>> = {
  abort: { code: "WORKER_CRASHED", signal: "SIGABRT", message: `The process it ran in was ended by SIGABRT. ${again}` },
  exit: { code: "WORKER_CRASHED", message: `The process it ran in ended with status 0. ${again}` },
  throw: {
    code: "WORKER_CRASHED",
    message: `The process it ran in ended with status 1: Error: nobody catches this. ${again}`,
  },
  allocate: {
    code: "OUT_OF_MEMORY",
    message: "The process it ran in was out of memory: use smaller or fewer pictures in a batch",
  },
  disconnect: { code: "PROTOCOL", message: `The process it ran in no longer answered, and was ended. ${again}` },
  babble: { code: "WORKER_CRASHED", signal: "SIGABRT" },
  garbage: { code: "PROTOCOL", message: `The process it ran in sent what is no message, and was ended. ${again}` },
  large: { code: "PROTOCOL", message: `The process it ran in sent what is no message, and was ended. ${again}` },
};

test.each(Object.keys(words))("%s: the run says what happened, at its node, and the next one succeeds", async (how) => {
  const id = await server.submit(dies(how));
  const next = await server.submit(tiny);
  const events = await server.eventsOf(id);
  expect(events.at(-1)).toMatchObject({ state: "failed", failure: { node: "1", ...words[how] } });
  const { message } = words[how] as { message?: string };
  expect(events.at(-2)).toMatchObject({ type: "node", path: "1", state: "failed", ...(message && { message }) });
  expect((await server.request("/api/health")).status).toBe(200);
  expect((await server.eventsOf(next)).at(-1)).toMatchObject({ state: "succeeded" });
});

test("what a worker says of another run changes nothing", async () => {
  const id = await server.submit(dies("other"));
  expect((await server.eventsOf(id)).at(-1)).toMatchObject({ state: "succeeded" });
  expect(server.log.join("\n").length).toBeLessThan(2 ** 20);
});
