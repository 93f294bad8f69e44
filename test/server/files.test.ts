import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { join } from "node:path";
import { Readable } from "node:stream";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { documentBuilder, writeDocument } from "../../graphs/document/index.ts";
import { nodes } from "../../nodes/index.ts";
import { parseModelFlags, shapesOf, structureFromFlags } from "../../onnx/index.ts";
import { encodePng } from "../../runtime/codecs/index.ts";
import { npyHeader } from "../../runtime/codecs/npy.ts";
import { readNpy } from "../../runtime/index.ts";
import { bundledModels } from "../../server/files/package-root.ts";
import type { ModelForm } from "../../server/protocol.ts";
import { temporaryFolder } from "../support/cli.ts";
import { graph, pathIn, quick, TestServer } from "../support/server.ts";
import { checkpointBytes, randomTensors } from "../support/write-checkpoint.ts";
import { dict, safetensorsBytes, savedBytes, stateDict } from "../support/write-pickle.ts";

let server: TestServer;
beforeAll(async () => {
  // Where it lies by default, too, a folder above it has a dot in front.
  server = await TestServer.start({ data: join(temporaryFolder(), ".local", "guidegraph") });
});
afterAll(() => server.kill("SIGTERM"));

const upload = (path: string, body: Uint8Array<ArrayBuffer>, type = "application/octet-stream") =>
  server.request(path, { method: "POST", body, headers: { "Content-Type": type } });
const bytesOf = (path: string) => new Uint8Array(readFileSync(path));
const hostile = [
  "../../lock",
  "..%2f..%2flock",
  "%2e%2e%2f%2e%2e%2ftoken",
  "..\\..\\token",
  "%2fetc%2fpasswd",
  "guided-ddim-0000.png%00",
  "CON",
  "x".repeat(5_000),
  "link.png",
  ".hidden",
  "guided-ddim-0000.png.",
  "GUIDED-DDIM-0000.PNG",
];

test("an output is found by the name in its run's list and by no other", async () => {
  const id = await server.submit(quick);
  await server.eventsOf(id);
  const outputs = join(server.data, "runs", id, "outputs");
  symlinkSync(join(server.data, "token"), join(outputs, "link.png"));
  mkdirSync(`${outputs}2`);
  writeFileSync(join(`${outputs}2`, "secret"), "secret");
  const absent = await (await server.request(`/api/runs/${id}/outputs/absent.png`)).text();
  for (const name of [...hostile, "..%2foutputs2%2fsecret"])
    for (const at of [
      `/api/runs/${id}/outputs/${name}`,
      `/api/runs/..%2f${id}/outputs/${name}`,
      `/api/images/${name}`,
    ]) {
      const reply = await server.request(at);
      expect([at.slice(0, 80), reply.status, await reply.text()]).toEqual([at.slice(0, 80), 404, absent]);
    }
  const npz = await server.request(`/api/runs/${id}/outputs/samples_1x32x32x3.npz`);
  expect(npz.headers.get("content-disposition")).toMatch(/^attachment/);
  for (const name of ["samples_1x32x32x3.npz", "guided-ddim-0000.png"]) {
    const { headers } = await server.request(`/api/runs/${id}/outputs/${name}`);
    expect(headers.get("content-security-policy")).toBe("default-src 'none'; sandbox");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
  }
});

/** Sends a body piece by piece, without saying how long it is, and goes on until it is answered. */
function stream(path: string, bytes: number): Promise<{ status: number | undefined; text: string }> {
  return new Promise((resolve, reject) => {
    const headers = { Origin: server.url, "Content-Type": "application/octet-stream" };
    const request = httpRequest(server.url + path, { method: "POST", headers }, async (response) => {
      let text = "";
      for await (const chunk of response.setEncoding("utf8")) text += chunk;
      resolve({ status: response.statusCode, text });
    });
    request.on("error", reject);
    Readable.from(pieces(bytes)).pipe(request);
  });
}

function* pieces(bytes: number): Iterable<Buffer> {
  for (let sent = 0; sent < bytes; sent += 65_536) yield Buffer.alloc(65_536);
}

test("a body that is too long is answered, not reset, whether it says its length or not", async () => {
  const tooLarge = {
    status: 413,
    text: JSON.stringify({ errors: [{ message: "The body is larger than this server takes" }] }),
  };
  expect(await stream("/api/images?name=long.png", 40 * 2 ** 20)).toEqual(tooLarge);
  const declared = await upload("/api/images?name=long.png", new Uint8Array(20 * 2 ** 20 + 1));
  expect({ status: declared.status, text: await declared.text() }).toEqual(tooLarge);
  expect(readdirSync(join(server.data, "images"))).toEqual([]);
});

describe("models", () => {
  const checkpoint = () => bytesOf(join(bundledModels, "shapes32_shape_classifier.pt"));

  test("those that come with the program are listed with what is known of them", async () => {
    const models = await server.json<{ id: string; role?: string; sha256?: string; facts?: object }[]>("/api/models");
    const sha256 = createHash("sha256")
      .update(readFileSync(join(bundledModels, "shapes32_diffusion.pt")))
      .digest("hex");
    expect(models).toContainEqual(
      expect.objectContaining({
        id: "shapes32_diffusion.pt",
        role: "unet",
        sha256,
        facts: expect.objectContaining({ height: 32, width: 32 }),
      }),
    );
  });

  test("an uploaded one is kept with its flags, and graphs run with it", async () => {
    const card = JSON.parse(readFileSync(join(bundledModels, "shapes32_shape_classifier.json"), "utf8"));
    const flags = Object.entries(card)
      .filter(([name, value]) => name.startsWith("classifier_") && typeof value !== "object")
      .map(([name, value]) => `--${name} ${value === true ? "True" : value === false ? "False" : value}`)
      .join(" ");
    const path = `/api/models?name=mine.pt&flags=${encodeURIComponent(`--image_size 32 ${flags}`)}`;
    const reply = await upload(path, checkpoint());
    expect([reply.status, await reply.json()]).toEqual([
      201,
      expect.objectContaining({ id: "mine.pt", role: "classifier" }),
    ]);
    expect((await upload(path, checkpoint())).status).toBe(200);
    const id = await server.submit({ ...quick, set: { ...quick.set, "Load Classifier.file": "mine.pt" } });
    expect((await server.eventsOf(id)).at(-1)).toMatchObject({ state: "succeeded" });
  });

  test("an uploaded one may be nested, averaged and of any extension; what was chosen in it is told", async () => {
    const flags = "--image_size 8 --num_channels 32 --num_res_blocks 1 --channel_mult 1 --attention_resolutions 4";
    const tensors = randomTensors(shapesOf(structureFromFlags("unet", parseModelFlags(flags))));
    const both = savedBytes(dict({ model: stateDict(tensors), ema: stateDict(tensors, "module.") }));
    const asked = `flags=${encodeURIComponent("--image_size 8 --num_heads 4")}`;
    for (const [name, content] of [
      ["both.ckpt", both],
      ["safe.safetensors", safetensorsBytes(tensors)],
    ] as const) {
      const reply = await upload(`/api/models?name=${name}&${asked}`, Uint8Array.from(content));
      expect(reply.status).toBe(201);
      const { role, notes } = (await reply.json()) as { role: string; notes?: string[] };
      expect({ role, notes }).toEqual({
        role: "unet",
        notes:
          name === "both.ckpt"
            ? ['the averaged weights ema.module are taken, not model: --weights takes others, by name, or "raw"']
            : undefined,
      });
    }
    const listed = (await (await server.request("/api/models")).json()) as { id: string }[];
    expect(listed.map(({ id }) => id)).toEqual(expect.arrayContaining(["both.ckpt", "safe.safetensors"]));
  });

  test("what is no model, or lacks its flags, is refused with the reason and not kept", async () => {
    const random = new Uint8Array(4096).map((_, i) => (i * 7919) % 251);
    for (const name of ["bad.pt", "bad.onnx"]) {
      const reply = await upload(`/api/models?name=${name}`, random);
      expect(reply.status).toBe(422);
      expect(((await reply.json()) as { errors: { message: string }[] }).errors[0].message).toContain(name);
      expect(existsSync(join(server.data, "models", name))).toBe(false);
    }
    const bare = await upload("/api/models?name=bare.pt", checkpoint());
    expect([bare.status, await bare.text()]).toEqual([422, expect.stringMatching(/num_head/)]);
    expect((await upload("/api/models?name=x.pt&flags=--nonsense 3", checkpoint())).status).toBe(422);
  });

  test("another file never takes a name that is taken, and names are plain", async () => {
    await upload("/api/models?name=mine.pt", checkpoint());
    expect((await upload("/api/models?name=mine.pt", checkpoint().slice(0, 1000))).status).toBe(409);
    for (const name of ["../x.pt", "a/b.pt", ".x.pt", "x.exe", "CON.pt", "x.pt ", ""])
      expect((await upload(`/api/models?name=${encodeURIComponent(name)}`, new Uint8Array(8))).status).toBe(400);
    expect((await upload("/api/models?name=x.pt", new Uint8Array(8), "text/plain")).status).toBe(415);
  });
});

describe("a model that waits for its card", () => {
  const flags = "--image_size 8 --num_channels 32 --num_res_blocks 1 --channel_mult 1 --attention_resolutions 8";
  const bytes = checkpointBytes(randomTensors(shapesOf(structureFromFlags("unet", parseModelFlags(flags)))));
  const models = () => readdirSync(join(server.data, "models")).filter((name) => /wait|\.tmp$/.test(name));
  const send = (path: string, body: object) =>
    server.request(path, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
  const drop = async (name: string, card = "") =>
    (await (await upload(`/api/models/waiting?name=${name}${card}`, Uint8Array.from(bytes))).json()) as {
      waits: string;
      form: ModelForm;
    };

  test("is listed by nobody until it is answered, and a command answers", async () => {
    const { waits, form } = await drop("wait-a.pt");
    expect(form).toMatchObject({ role: "unet", problem: expect.stringMatching(/num_heads/) });
    expect(await server.json<{ id: string }[]>("/api/models")).not.toContainEqual(
      expect.objectContaining({ id: "wait-a.pt" }),
    );
    const other = await send(`/api/models/waiting/${waits}/form`, { flags: "", command: "--num_channels 64" });
    expect([other.status, await other.text()]).toEqual([422, expect.stringMatching(/its tensors say 32/)]);
    const pasted = await send(`/api/models/waiting/${waits}/form`, {
      flags: "",
      command: "python image_train.py --image_size 8 --num_heads 4 --lr 1",
    });
    const told = (await pasted.json()) as ModelForm;
    expect([told.problem, told.flags, told.notes]).toEqual([
      undefined,
      "--image_size 8 --num_heads 4",
      [expect.stringMatching(/not taken.*--lr 1/)],
    ]);
    const few = await send(`/api/models/waiting/${waits}`, { flags: "--image_size 8" });
    expect([few.status, models()]).toEqual([422, [expect.stringMatching(/tmp$/)]]);
    const settled = await send(`/api/models/waiting/${waits}`, { flags: `${told.flags} --noise_schedule cosine` });
    expect([settled.status, await settled.json()]).toEqual([201, expect.objectContaining({ id: "wait-a.pt" })]);
    expect(models()).toEqual(["wait-a.json", "wait-a.pt"]);
    expect(JSON.parse(readFileSync(join(server.data, "models", "wait-a.json"), "utf8"))).toMatchObject({
      image_size: 8,
      num_heads: 4,
      noise_schedule: "cosine",
    });
    expect((await send(`/api/models/waiting/${waits}`, { flags: "" })).status).toBe(404);
    // It is here, with its card: nothing is asked.
    expect(await drop("wait-a.pt")).toEqual({ model: expect.objectContaining({ id: "wait-a.pt", role: "unet" }) });
  });

  test("goes together with the card that came with it, or not at all", async () => {
    const { waits } = await drop("wait-b.pt", "&card");
    for (const [card, words] of [
      ["{", /must be JSON/],
      [`{ "made by": ${"[".repeat(100_000)}`, /nested more than 32 levels deep/],
      ['{ "num_heads": 5 }', /image_size/],
      ['{ "image_size": 8, "num_heads": 5 }', /does not divide/],
    ] as const) {
      const refused = await send(`/api/models/waiting/${waits}`, { card });
      expect([refused.status, await refused.text()]).toEqual([422, expect.stringMatching(words)]);
    }
    expect(models().filter((name) => name.startsWith("wait-b"))).toEqual([]);
    const card = '{ "image_size": 8, "num_heads": 2, "made by": "a friend" }';
    expect((await send(`/api/models/waiting/${waits}`, { card })).status).toBe(201);
    expect(readFileSync(join(server.data, "models", "wait-b.json"), "utf8")).toBe(card);
    // Another card of that name stays what it is.
    writeFileSync(join(server.data, "models", "wait-c.json"), "{}");
    const taken = await send(`/api/models/waiting/${(await drop("wait-c.pt", "&card")).waits}`, { card });
    expect([taken.status, existsSync(join(server.data, "models", "wait-c.pt"))]).toEqual([409, false]);
  });

  test("is read with the card that lies at its place, by every route", async () => {
    const at = join(server.data, "models", "wait-f.json");
    writeFileSync(at, '{ "image_size": 8, "num_heads": 2 }');
    const { waits, form } = await drop("wait-f.pt");
    expect(form).toMatchObject({ flags: "--image_size 8 --num_heads 2" });
    expect(form).not.toHaveProperty("problem");
    const other = await send(`/api/models/waiting/${waits}`, { flags: "--image_size 8 --num_heads 4" });
    expect([other.status, await other.text()]).toEqual([409, expect.stringMatching(/another card wait-f\.json/)]);
    // It waits on.
    const same = await send(`/api/models/waiting/${waits}`, { flags: form.flags });
    expect([same.status, readFileSync(at, "utf8")]).toEqual([201, '{ "image_size": 8, "num_heads": 2 }']);
    const again = await upload("/api/models?name=wait-f.pt&flags=--num_heads 4", Uint8Array.from(bytes));
    expect([again.status, readFileSync(at, "utf8")]).toEqual([409, '{ "image_size": 8, "num_heads": 2 }']);
    expect((await upload("/api/models?name=wait-f.safetensors", Uint8Array.from(bytes))).status).toBe(201);
  });

  test("is gone when it is given up, and what is no model does not wait", async () => {
    const { waits } = await drop("wait-d.pt");
    const before = models().length;
    expect((await server.request(`/api/models/waiting/${waits}`, { method: "DELETE" })).status).toBe(204);
    expect(models()).toHaveLength(before - 1);
    const text = await upload("/api/models/waiting?name=wait-e.pt", new TextEncoder().encode("<html>"));
    expect([text.status, await text.text()]).toEqual([
      422,
      expect.stringMatching(/it is a web page: was it saved instead of the file\?/),
    ]);
    expect(models()).toHaveLength(before - 1);
  });
});

describe("facts of a file as a graph names it", () => {
  const ask = (body: object) =>
    server.request("/api/facts", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
  const file = "shapes32_shape_classifier.pt";

  test("are what a plan is told", async () => {
    const network = await ask({ role: "classifier", file });
    expect([network.status, await network.json()]).toEqual([
      200,
      expect.objectContaining({ classes: 10, channels: 3, height: 32, width: 32, content: expect.any(String) }),
    ]);
    const picture = await ask({ image: "shapes32_reference.npz" });
    expect(await picture.json()).toMatchObject({ batch: 2048, height: 32, width: 32, labels: { max: 9 } });
  });

  test("say by which parameter it cannot be used", async () => {
    const problem = async (body: object) => {
      const reply = await ask(body);
      return [reply.status, ((await reply.json()) as { errors: object[] }).errors[0]];
    };
    const sha256 = "0".repeat(64);
    expect(await problem({ role: "unet", file: "no.pt", sha256 })).toEqual([
      422,
      { port: "file", message: expect.stringContaining(`"no.pt" (sha256 ${sha256})`) },
    ]);
    expect(await problem({ role: "classifier", file, sha256 })).toEqual([
      422,
      expect.objectContaining({ port: "sha256" }),
    ]);
    expect(await problem({ role: "unet", file })).toEqual([422, expect.objectContaining({ port: "file" })]);
    expect(await problem({ image: "no.png" })).toEqual([422, expect.objectContaining({ port: "file" })]);
    expect(await problem({ path: "/etc/passwd" })).toEqual([400, expect.anything()]);
  });
});

describe("pictures", () => {
  test("a JPEG and a WebP are taken and come back as what they are; two beside each other are a batch", async () => {
    const grey = sharp(Buffer.alloc(300, 100), { raw: { width: 10, height: 10, channels: 3 } });
    for (const [name, type, file] of [
      ["a.jpg", "image/jpeg", await grey.clone().jpeg().toBuffer()],
      ["a.webp", "image/webp", await grey.clone().webp().toBuffer()],
    ] as const) {
      const reply = await upload(`/api/images?name=${name}`, file, type);
      expect([reply.status, await reply.json()]).toEqual([
        201,
        expect.objectContaining({ id: name, batch: 1, channels: 3, height: 10, width: 10 }),
      ]);
      expect((await server.request(`/api/images/${name}`)).headers.get("content-type")).toBe(type);
    }
    const folder = join(server.data, "images", "two");
    mkdirSync(folder);
    for (const name of ["1.jpg", "2.webp"])
      cpSync(join(server.data, "images", `a${name.slice(1)}`), join(folder, name));
    expect(await server.json("/api/images")).toContainEqual({ id: "two/" });
    const body = JSON.stringify({ image: "two/" });
    const headers = { "Content-Type": "application/json" };
    const facts = await server.request("/api/facts", { method: "POST", body, headers });
    expect(await facts.json()).toMatchObject({ batch: 2, height: 10, width: 10 });
  });

  test.runIf(process.platform === "linux")(
    "are decoded in a process that may end of it, never in the server's own",
    () => {
      const decodes = (pid: number) => /libvips/.test(readFileSync(`/proc/${pid}/maps`, "utf8"));
      expect(decodes(server.process.pid as number)).toBe(false);
      expect(server.workers().map(decodes)).toContain(true);
    },
  );

  test("an uploaded one is listed, served as a picture, and usable by Load Image", async () => {
    const id = await server.submit(quick);
    await server.eventsOf(id);
    const made = await server.request(`/api/runs/${id}/outputs/guided-ddim-0000.png`);
    const png = new Uint8Array(await made.arrayBuffer());
    const reply = await upload("/api/images?name=Kätzchen 1.png", png, "image/png");
    expect([reply.status, await reply.json()]).toEqual([
      201,
      expect.objectContaining({ id: "Kätzchen 1.png", batch: 1, height: 32, width: 32, channels: 3 }),
    ]);
    expect(await server.json("/api/images")).toContainEqual({ id: "Kätzchen 1.png" });
    const back = await server.request(`/api/images/${encodeURIComponent("Kätzchen 1.png")}`);
    expect(back.headers.get("content-type")).toBe("image/png");
    expect(new Uint8Array(await back.arrayBuffer())).toEqual(png);
    const document = graph("image-to-image");
    const node = pathIn(document, "load-image");
    const set = { [`${node}.file`]: "Kätzchen 1.png", [`${node}.first`]: 0, [`${node}.count`]: 1 };
    const run = await server.submit({ graph: document, set, targets: [node] });
    expect((await server.eventsOf(run)).at(-1)).toMatchObject({ state: "succeeded" });
  });

  describe("of a batch", () => {
    const send = (name: string, batch: string, body: Uint8Array<ArrayBuffer>, headers = {}) => {
      const type = { "Content-Type": "application/octet-stream" };
      const path = `/api/images?name=${encodeURIComponent(name)}&batch=${encodeURIComponent(batch)}`;
      return server.request(path, { method: "POST", body, headers: { ...type, ...headers } });
    };
    const isNew = { "If-None-Match": "*" };
    const pixel = (value: number) =>
      new Uint8Array(encodePng({ dims: [1, 1, 1, 3], data: new Uint8Array(3).fill(value) }));
    const [one, other] = [pixel(1), pixel(2)];

    test("lie in its folder, whatever is called so beside it, and are one batch", async () => {
      expect((await upload("/api/images?name=0.png", one)).status).toBe(201);
      const first = await send("0.png", "写真", other, isNew);
      expect([first.status, await first.json()]).toEqual([201, expect.objectContaining({ id: "写真/0.png" })]);
      expect((await send("1.png", "写真", one)).status).toBe(201);
      expect((await send("1.png", "写真", one)).status).toBe(200);
      expect((await send("1.png", "写真", other)).status).toBe(409);
      expect(await server.json("/api/images")).toContainEqual({ id: "写真/" });
      expect(bytesOf(join(server.data, "images", "写真", "0.png"))).toEqual(other);
    });

    test("that is to be a new one are refused where there is one, and one of two clients begins it", async () => {
      const replies = await Promise.all([one, other].map((body, i) => send(`${i}.png`, "both", body, isNew)));
      expect(replies.map(({ status }) => status).toSorted()).toEqual([201, 412]);
      expect(readdirSync(join(server.data, "images", "both"))).toHaveLength(1);
      expect((await send("2.png", "both", one, isNew)).status).toBe(412);
      expect((await send("2.png", "both", one)).status).toBe(201);
    });

    test.each([
      ["x.png", 400, "its name cannot end as a file’s does"],
      ["../x", 400, "A name has up to 100 letters"],
      ["afile", 409, "There is a file of this name, which is no batch"],
    ])("“%s” are refused, and nothing is made", async (batch, status, why) => {
      const images = join(server.data, "images");
      writeFileSync(join(images, "afile"), "");
      const before = readdirSync(images);
      const reply = await send("7.png", batch, one);
      expect([reply.status, await reply.text()]).toEqual([status, expect.stringContaining(why)]);
      expect(readdirSync(images)).toEqual(before);
    });

    test("are refused as an NPZ, and leave no folder where they are no pictures", async () => {
      expect((await send("a.npz", "none", one)).status).toBe(400);
      expect((await send("a.png", "none", new TextEncoder().encode("none"), isNew)).status).toBe(422);
      expect(existsSync(join(server.data, "images", "none"))).toBe(false);
      mkdirSync(join(server.data, "images", "folder.png"));
      expect((await upload("/api/images?name=folder.png", one)).status).toBe(409);
    });
  });

  test("what is no picture is refused and not kept", async () => {
    const html = new TextEncoder().encode("<script>alert(1)</script>");
    expect((await upload("/api/images?name=x.png", html, "image/png")).status).toBe(422);
    expect(existsSync(join(server.data, "images", "x.png"))).toBe(false);
    expect((await upload("/api/images?name=x.svg", html)).status).toBe(400);
    expect((await server.request("/api/images/shapes32_reference.npz")).headers.get("content-disposition")).toMatch(
      /^attachment/,
    );
  });
});

describe("arrays", () => {
  const values = Float32Array.from({ length: 48 }, (_, i) => i / 7);
  const file = Uint8Array.from(
    Buffer.concat([npyHeader("float32", [4, 4, 3]), Buffer.from(values.buffer)]),
  ) as Uint8Array<ArrayBuffer>;

  test("an uploaded one is listed, known before a run, and comes out of Save Tensor as it went in", async () => {
    const reply = await upload("/api/tensors?name=scan.npy", file);
    expect([reply.status, await reply.json()]).toEqual([
      201,
      { id: "scan.npy", arrays: [{ name: "", type: "float32", dims: [4, 4, 3] }] },
    ]);
    expect(await server.json("/api/tensors")).toContainEqual({ id: "scan.npy" });
    const body = JSON.stringify({ tensor: "scan.npy" });
    const facts = await server.request("/api/facts", {
      method: "POST",
      body,
      headers: { "Content-Type": "application/json" },
    });
    expect(await facts.json()).toMatchObject({ type: "float32", dims: [4, 4, 3] });
    const b = documentBuilder(nodes, { title: "Scan" });
    const tensor = b.add("guidegraph/load-tensor", { file: "scan.npy", layout: "HWC" }).out("tensor");
    b.add("guidegraph/save-tensor", { tensor, name: "again", format: "npy" });
    const id = await server.submit({ graph: writeDocument(b.document()) });
    expect((await server.eventsOf(id)).at(-1)).toMatchObject({ state: "succeeded" });
    const saved = await (await server.request(`/api/runs/${id}/outputs/again.npy`)).arrayBuffer();
    const planes = [0, 1, 2].flatMap((c) => Array.from({ length: 16 }, (_, p) => values[3 * p + c]));
    expect(readNpy(new Uint8Array(saved))).toEqual({
      type: "float32",
      dims: [1, 3, 4, 4],
      data: Float32Array.from(planes),
    });
  });

  test("what is no array is refused and not kept", async () => {
    expect((await upload("/api/tensors?name=x.npy", file.slice(0, 150))).status).toBe(422);
    expect(existsSync(join(server.data, "images", "x.npy"))).toBe(false);
    expect((await upload("/api/tensors?name=x.png", file)).status).toBe(400);
  });
});

test("what waits goes with the server", async () => {
  const folder = join(server.data, "models");
  const reply = await upload(
    "/api/models/waiting?name=late.pt&card",
    bytesOf(join(bundledModels, "shapes32_diffusion.pt")),
  );
  expect([reply.status, await reply.json()]).toEqual([201, expect.objectContaining({ waits: expect.any(String) })]);
  const waiting = () => readdirSync(folder).filter((name) => name.endsWith(".tmp"));
  expect(waiting()).not.toEqual([]);
  await server.kill("SIGTERM");
  expect(waiting()).toEqual([]);
});
