/** What may not be meant, and what passes in a loop: told where one is, not where one happens to look. In one page. */
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { documentBuilder } from "../../graphs/document/index.ts";
import { nodes } from "../../nodes/index.ts";
import { openStage, type Stage } from "./support/browser.ts";
import { linkTo, small } from "./support/graphs.ts";
import { begun, settled } from "./support/hands.ts";

// biome-ignore lint/suspicious/noExplicitAny: the editor's state in the page, which is not typed here.
type Editor = any;

let stage: Stage;
let page: Page;
beforeAll(async () => {
  stage = await openStage();
  page = await stage.visit();
});
afterAll(() => stage?.close());

const ask = <T>(what: (editor: Editor, given: never) => T, given?: unknown): Promise<T> =>
  page.evaluate(`(${what})(guidegraph, ${JSON.stringify(given ?? null)})`) as Promise<T>;

test("a note is on its node's card and in the inspector, whatever is selected", async () => {
  const b = documentBuilder(nodes, { title: "unread" });
  const image = b.add("guidegraph/box-mask").out("image");
  const mask = b.add("guidegraph/encode-image", { image }).out("x0");
  const tensor = b.add("guidegraph/formula", { a: mask, b: mask, formula: "a" }).out("tensor");
  b.add("guidegraph/save-tensor", { tensor });
  const document = b.document();
  await page.goto(`${stage.url}/?unread${linkTo(document).slice(1)}`);
  await begun(page);
  await settled(page);
  const formula = document.nodes.find(({ type }) => type === "guidegraph/formula")?.id;
  await expect.poll(() => ask(({ canvas }, id) => canvas.live(id).doubt, formula)).toMatch(/does not read it/);
  for (const selected of [[], [formula], [document.nodes[0].id], document.nodes.map(({ id }) => id)]) {
    await ask((editor, ids) => editor.select(new Set(ids)), selected);
    await page.locator(".inspector .doubts .problem").getByText("does not read it").first().waitFor();
  }
  if (process.env.GUIDEGRAPH_LOOK) await page.screenshot({ path: `${process.env.GUIDEGRAPH_LOOK}/doubts.png` });
});

test("a node in a loop says in its menu that what leaves it can be seen, and does so by the keyboard", async () => {
  await page.goto(`${stage.url}/?loop${linkTo(small("guided-ddim", "ddim2")).slice(1)}`);
  await begun(page);
  await settled(page);
  await ask((editor) => editor.enter(editor.graph.nodes.find(({ inner }: Editor) => inner).id));
  await settled(page);
  const id = await ask((editor) => {
    const { id } = editor.graph.nodes.find(({ outputs, type }: Editor) => !/put$/.test(type) && outputs.length > 0);
    editor.select(new Set([id]));
    editor.canvas.element.focus();
    return id;
  });
  await page.keyboard.press("Shift+F10");
  const item = page.getByRole("menuitem", { name: /^Show what leaves at / }).first();
  await item.waitFor();
  if (process.env.GUIDEGRAPH_LOOK) await page.screenshot({ path: `${process.env.GUIDEGRAPH_LOOK}/menu.png` });
  await item.focus();
  await page.keyboard.press("Enter");
  expect(await ask((editor, id) => editor.watched(id), id)).toEqual(expect.any(String));
});
