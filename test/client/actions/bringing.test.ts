import { expect, test } from "vitest";
import { assumedOf } from "../../../client/actions/adding-models.ts";
import { bring } from "../../../client/actions/bringing.ts";
import { put } from "../../../client/state/state.ts";
import { documentBuilder } from "../../../graphs/document/index.ts";
import { nodes } from "../../../nodes/index.ts";
import { encodePng, graphKeyword, textChunk, withText } from "../../../runtime/codecs/index.ts";
import type { ModelForm, ModelSummary } from "../../../server/protocol.ts";
import { editorWith, opened } from "../support/editor.ts";

const png = encodePng({ dims: [1, 2, 2, 3], data: new Uint8Array(12) });
const picture = (name: string) => new File([new Uint8Array(png)], name);
const drawn = new File([Buffer.concat(withText(png, textChunk(graphKeyword, '{"nodes":[],"links":[]}')))], "drawn.png");

/** As the server refuses. */
const refusal = (status: number, message: string) => Object.assign(new Error(message), { status });

/**
 * An editor with one Load Image, and what it sent to the server, which takes no picture called "bad.png" and has a batch "theirs",
 * which nobody told the editor of.
 */
function stage() {
  const sent: string[] = [];
  const folders = new Set(["shapes", "theirs"]);
  const editor = editorWith({
    state: { images: [{ id: "shapes/a.png" }, { id: "shapes/" }] },
    api: {
      uploadImage: async (_, name, batch = "", isNew = false) => {
        if (name === "bad.png") throw refusal(422, "It ends too early");
        if (isNew && folders.has(batch)) throw refusal(412, "There is such a batch");
        folders.add(batch);
        sent.push(batch === "" ? String(name) : `${batch}/${name}`);
      },
      images: async () => [],
      tensors: async () => [],
    },
  });
  const b = documentBuilder(nodes, { title: "t" });
  b.add("guidegraph/load-image", { file: "old.png" });
  opened(editor, "one", b.document());
  const loaded = () => editor.graph.nodes.map(({ properties }) => properties.file);
  return { editor, sent, loaded };
}

test("pictures that are dropped together are one batch: of the node under them, or of a new one", async () => {
  const { editor, sent, loaded } = stage();
  const files = [picture("1.png"), picture("2.png")];
  await bring(editor, files, { node: editor.graph.nodes[0].id, folder: "Shapes" });
  expect(sent).toEqual(["shapes-2/1.png", "shapes-2/2.png"]);
  expect(loaded()).toEqual(["shapes-2/"]);
  await bring(editor, files, { at: [0, 0] });
  expect(loaded()).toEqual(["shapes-2/", "pictures/"]);
  expect(editor.state.notice?.text).toBe("2 pictures are one batch, pictures/");
});

test("a batch is nobody else's: neither of another window nor of another drop that is under way", async () => {
  const { editor, sent, loaded } = stage();
  const files = [picture("1.png"), picture("2.png")];
  await Promise.all([
    bring(editor, files, { at: [0, 0], folder: "theirs" }),
    bring(editor, files, { at: [400, 0], folder: "theirs" }),
  ]);
  expect(sent.toSorted()).toEqual(["theirs-2/1.png", "theirs-2/2.png", "theirs-3/1.png", "theirs-3/2.png"]);
  expect(loaded().toSorted()).toEqual(["old.png", "theirs-2/", "theirs-3/"]);
});

test.each([
  ["写真", "写真"],
  ["Фото 2024", "фото-2024"],
  ["Café", "café"],
  ["…", "pictures"],
])("the batch of a folder “%s” is %s", async (folder, batch) => {
  const { editor, sent } = stage();
  await bring(editor, [picture("1.png"), picture("2.png")], { at: [0, 0], folder });
  expect(sent).toEqual([`${batch}/1.png`, `${batch}/2.png`]);
});

test("a batch is loaded where it was dropped, wherever one looks when it is copied", async () => {
  const { editor, loaded } = stage();
  const [here] = editor.state.tabs;
  const other = documentBuilder(nodes, { title: "other" });
  const bringing = bring(editor, [picture("1.png"), picture("2.png")], { at: [0, 0] });
  opened(editor, "other", other.document());
  await bringing;
  expect(loaded()).toEqual([]);
  editor.show(here.key);
  expect(loaded()).toEqual(["old.png", "pictures/"]);
  const late = bring(editor, [picture("1.png"), picture("2.png")], { at: [0, 0] });
  editor.close(here.key);
  await late;
  expect(editor.state.notice?.text).toBe("pictures-2/ is on the server");
});

test("what was copied is loaded also where the server then lists nothing", async () => {
  const { editor, loaded } = stage();
  Object.assign(editor.api, { images: async () => Promise.reject(refusal(503, "The server is stopping")) });
  await bring(editor, [picture("1.png"), picture("2.png"), picture("bad.png")], { at: [0, 0] });
  await bring(editor, [picture("3.png")], { at: [0, 0] });
  expect(loaded()).toEqual(["old.png", "pictures/", "3.png"]);
  expect(editor.state.images.map(({ id }) => id)).toEqual(expect.arrayContaining(["shapes/", "pictures/", "3.png"]));
});

test("what is not taken is told beside what is, which offers what it offered", async () => {
  const { editor } = stage();
  Object.assign(editor.api, {
    bringModel: async () => ({ model: { id: "unet.pt", role: "unet" } }),
    models: async () => [],
  });
  await bring(editor, [new File(["PK"], "unet.pt"), new File(["GIF89a"], "a.gif")]);
  expect(editor.state.notice).toMatchObject({
    text: "unet.pt is among the models",
    more: expect.stringMatching(/^“a.gif” is not opened:\nIt is a picture \(GIF\)/),
    action: { label: "Sample with it" },
  });
  await bring(editor, [picture("1.png"), picture("bad.png"), picture("2.png")], { at: [0, 0] });
  expect(editor.state.notice).toMatchObject({
    text: "2 pictures are one batch, pictures/",
    more: expect.stringMatching(/“bad.png” is not opened:\nIt ends too early$/),
  });
});

test("a model on the start page has a next step, and what was assumed of it is said", async () => {
  const { editor } = stage();
  const unet = (id: string, side: number) => ({ id, role: "unet", facts: { height: side, width: side, channels: 3 } });
  const classifier = { id: "c.onnx", role: "classifier", facts: { height: 64, width: 64, channels: 3 } };
  const models = [unet("32.pt", 32), unet("64.pt", 64), classifier] as never[];
  const commands: string[] = [];
  Object.assign(editor.api, {
    bringModel: async () => ({ model: classifier }),
    models: async () => models,
    command: async (command: string) => {
      commands.push(command);
      throw new Error("enough");
    },
  });
  for (const { key } of editor.state.tabs) editor.close(key);
  await bring(editor, [new File(["PK"], "c.onnx")]);
  expect(editor.state.notice?.action?.label).toBe("Guide with it");
  editor.state.notice?.action?.run();
  expect(commands).toEqual([expect.stringContaining('--model_path "64.pt" --classifier_path "c.onnx"')]);
  // Beside a graph it is loaded into that, or guides one of its own.
  opened(editor, "mine", documentBuilder(nodes, { title: "t" }).document());
  await bring(editor, [new File(["PK"], "c.onnx")]);
  expect(editor.state.notice?.action?.label).toBe("Load it as a classifier");
  expect(editor.state.notice?.other?.label).toBe("Guide with it");
  editor.state.notice?.other?.run();
  expect(commands.length).toBe(2);
  const assumed = (facts: object) => assumedOf({ id: "u", role: "unet", architecture: "ONNX", facts } as never);
  expect(assumed({})).toBe(
    "Its file says nothing of it, so assumed: a linear noise schedule, 1000 steps, a prediction of ε",
  );
  expect(assumed({ predicts: "x0", process: { noise_schedule: "cosine", diffusion_steps: 500 } })).toBeUndefined();
});

test("of pictures only the heads are read, but of such as may carry a graph", async () => {
  const { editor } = stage();
  const jpeg = new File([new Uint8Array([0xff, 0xd8, 0xff, 0])], "1.jpg");
  Object.assign(jpeg, { arrayBuffer: () => Promise.reject(new Error("It was read whole")) });
  await bring(editor, [jpeg, picture("2.png")], { at: [0, 0] });
  expect(editor.state.notice?.text).toBe("2 pictures are one batch, pictures/");
});

test("one alone, one that carries a graph, and one that the server does not take are in no batch", async () => {
  const { editor, sent, loaded } = stage();
  await bring(editor, [picture("1.png"), drawn], { at: [0, 0] });
  expect(sent).toEqual(["1.png"]);
  expect(editor.state.tabs.map(({ name }) => name)).toEqual(["one", "drawn"]);
  editor.show(editor.state.tabs[0].key);
  await bring(editor, [picture("1.png"), picture("bad.png")], { at: [0, 0] });
  expect(loaded()).toEqual(["old.png", "1.png", "pictures/1.png"]);
  expect(editor.state.notice).toMatchObject({ text: "“bad.png” is not opened", more: "It ends too early" });
});

test.each([
  ["says of it already", { here: ["--num_heads 4"] }, "--num_heads 4"],
  ["says here, whatever another document says", { here: ["--num_heads 4"], other: ["--num_heads 8"] }, "--num_heads 4"],
  ["says in another document", { other: ["--num_heads 8"] }, "--num_heads 8"],
  ["and another, which disagrees, say nothing of", { here: ["--num_heads 4", "--num_heads 8"] }, ""],
  ["says of one that the server has", { here: ["--num_heads 4"], has: "theirs.pt" }, ""],
])("a model that a node waits for is asked about with what that %s", async (_, said, flags) => {
  const { here = [], other = [], has } = said as { here?: string[]; other?: string[]; has?: string };
  const { editor } = stage();
  editor.apply(put({ models: has === undefined ? [] : [{ id: has } as ModelSummary] }));
  for (const all of [other, here]) {
    const b = documentBuilder(nodes, { title: "t" });
    for (const flags of all) b.add("guidegraph/load-unet", { file: "theirs.pt", flags });
    opened(editor, "two", b.document());
  }
  const form: ModelForm = { role: "unet", tells: [], asks: [], presets: [], flags: "", notes: [] };
  const asked: unknown[] = [];
  Object.assign(editor.api, {
    bringModel: async () => ({ waits: "w", form }),
    askModel: async (waits: string, given: { flags: string }) => {
      asked.push([waits, given]);
      return { ...form, ...given };
    },
  });
  void bring(editor, [new File(["PK"], "theirs.pt")]);
  await expect.poll(() => editor.state.overlay).toMatchObject({ is: "modelForm", form: { flags } });
  expect(asked).toEqual(flags === "" ? [] : [["w", { flags }]]);
});

test("all files that are not taken are told in one notice, the first of them in full", async () => {
  const { editor } = stage();
  const gifs = ["a", "b", "c", "d", "e", "f"].map((name) => new File(["GIF89a"], `${name}.gif`));
  await bring(editor, gifs);
  expect(editor.state.notice?.text).toBe("6 files are not opened");
  expect(editor.state.notice?.more?.split("\n")).toEqual([
    expect.stringMatching(/^“a.gif”: It is a picture \(GIF\)/),
    ...["b", "c", "d"].map((name) => expect.stringContaining(`“${name}.gif”`)),
    "… and 2 more",
  ]);
});
