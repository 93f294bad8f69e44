import { afterAll, beforeAll, expect, test } from "vitest";
import { readDocument } from "../../graphs/document/index.ts";
import { TestServer } from "../support/server.ts";

let server: TestServer;
beforeAll(async () => {
  server = await TestServer.start();
});
afterAll(() => server.kill("SIGTERM"));

const ask = (command: unknown) =>
  server.request("/api/commands", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ command }),
  });

const command = `
SAMPLE_FLAGS="--batch_size 2 --num_samples 3 --timestep_respacing ddim4 --use_ddim True"
python classifier_sample.py --model_path models/shapes32_diffusion.pt --classifier_scale 4.0 \\
  --classifier_path /home/someone/shapes32_shape_classifier.pt $SAMPLE_FLAGS --classes 3`;

test("a command of the reference becomes a graph that runs, and the number of its batches", async () => {
  const reply = await ask(command);
  expect(reply.status).toBe(200);
  const { graph, batches } = (await reply.json()) as { graph: object; batches: number };
  expect(batches).toBe(2);
  const types = readDocument(graph).nodes.map(({ type }) => type);
  for (const type of ["load-unet", "load-classifier", "build-cond-fn", "sampling-loop", "preview", "save-npz"])
    expect(types).toContain(`guidegraph/${type}`);
  const id = await server.submit({ graph, batches });
  const events = await server.eventsOf(id);
  expect(events.at(-1)).toMatchObject({ type: "run", state: "succeeded" });
});

test("a fork's script is taken by the flags that it shares, and told what is not taken", async () => {
  const reply = await ask(
    "python -m my.sample --model_path C:\\models\\shapes32_diffusion.pt --num_ensemble 5 --batch_size 2 --num_samples 2 --debug",
  );
  const { notes, graph } = (await reply.json()) as { notes: string[]; graph: object };
  expect(notes).toEqual(["not taken: --num_ensemble 5, --debug (none of the reference's sampling scripts has it)"]);
  expect(readDocument(graph).nodes.map(({ type }) => type)).toContain("guidegraph/load-unet");
});

test("files that nobody has are named on their nodes, with the flags that were typed and no others", async () => {
  const reply = await ask(
    "classifier_sample.py --model_path ../../64x64_diffusion.pt --class_cond True --num_channels 192 --classifier_path c.pt --image_size 64 --condition C:\\x\\sketches\\",
  );
  const { notes, graph } = (await reply.json()) as { notes: string[]; graph: object };
  expect(notes).toEqual([expect.stringMatching(/^64x64_diffusion\.pt and c\.pt: not read yet/)]);
  const { nodes } = readDocument(graph);
  const of = (type: string) => nodes.find((node) => node.type === `guidegraph/${type}`)?.properties;
  expect(of("load-unet")).toMatchObject({ file: "64x64_diffusion.pt", sha256: "" });
  expect(of("load-unet")?.flags).toBe("--class_cond True --num_channels 192 --image_size 64");
  expect(of("load-classifier")).toMatchObject({ file: "c.pt", flags: "--image_size 64" });
  expect(of("diffusion-schedule")).toMatchObject({ noise_schedule: "", diffusion_steps: 0, rescale_timesteps: "" });
  expect(of("low-res")).toMatchObject({ file: "sketches/" });
  const refused = await server.request("/api/runs", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ graph }),
  });
  const { errors } = (await refused.json()) as { errors: { message: string }[] };
  expect(errors.map(({ message }) => message)).toEqual(
    ["64x64_diffusion.pt", "c.pt", "sketches/"].map((name) => expect.stringContaining(`"${name}"`)),
  );
  expect(errors[0].message).toContain("put it into models/ of the server's data folder");
});

test("a command that cannot be a graph is refused with what to do", async () => {
  const refusal = async (command: string) => {
    const reply = await ask(command);
    expect(reply.status).toBe(422);
    return ((await reply.json()) as { errors: { message: string }[] }).errors[0].message;
  };
  expect(await refusal("ls -l")).toMatch(/no sampling command/);
  expect(await refusal("image_sample.py --batch_size 4")).toBe("The command names no --model_path");
  expect(await refusal("image_sample.py --model_path ../../token --batch_siez 4")).toMatch(/did you mean --batch_size/);
  expect((await ask(7)).status).toBe(400);
});
