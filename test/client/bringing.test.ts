/** Files that a person brings: a model without a card, with one, a picture, an array; dropped where they belong. In one page. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import sharp from "sharp";
import { afterAll, beforeAll, expect, test } from "vitest";
import { setParameter } from "../../graphs/document/index.ts";
import { nodes } from "../../nodes/index.ts";
import { encodePng, textChunk, withText } from "../../runtime/codecs/index.ts";
import { bundledModels } from "../../server/files/package-root.ts";
import { openStage, type Stage } from "./support/browser.ts";
import { linkTo, small } from "./support/graphs.ts";
import { begun, click, dropFiles, freeSpot, headOf, press, ran, run, settled } from "./support/hands.ts";

// biome-ignore lint/suspicious/noExplicitAny: the editor's state in the page, which is not typed here.
type Editor = any;

let stage: Stage;
let page: Page;
let visits = 0;
beforeAll(async () => {
  stage = await openStage();
  page = await stage.visit();
});
afterAll(() => stage?.close());

const ask = <T>(what: (editor: Editor) => T): Promise<T> => page.evaluate(`(${what})(guidegraph)`) as Promise<T>;
const modelBytes = (name: string) => new Uint8Array(readFileSync(join(bundledModels, name)));
const kept = (name: string) => join(stage.data, "models", name);
const notice = { text: () => page.locator(".notice").textContent() };
const fileOf = (type: string) =>
  page.evaluate(
    (type) =>
      (window as unknown as { guidegraph: Editor }).guidegraph.graph.nodes.find((node: Editor) => node.type === type)
        ?.properties.file,
    `guidegraph/${type}`,
  );

/** As numpy.save writes zeros of 1×1×size×size. */
function zeros(size: number): Uint8Array {
  const header = `{'descr': '<f4', 'fortran_order': False, 'shape': (1, 1, ${size}, ${size}), }`.padEnd(117);
  return Uint8Array.from([
    0x93,
    ...Buffer.from("NUMPY"),
    1,
    0,
    118,
    0,
    ...Buffer.from(header),
    10,
    ...new Uint8Array(4 * size * size),
  ]);
}

/** A graph whose UNet is not here. */
async function withoutModel(): Promise<void> {
  const document = setParameter(small("guided-ddim", "ddim2"), "Load UNet.file", "theirs.pt", nodes);
  await page.goto(`${stage.url}/?${visits++}${linkTo(document).slice(1)}`);
  await begun(page);
  await settled(page);
}

test("a checkpoint without a card opens one form, which takes a command and then the node has it", async () => {
  await withoutModel();
  await page.locator(".missing-note").getByText("Drop or choose it").waitFor();
  await dropFiles(page, [["mine.pt", modelBytes("shapes32_diffusion.pt")]], await headOf(page, "Load UNet"));
  const form = page.locator(".model-form");
  await form.waitFor();
  expect(await form.locator("dl").textContent()).toMatch(/UNetModel.*learns σ.*32, 64, 128/s);
  expect(await ask(() => document.activeElement?.getAttribute("aria-label"))).toBe("image_size");
  // Nothing is taken that lacks something, or is of another network.
  await press(page, "Enter");
  await expect.poll(() => form.locator("footer .problem").textContent()).toMatch(/--image_size/);
  const command = form.getByLabel("A command");
  await command.fill("python image_train.py --num_channels 64");
  await press(page, "Tab");
  await expect.poll(() => form.locator("footer .problem").textContent()).toMatch(/its tensors say 32/);
  expect(existsSync(kept("mine.pt"))).toBe(false);
  await command.fill("python image_train.py --image_size 32 --num_heads 4 --predict_xstart True --lr 1e-4");
  await press(page, "Tab");
  await form.getByText("not taken: --lr 1e-4 (no flag of the reference's)").waitFor();
  expect(await form.getByLabel("num_heads", { exact: true }).inputValue()).toBe("4");
  await form.getByLabel("noise_schedule").selectOption("cosine");
  await form.getByLabel("null_label").fill("10");
  await press(page, "Enter");
  await form.waitFor({ state: "detached" });
  await expect.poll(() => fileOf("load-unet")).toBe("mine.pt");
  expect(JSON.parse(readFileSync(kept("mine.json"), "utf8"))).toMatchObject({
    image_size: 32,
    num_heads: 4,
    predict_xstart: true,
    noise_schedule: "cosine",
    null_label: 10,
  });
  expect(await page.locator(".missing-note").count()).toBe(0);
  await run(page);
  expect((await ran(page)).state).toBe("succeeded");
});

test("a form that is closed leaves nothing", async () => {
  await dropFiles(page, [["other.pt", modelBytes("shapes32_weak.pt")]], await freeSpot(page));
  await page.locator(".model-form").waitFor();
  await press(page, "Escape");
  await expect.poll(notice.text).toMatch(/other.pt is not added/);
  expect([existsSync(kept("other.pt")), existsSync(kept("other.json"))]).toEqual([false, false]);
});

test("a model and its card go together, and a UNet is sampled from at once", async () => {
  const card = new Uint8Array(readFileSync(join(bundledModels, "shapes32_diffusion.json")));
  await dropFiles(
    page,
    [
      ["ours.pt", modelBytes("shapes32_diffusion.pt")],
      ["ours.json", card],
    ],
    await freeSpot(page),
  );
  await expect.poll(notice.text).toMatch(/ours.pt is among the models/);
  expect(readFileSync(kept("ours.json"), "utf8")).toBe(Buffer.from(card).toString());
  await page.locator(".notice").getByRole("button", { name: "Sample with it" }).click();
  await page.waitForFunction(
    () => (window as unknown as { guidegraph: Editor }).guidegraph.tab.name === "image-sample",
  );
  expect(await fileOf("load-unet")).toBe("ours.pt");
});

test("“Drop or choose it” takes what is picked by a click, and says what it does not take", async () => {
  await withoutModel();
  await click(page, "Load UNet");
  const here = page.locator(".inspector .drop-here");
  const wrong = page.waitForEvent("filechooser");
  await here.click();
  const photo = await sharp(Buffer.alloc(12 * 12 * 3, 90), { raw: { width: 12, height: 12, channels: 3 } })
    .jpeg()
    .toBuffer();
  await (await wrong).setFiles({ name: "photo.jpg", mimeType: "image/jpeg", buffer: photo });
  await expect.poll(notice.text).toMatch(/Load UNet takes a model, and this is a picture/);
  expect(existsSync(join(stage.data, "images", "photo.jpg"))).toBe(false);
  const right = page.waitForEvent("filechooser");
  await page.locator(".missing-note .drop-here").click();
  await (await right).setFiles({
    name: "ours.pt",
    mimeType: "",
    buffer: Buffer.from(modelBytes("shapes32_diffusion.pt")),
  });
  await expect.poll(() => fileOf("load-unet")).toBe("ours.pt");
});

test("a picture on the empty canvas is loaded by a new node, and one on that node by it; both are one undo step", async () => {
  const picture = (grey: number) =>
    sharp(Buffer.alloc(32 * 32 * 3, grey), { raw: { width: 32, height: 32, channels: 3 } });
  await dropFiles(page, [["photo.jpg", await picture(60).jpeg().toBuffer()]], await freeSpot(page));
  await expect.poll(() => fileOf("load-image")).toBe("photo.jpg");
  await press(page, ".");
  const spot = await headOf(page, "Load Image");
  await dropFiles(page, [["photo.webp", await picture(99).webp().toBuffer()]], spot);
  await expect.poll(() => fileOf("load-image")).toBe("photo.webp");
  // Another picture of a name that is taken does not take its place.
  await dropFiles(page, [["photo.jpg", await picture(200).jpeg().toBuffer()]], spot);
  await expect.poll(() => fileOf("load-image")).toBe("photo-2.jpg");
  await expect.poll(notice.text).toMatch(/There is another file photo.jpg already/);
  await dropFiles(page, [["reference.npz", modelBytes("shapes32_reference.npz")]], spot);
  await expect.poll(() => fileOf("load-image")).toBe("reference.npz");
  for (const before of ["photo-2.jpg", "photo.webp", "photo.jpg", undefined]) {
    await press(page, "Control+z");
    expect(await fileOf("load-image")).toBe(before);
  }
  // An array is loaded as a tensor.
  const npy = zeros(8);
  await dropFiles(page, [["mask.npy", npy]], await freeSpot(page));
  await expect.poll(() => fileOf("load-tensor")).toBe("mask.npy");
  await press(page, ".");
  await dropFiles(page, [["map.npy", zeros(4)]], await headOf(page, "Load Tensor"));
  await expect.poll(() => fileOf("load-tensor")).toBe("map.npy");
  await dropFiles(page, [["photo.webp", await picture(99).webp().toBuffer()]], await headOf(page, "Load Tensor"));
  await expect.poll(notice.text).toMatch(/Load Tensor takes an NPY or NPZ, and this is a picture/);
  // Lists have them without a reload.
  expect(await ask(({ state }) => state.images.map(({ id }: Editor) => id))).toEqual(
    expect.arrayContaining(["photo.jpg", "photo.webp", "photo-2.jpg", "reference.npz"]),
  );
});

test("bad files are refused in a line, and nothing of them stays", async () => {
  for (const [name, content, words] of [
    ["cut.png", Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0]), /cut\.png/],
    ["page.pt", new TextEncoder().encode("<html></html>"), /It is a web page/],
    ["film.gif", new TextEncoder().encode("GIF89a"), /“film.gif” is not opened.*a picture \(GIF\): save it as PNG/],
    ["list.txt", new TextEncoder().encode("eggs, milk"), /list\.txt.*is not opened/],
    ["alone.json", new TextEncoder().encode('{ "num_heads": 4 }'), /dropped together with its model/],
    ["a[1].pt", modelBytes("shapes32_weak.pt"), /letters, digits, spaces/],
  ] as const) {
    await ask((editor) => editor.hush());
    await dropFiles(page, [[name, content]], await freeSpot(page));
    await expect.poll(notice.text).toMatch(words);
    expect([existsSync(kept(name)), existsSync(join(stage.data, "images", name))]).toEqual([false, false]);
  }
});

test("a picture of another program is loaded as one, and what it carries is named", async () => {
  const text = textChunk("prompt", '{"3":{"class_type":"KSampler","inputs":{}}}');
  const png = withText(encodePng({ dims: [1, 2, 2, 3], data: new Uint8Array(12) }), text);
  await dropFiles(page, [["theirs.png", new Uint8Array(Buffer.concat(png))]], await freeSpot(page));
  await expect.poll(notice.text).toMatch(/theirs.png is loaded as a picture.*It was made by ComfyUI/);
});

test("a picture that carries a graph opens it", async () => {
  const name = "picture-of-a-graph.png";
  const png = new Uint8Array(readFileSync(new URL("../../client/public/examples/red-star.png", import.meta.url)));
  await dropFiles(page, [[name, png]], await freeSpot(page));
  await expect.poll(() => ask(({ tab }) => tab.name)).toBe("picture-of-a-graph");
});
