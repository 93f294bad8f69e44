import { expect, test } from "vitest";
import { bring } from "../../../client/actions/bringing.ts";
import { documentBuilder } from "../../../graphs/document/index.ts";
import { nodes } from "../../../nodes/index.ts";
import { encodePng, graphKeyword, textChunk, withText } from "../../../runtime/codecs/index.ts";
import type { ModelForm } from "../../../server/protocol.ts";
import { editorWith, opened } from "../support/editor.ts";

const png = encodePng({ dims: [1, 2, 2, 3], data: new Uint8Array(12) });
const picture = (name: string) => new File([new Uint8Array(png)], name);
const drawn = new File([Buffer.concat(withText(png, textChunk(graphKeyword, '{"nodes":[],"links":[]}')))], "drawn.png");

/** An editor with one Load Image, and what it sent to the server, which takes no picture called "bad.png". */
function stage() {
  const sent: string[] = [];
  const editor = editorWith({
    state: { images: [{ id: "shapes/a.png" }, { id: "shapes/" }] },
    api: {
      uploadImage: async (_, name, batch = "") => {
        if (name === "bad.png") throw new Error("It ends too early");
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

test("a model that a node waits for is asked about with what the node says of it already", async () => {
  const { editor } = stage();
  const b = documentBuilder(nodes, { title: "t" });
  b.add("guidegraph/load-unet", { file: "theirs.pt", flags: "--num_heads 4" });
  opened(editor, "two", b.document());
  const form: ModelForm = { role: "unet", tells: [], asks: [], presets: [], flags: "", notes: [] };
  const asked: unknown[] = [];
  Object.assign(editor.api, {
    bringModel: async () => ({ waits: "w", form }),
    askModel: async (waits: string, given: object) => {
      asked.push([waits, given]);
      return { ...form, flags: "--num_heads 4" };
    },
  });
  void bring(editor, [new File(["PK"], "theirs.pt")]);
  await expect.poll(() => editor.state.overlay).toMatchObject({ is: "modelForm", form: { flags: "--num_heads 4" } });
  expect(asked).toEqual([["w", { flags: "--num_heads 4" }]]);
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
