/** Graphs made by strangers: whatever text is in them is shown as text, and whatever key, the editor goes on. */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { writeDocument } from "../../graphs/document/index.ts";
import { openStage, type Stage } from "./support/browser.ts";
import { linkTo, small } from "./support/graphs.ts";
import { dropFile, headOf, press, ran, run, settled, surveyed } from "./support/hands.ts";
import {
  bytesOf,
  failingDocument,
  failingModel,
  fileName,
  hostile,
  hostileDocument,
  hostileNodes,
  image,
  script,
  svg,
  type Watch,
  watch,
} from "./support/hostile.ts";

// biome-ignore lint/suspicious/noExplicitAny: the editor's state in the page, which is not typed here.
declare const guidegraph: any;

let stage: Stage;
beforeAll(async () => {
  const models = mkdtempSync(join(tmpdir(), "guidegraph-models-"));
  await failingModel(models);
  stage = await openStage(["--models", models, "--nodes", hostileNodes(models)]);
});
afterAll(() => stage?.close());

async function visit(): Promise<{ page: Page; watched: Watch }> {
  const context = await stage.browser.newContext({ viewport: { width: 1600, height: 1000 } });
  const page = await context.newPage();
  const watched = await watch(page);
  await page.goto(stage.url);
  await page.waitForFunction(
    () => (window as unknown as { guidegraph?: { tab?: object } }).guidegraph?.tab !== undefined,
  );
  return { page, watched };
}

/** What a person reads there, values of fields included. */
const read = (page: Page, where: string): Promise<string> =>
  page.evaluate(
    (where) =>
      [...document.querySelectorAll(where)]
        .flatMap((one) => [
          one.textContent,
          ...[...one.querySelectorAll<HTMLInputElement>("input, textarea, select")].map(({ value }) => value),
        ])
        .join("\n"),
    where,
  );

describe("hostile texts", () => {
  test("in a dropped document are shown literally in every panel, menu, dialog and list", async () => {
    const { page, watched } = await visit();
    await dropFile(page, `${image}.json`, bytesOf(hostileDocument()));
    await page.waitForFunction(() => {
      return guidegraph.graph.nodes.some(({ id }: { id: number }) => id === 90);
    });
    await surveyed(page);
    expect(await watched.told()).toEqual([]);

    // The document's own panel, the list of nodes for those who do not see them, and what keeps it from running.
    const panel = await read(page, ".inspector");
    for (const text of [svg, image + script]) expect(panel).toContain(text);
    for (const text of hostile) expect(await read(page, ".mirror")).toContain(text);
    await page.locator(".run").click();
    await page.locator(".problems").waitFor();
    for (const text of hostile) expect(await read(page, ".problems")).toContain(text);
    await press(page, "Escape");
    expect(await read(page, ".notes")).toContain(svg);

    // Every node, with its fields, its help, its wires and its menu; the fields that open over a card.
    for (const id of await page.evaluate((): number[] => guidegraph.graph.nodes.map(({ id }: { id: number }) => id))) {
      await page.evaluate((id) => guidegraph.select(new Set([id])), id);
      await settled(page);
      await page.evaluate(
        (id) => guidegraph.canvas.host.menu({ screen: [300, 300], canvas: [0, 0] }, { on: "node", id }),
        id,
      );
      await page.getByRole("menu").waitFor();
      await press(page, "Escape");
      for (const row of await page.evaluate(
        (id): string[] => guidegraph.canvas.card(id).look.rows.map(({ name }: { name: string }) => name),
        id,
      )) {
        await page.evaluate(({ id, row }) => guidegraph.canvas.host.edit(id, row, [300, 300, 200, 24]), { id, row });
        await settled(page);
        await press(page, "Escape");
      }
    }
    expect(await watched.told()).toEqual([]);
    await page.evaluate(() => guidegraph.select(new Set([90])));
    await settled(page);
    const unknown = await read(page, ".inspector");
    expect(unknown).toContain(`No node of the type ${script} is known here.`);
    expect(unknown).toContain(JSON.stringify(image));

    // Under the pointer, along the breadcrumb, in a group's and a note's field.
    await page.mouse.move(...(await headOf(page, script)));
    await settled(page);
    await page.evaluate(() => guidegraph.canvas.host.renameGroup(0, [300, 300, 200, 24]));
    await settled(page);
    expect(await read(page, ".popup")).toContain(image);
    await press(page, "Escape");
    const subgraph = await page.evaluate(
      (): number => guidegraph.graph.nodes.find(({ inner }: { inner?: object }) => inner).id,
    );
    await page.evaluate((id) => guidegraph.enter(id), subgraph);
    await settled(page);
    expect(await read(page, ".crumbs")).toContain(image);
    expect(await read(page, ".inspector")).toContain(svg);
    await page.locator(".crumbs button").first().click();

    // Palette, panels on the left, shortcuts, queue.
    await page.locator("#canvas").focus();
    await press(page, "Tab");
    await page.keyboard.type("<img");
    await settled(page);
    for (const text of [image, svg]) expect(await read(page, ".palette")).toContain(text);
    await press(page, "Escape");
    for (const panel of ["Nodes (N)", "Sampler library", "Files"]) {
      const button = page.getByRole("button", { name: panel });
      if ((await button.getAttribute("aria-pressed")) !== "true") await button.click();
      await settled(page);
      expect(await watched.told()).toEqual([]);
      if (panel.startsWith("Nodes")) expect(await read(page, ".left")).toContain(image);
      if (panel === "Files") expect(await read(page, ".left")).toContain(fileName);
    }
    await press(page, "?");
    await page.locator(".dialog").waitFor();
    await press(page, "Escape");
    await press(page, "q");
    await settled(page);
    await press(page, "Escape");

    // Kept on the server, it stands on the start page too.
    await page.evaluate(() => guidegraph.edit((graph: object) => ({ ...graph })));
    await expect
      .poll(async () => JSON.stringify(await (await fetch(`${stage.url}/api/graphs`)).json()))
      .toContain(JSON.stringify(svg).slice(1, -1));
    await page.reload();
    await surveyed(page);
    await page.getByRole("tab", { name: "Start", exact: true }).click();
    await page.locator(".start .entry", { hasText: svg }).waitFor();
    expect(await watched.told()).toEqual([]);
    await page.context().close();
  });

  test("of a node that was given with --nodes are help and nothing more", async () => {
    const { page, watched } = await visit();
    await page.evaluate(() => guidegraph.canvas.host.palette({ screen: [300, 300], canvas: [0, 0] }));
    await page.keyboard.type("onerror");
    await settled(page);
    await press(page, "Enter");
    await surveyed(page);
    const panel = await read(page, ".inspector");
    for (const text of [image, script, svg]) expect(panel.replace(/\s+/g, " ")).toContain(text);
    expect(await watched.told()).toEqual([]);
    await page.context().close();
  });

  test("of a run are shown in the strip, on the node, in the notice and in the queue", async () => {
    const { page, watched } = await visit();
    await dropFile(page, "failing.json", bytesOf(failingDocument()));
    await page.getByRole("tab", { name: "failing" }).waitFor();
    await surveyed(page);
    await run(page);
    expect((await ran(page)).state).toBe("failed");
    await page.locator(".notice", { hasText: fileName }).waitFor();
    expect(await read(page, ".run-entry")).toContain(image);
    expect(await read(page, ".failure-note")).toContain(fileName);
    expect(await read(page, ".inspector .failed")).toContain(fileName);
    await page.locator(".notice").getByRole("button", { name: "Go to the node" }).click();
    await settled(page);
    expect(await read(page, ".inspector .failed")).toContain(fileName);
    expect(await watched.told()).toEqual([]);
    await page.context().close();
  });

  test("in files that are refused and in what the server says of them", async () => {
    const { page, watched } = await visit();
    const said = async () => {
      await page.locator(".notice").waitFor();
      const text = await read(page, ".notice");
      await page.locator(".notice").getByRole("button", { name: "Close" }).click();
      await settled(page);
      return text;
    };
    await dropFile(page, `${image}.json`, new TextEncoder().encode(`{"nodes":"${script.replaceAll('"', "'")}"}`));
    expect(await said()).toContain(`“${image}.json” is not opened`);
    await dropFile(page, `${svg.replaceAll("/", "")}.png`, new Uint8Array([1, 2, 3]));
    expect(await said()).toContain("{{7*7}}");
    await dropFile(page, fileName.replace("1", "2"), new Uint8Array([1, 2, 3]));
    await expect.poll(() => read(page, ".notice")).toContain("is not opened");
    expect(await watched.told()).toEqual([]);
    await page.context().close();
  });
});

describe("hostile keys in a dropped file", () => {
  const good = JSON.parse(JSON.stringify(writeDocument(small("guided-ddim", "ddim2"))));
  const withNode = (keys: string) => JSON.stringify(good).replace('"nodes":[{', `"nodes":[{${keys},`);
  const withGraph = (keys: string) => JSON.stringify(good).replace("{", `{${keys},`);

  test.each([
    [
      "methods of litegraph's nodes",
      withNode('"onExecute":"alert(1)","configure":"x","onDrawForeground":{},"flags":null'),
    ],
    ["a prototype", withNode('"__proto__":{"type":"evil","polluted":1},"constructor":{"prototype":{"polluted":1}}')],
    ["fields of the graph", withGraph('"start":"x","_nodes":1,"onNodeAdded":"x","__proto__":{"polluted":1}')],
  ])("%s are left out, and the graph runs", async (_, text) => {
    const { page, watched } = await visit();
    await dropFile(page, "strange.json", new TextEncoder().encode(text));
    await page.getByRole("tab", { name: "strange" }).waitFor();
    await surveyed(page);
    expect(await page.evaluate(() => ({}) as { polluted?: number }).then((one) => one.polluted)).toBeUndefined();
    expect(await page.evaluate(() => "polluted" in {})).toBe(false);
    await run(page);
    expect((await ran(page)).state).toBe("succeeded");
    expect(await watched.told()).toEqual([]);
    await page.context().close();
  });

  test.each([
    ["a mode that is none", JSON.stringify({ ...good, nodes: [{ ...good.nodes[0], mode: "x" }] })],
    ["links that are no list", JSON.stringify({ ...good, links: "x" })],
    ["nodes that are no list", JSON.stringify({ ...good, nodes: { length: 1e9 } })],
  ])("%s are refused with the reason, and the editor goes on", async (_, text) => {
    const { page, watched } = await visit();
    const tabs = await page.locator(".tabs .tab").count();
    await dropFile(page, "broken.json", new TextEncoder().encode(text));
    await page.locator(".notice", { hasText: "“broken.json” is not opened" }).waitFor();
    expect(await page.locator(".tabs .tab").count()).toBe(tabs);
    await page.goto(`${stage.url}${linkTo(small("guided-ddim", "ddim2"))}`);
    await page.reload();
    await surveyed(page);
    await run(page);
    expect((await ran(page)).state).toBe("succeeded");
    expect(await watched.told()).toEqual([]);
    await page.context().close();
  });
});
