/** What a person sees when a run fails, and when a graph arrives whose files are not here. */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type GraphDocument, setParameter, writeDocument } from "../../graphs/document/index.ts";
import { nodes } from "../../nodes/index.ts";
import { encodePng, graphKeyword, textChunk, withText } from "../../runtime/codecs/index.ts";
import { onnxFile } from "../support/bad-input.ts";
import { openStage, type Stage } from "./support/browser.ts";
import { linkTo, small } from "./support/graphs.ts";
import { click, dropFile, headOf, nodeId, press, ran, run, settled, statusOf, surveyed } from "./support/hands.ts";

let stage: Stage;
beforeAll(async () => {
  const models = mkdtempSync(join(tmpdir(), "guidegraph-models-"));
  // Sound until t falls below 400: then its logits are the logarithm of a negative number.
  await onnxFile(join(models, "log.onnx"), "classifier", (op, x, t) => {
    const weights = op.float(new Array(30).fill(0.1), [3, 10]);
    const logits = op.MatMul(op.ReduceMean(x, op.int64([2, 3]), { keepdims: 0 }), weights);
    return op.Add(logits, op.Log(op.Sub(op.Reshape(t, op.int64([-1, 1])), 400)));
  });
  stage = await openStage(["--models", models]);
});
afterAll(() => stage?.close());

const withClassifier = (file: string, sha256 = ""): GraphDocument => {
  const named = setParameter(small("guided-ddim", "ddim4"), "Load Classifier.file", file, nodes);
  return setParameter(named, "Load Classifier.sha256", sha256, nodes);
};

describe("a graph that plans well and fails while it runs", () => {
  test("frames its node red with the message below it, keeps what the others did, and runs when it is repaired", async () => {
    const page = await stage.visit(linkTo(withClassifier("log.onnx")));
    await surveyed(page);
    expect(await page.locator(".run").textContent()).toMatch(/^\s*Run/);
    await run(page);
    expect((await ran(page)).state).toBe("failed");
    await page.locator('.run-entry[data-state="failed"]').waitFor();
    expect(await page.locator(".run-entry .state").textContent()).toMatch(/^failed/);

    // From outside: the sampler is framed and says why; what ran before it stays done, the picture of its last step stays.
    const message = /gradient of Classifier "log.onnx" at step 3 of 4 \(t 250\) holds 3072 NaN of 3072 values/;
    expect(await statusOf(page, "Guided DDIM")).toMatchObject({
      state: "failed",
      message: expect.stringMatching(message),
    });
    expect(await page.locator(".failure-note").allInnerTexts()).toEqual([expect.stringMatching(message)]);
    for (const title of ["Load Classifier", "Noise", "Diffusion Schedule"])
      expect((await statusOf(page, title)).state).toMatch(/done|cached/);
    expect((await statusOf(page, "Decode Image")).state).toBe("idle");
    expect(await pictureOf(page, "Guided DDIM")).toEqual([32, 32]);

    // The node itself lies two levels further in: the notice leads there, and it stands in the middle.
    const notice = page.locator(".notice", { hasText: "Guidance Gradient failed" });
    await notice.getByRole("button", { name: "Go to the node" }).click();
    await settled(page);
    expect(await page.locator(".crumbs b").textContent()).toBe("Sampling Loop");
    expect((await statusOf(page, "Guidance Gradient")).state).toBe("failed");
    await isCentred(page, "Guidance Gradient");
    expect(await page.locator(".failure-note").allInnerTexts()).toEqual([expect.stringMatching(message)]);
    expect(await page.locator(".inspector .failed").textContent()).toMatch(message);

    // The panel of the document leads there too.
    await page.locator(".crumbs button").first().click();
    await press(page, "Escape");
    await page.locator(".inspector .failed").getByRole("button", { name: "Go to the node" }).click();
    await settled(page);
    await isCentred(page, "Guidance Gradient");

    // Repaired and run again.
    await page.locator(".crumbs button").first().click();
    await settled(page);
    await click(page, "Load Classifier");
    const file = page.locator(".inspector").getByRole("combobox", { name: "file" });
    await file.selectOption("shapes32_shape_classifier.pt");
    await surveyed(page);
    await run(page);
    expect((await ran(page)).state).toBe("succeeded");
    expect(await page.locator(".failure-note").count()).toBe(0);
    expect((await statusOf(page, "Guided DDIM")).state).toBe("done");
    expect(await page.locator(".run-entry").count()).toBe(2);
    await page.context().close();
  });
});

describe("a received graph whose model is missing says which file and hash it wants", () => {
  const sha256 = "5f".repeat(32);
  const document = withClassifier("other people's.onnx", sha256);
  const file = JSON.stringify(writeDocument(document));
  const picture = encodePng({ dims: [1, 8, 8, 3], data: new Uint8Array(192).fill(90) });

  test.each([
    ["a JSON", "received.json", new TextEncoder().encode(file)],
    ["a PNG that carries it", "received.png", Buffer.concat(withText(picture, textChunk(graphKeyword, file)))],
  ])("dropped as %s", async (_, name, bytes) => {
    const page = await stage.visit();
    await dropFile(page, name, bytes);
    await page.getByRole("tab", { name: "received" }).waitFor();
    const notice = page.locator(".notice", { hasText: "This graph wants a file that is not here" });
    await notice.waitFor();
    expect(await notice.textContent()).toContain(`“other people's.onnx” with the SHA-256 ${sha256}`);
    await surveyed(page);
    expect(await page.locator(".run").textContent()).toContain("1 problem");
    await notice.getByRole("button", { name: "Go to the node" }).click();
    await settled(page);
    await isCentred(page, "Load Classifier");
    expect(await page.locator(".inspector .problem").textContent()).toContain(
      `Model "other people's.onnx" (sha256 ${sha256}) is in no models folder`,
    );
    await page.context().close();
  });

  test("or that the file of this name is another", async () => {
    const page = await stage.visit(linkTo(withClassifier("log.onnx", sha256)));
    await page.locator(".notice", { hasText: `“log.onnx” with the SHA-256 ${sha256}` }).waitFor();
    await surveyed(page);
    await page.locator(".run").click();
    expect(await page.locator(".problems .problem").textContent()).toMatch(
      /Load Classifier sha256Model "log.onnx" differs .* its sha256 is [0-9a-f]{64}, expected 5f5f/,
    );
    await page.context().close();
  });
});

/** Width and height of the picture on a card. */
const pictureOf = async (page: Page, title: string): Promise<[number, number] | undefined> => {
  const id = await nodeId(page, title);
  return page.evaluate((id) => {
    // biome-ignore lint/suspicious/noExplicitAny: the editor's state in the page.
    const { picture } = (window as any).guidegraph.canvas.live(id);
    return picture && [picture.width, picture.height];
  }, id);
};

async function isCentred(page: Page, title: string): Promise<void> {
  const box = (await page.locator("#canvas").boundingBox()) as { x: number; width: number };
  const [x] = await headOf(page, title);
  expect(Math.abs(x - (box.x + box.width / 2))).toBeLessThan(120);
}
