/**
 * What it costs that the editor knows facts: script on the page's own thread for an edit and for its survey, and how long
 * the worker beside it takes, among a few nodes and among 500.
 */
import type { CDPSession, Page } from "playwright-core";
import { type GraphDocument, writeDocument } from "../../graphs/document/index.ts";
import { openStage } from "../client/support/browser.ts";
import { example } from "../client/support/graphs.ts";
import { dropFile, surveyed } from "../client/support/hands.ts";
import type { OpenEditor } from "../client/support/open-editor.ts";
import { largeGraph } from "./large-graph.ts";
import { median } from "./statistics.ts";

declare const guidegraph: OpenEditor;

const repeats = 20;

export async function surveys(): Promise<void> {
  const stage = await openStage();
  try {
    console.log("\nEditor: facts and problems after an edit");
    const page = await stage.visit();
    const clock = await page.context().newCDPSession(page);
    await clock.send("Performance.enable", { timeDomain: "threadTicks" });
    for (const [name, document] of [
      ["guided-ddim", example("guided-ddim")],
      ["large", largeGraph()],
    ] as const) {
      await open(page, name, document);
      const [script, wall] = [await edits(page, clock), await looks(page)];
      const count = String(document.nodes.length).padStart(3);
      console.log(
        `  ${count} nodes  script for an edit and its survey ${script.toFixed(1)} ms  known after ${wall.toFixed(1)} ms in the worker`,
      );
    }
  } finally {
    await stage.close();
  }
}

async function open(page: Page, name: string, document: GraphDocument): Promise<void> {
  await dropFile(page, `${name}.json`, Buffer.from(JSON.stringify(writeDocument(document))));
  await page.waitForFunction((count) => guidegraph.graph.nodes.length === count, document.nodes.length);
  await surveyed(page);
}

/** Script of the page's thread until the document is drawn and known again. */
async function edits(page: Page, clock: CDPSession): Promise<number> {
  const taken: number[] = [];
  for (let i = 0; i < repeats; i++) {
    const before = await scriptOf(clock);
    await page.evaluate((i) => {
      const labels = guidegraph.graph.nodes.find(({ type }) => type === "guidegraph/class-labels");
      guidegraph.canvas.host.set(labels?.id ?? 0, "classes", `${i % 10}`);
    }, i);
    await surveyed(page);
    taken.push((await scriptOf(clock)) - before);
  }
  return median(taken);
}

const looks = (page: Page): Promise<number> =>
  page.evaluate(async (repeats) => {
    const taken: number[] = [];
    for (let i = 0; i < repeats; i++) {
      const { surveys } = guidegraph;
      const { known: _, ...tab } = guidegraph.tab;
      const start = performance.now();
      await surveys.known(tab);
      taken.push(performance.now() - start);
    }
    return taken.sort((a, b) => a - b)[Math.floor(repeats / 2)];
  }, repeats);

async function scriptOf(clock: CDPSession): Promise<number> {
  const { metrics } = await clock.send("Performance.getMetrics");
  return 1_000 * (metrics.find(({ name }) => name === "ScriptDuration")?.value ?? Number.NaN);
}
