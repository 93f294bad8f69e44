/** The many ways in which a process that runs graphs may end, and the words for each. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { writeDocument } from "../../graphs/document/index.ts";
import { dying, dyingNodes } from "../support/dying.ts";
import { quick, TestServer, tiny } from "../support/server.ts";

const dies = (how: string, model?: string): { graph: object } => ({ graph: writeDocument(dying(how, model)) });

let server: TestServer;
const start = (data?: string) =>
  TestServer.start({
    ...(data && { data }),
    args: ["--nodes", dyingNodes, "--sampler-memory", "1GiB"],
    environment: { NODE_OPTIONS: "--max-old-space-size=96" },
  });
beforeAll(async () => {
  server = await start();
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
  swell: {
    code: "OUT_OF_MEMORY",
    message:
      "The process it ran in held more than 1 GiB, the limit of this server: use smaller or fewer pictures in a batch, or raise it (--sampler-memory)",
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

test("models that end their process twice are held until they are allowed again, by every server of the folder", async () => {
  const model = "shapes32_diffusion.pt";
  const failures = async (target: TestServer, body: object) => {
    const end = (await target.eventsOf(await target.submit(body))).at(-1);
    return end?.type === "run" ? end.failure?.code : undefined;
  };
  // The third waited before anything was known of its models.
  const ids = [
    await server.submit(dies("abort", model)),
    await server.submit(dies("abort", model)),
    await server.submit(dies("abort", model)),
  ];
  const ends = await Promise.all(ids.map(async (id) => (await server.eventsOf(id)).at(-1)));
  expect(ends.map((end) => end?.type === "run" && end.failure?.code)).toEqual([
    "WORKER_CRASHED",
    "WORKER_CRASHED",
    "QUARANTINED",
  ]);
  const refused = async (target: TestServer) => {
    const reply = await target.post("/api/runs", dies("abort", model));
    const { errors } = (await reply.json()) as { errors: readonly [{ message: string; quarantine: string }] };
    return { status: reply.status, ...errors[0] };
  };
  const { status, message, quarantine } = await refused(server);
  expect(status).toBe(409);
  expect(message).toBe(`Runs with "${model}" ended their process twice (SIGABRT); allow it again to run it`);
  // Others run; and what the system ends, for want of memory most likely, is held against nobody.
  expect(await failures(server, tiny)).toBeUndefined();
  expect(await failures(server, quick)).toBeUndefined();

  await server.kill("SIGTERM");
  server = await start(server.data);
  expect(await refused(server)).toMatchObject({ status: 409, quarantine });
  expect(await server.json("/api/quarantine")).toMatchObject([{ id: quarantine, models: [model], crashes: 2 }]);
  const release = () => server.request(`/api/quarantine/${quarantine}`, { method: "DELETE" });
  expect([(await release()).status, (await release()).status]).toEqual([200, 404]);
  expect(await failures(server, dies("abort", model))).toBe("WORKER_CRASHED");
  expect(await server.json("/api/quarantine")).toEqual([]);
  // A run that succeeds speaks for its models.
  expect(await failures(server, dies("other", model))).toBeUndefined();
  expect(await failures(server, dies("abort", model))).toBe("WORKER_CRASHED");
  expect(await server.json("/api/quarantine")).toEqual([]);
});

test("a process that grew by what nothing explains is replaced between two runs, and none fails of it", async () => {
  const ids = [await server.submit(dies("leak")), await server.submit(dies("leak")), await server.submit(tiny)];
  for (const id of ids) expect((await server.eventsOf(id)).at(-1)).toMatchObject({ state: "succeeded" });
  expect(server.log.filter((line) => /grew by \d+ MiB that it does not need: it is replaced/.test(line))).toHaveLength(
    2,
  );
});

test("a worker that ends again and again comes back after 1, 2, 4 seconds", async () => {
  await server.eventsOf(await server.submit(tiny));
  for (let i = 0; i < 4; i++) await server.eventsOf(await server.submit(dies("exit")));
  const pauses = server.log.flatMap((line) => /another starts in (\d+) s/.exec(line)?.[1] ?? []);
  expect(pauses.slice(-3)).toEqual(["1", "2", "4"]);
  expect((await server.eventsOf(await server.submit(tiny))).at(-1)).toMatchObject({ state: "succeeded" });
});

test("a planner that replies what is no reply is replaced; whoever asked it hears so", async () => {
  const reply = await server.post("/api/runs", dies("lies"));
  expect([reply.status, await reply.json()]).toEqual([
    503,
    { errors: [{ message: "The worker ended before it answered; try again" }] },
  ]);
  expect((await server.eventsOf(await server.submit(tiny))).at(-1)).toMatchObject({ state: "succeeded" });
});

test("what a worker says of another run changes nothing", async () => {
  const id = await server.submit(dies("other"));
  expect((await server.eventsOf(id)).at(-1)).toMatchObject({ state: "succeeded" });
  expect(server.log.join("\n").length).toBeLessThan(2 ** 20);
});
