/**
 * `npm run screenshots` draws docs/images from the running editor: start page, graph, running, history, open loop, failed,
 * and the host page of the plugin (`-- litegraph`: that alone).
 * `-- examples` samples those examples alone that have no picture for their card yet (`-- examples all`: every one). Takes
 * minutes: it samples in full.
 */
import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import type { Page } from "playwright-core";
import { setParameter } from "../../graphs/document/index.ts";
import { nodes } from "../../nodes/index.ts";
import { packageRoot } from "../../server/files/package-root.ts";
import { shootHostPage } from "./host-page/screenshot.ts";
import { openStage, type Stage } from "./support/browser.ts";
import { example, linkTo } from "./support/graphs.ts";
import { click, open, press, ran, run, settled, statusOf, surveyed, wire } from "./support/hands.ts";
import { shootWebp } from "./support/webp.ts";

/** A run in full takes half a minute on two free cores. */
const patience = 600_000;
const images = join(packageRoot, "docs", "images");
const cards = join(packageRoot, "client", "public", "examples");

async function shoot(page: Page, name: string): Promise<void> {
  await page.mouse.move(700, 20);
  await page.waitForTimeout(400);
  await shootWebp(page, join(images, `${name}.webp`));
  console.log(`docs/images/${name}.webp`);
}

const themed = async (stage: Stage, theme: "dark" | "light", path?: string): Promise<Page> => {
  const context = await stage.browser.newContext({ viewport: { width: 1440, height: 900 }, deviceScaleFactor: 1.5 });
  await context.addInitScript((theme) => localStorage.setItem("guidegraph.theme", theme), theme);
  return stage.visit(path, context);
};

/** Types a value into a parameter of the inspector. */
async function turn(page: Page, title: string, name: string, value: string): Promise<void> {
  await click(page, title);
  await page.locator(".inspector").getByRole("textbox", { name, exact: true }).fill(value);
  await press(page, "Enter");
  await press(page, "Escape");
}

async function sampling(stage: Stage): Promise<void> {
  const page = await themed(stage, "dark");
  await page.getByRole("tab", { name: "Start" }).click();
  await page.waitForTimeout(1500);
  await shoot(page, "start");
  await page.getByRole("tab", { name: "guided-ddim" }).click();
  await surveyed(page);
  await turn(page, "Build cond_fn", "scale", "0");
  await run(page);
  await ran(page, patience);
  await turn(page, "Build cond_fn", "scale", "22");
  await run(page);
  await page.waitForFunction(
    () => {
      const { runs, tab } = (
        window as never as {
          guidegraph: { runs: { byId: Map<string, { steps: Map<string, { taken: number }> }> }; tab: { run: string } };
        }
      ).guidegraph;
      return [...(runs.byId.get(tab.run)?.steps.values() ?? [])].some(({ taken }) => taken > 9);
    },
    undefined,
    { timeout: patience },
  );
  await click(page, "Guided DDIM");
  await shoot(page, "running");
  await ran(page, patience);
  await click(page, "Build cond_fn");
  await shoot(page, "graph");
  await turn(page, "Noise", "seed", "7");
  await run(page);
  await ran(page, patience);
  await page.locator(".film").focus();
  await press(page, "Shift+ArrowLeft");
  await shoot(page, "history");
  await page.locator(".film").press("End");
  await open(page, "Guided DDIM");
  await page.keyboard.press("j");
  await settled(page);
  await wire(page, ["Guidance Gradient", "gradient"], ["Condition Score", "prediction"], false);
  await page.waitForTimeout(300);
  await shootWebp(page, join(images, "loop.webp"));
  await page.mouse.up();
  await page.context().close();
}

async function failing(stage: Stage): Promise<void> {
  const document = setParameter(example("guided-ddim"), "Load Classifier.file", "my_classifier.pt", nodes);
  const page = await themed(stage, "light", linkTo(document));
  await run(page);
  await page.locator(".problems .problem").click({ timeout: 20_000 });
  await page.locator(".notice").getByRole("button", { name: "Close" }).click();
  await page.getByRole("button", { name: "Fit" }).click();
  console.log(await statusOf(page, "Load Classifier"));
  await shoot(page, "failed");
  await page.context().close();
}

function sampleExamples(): void {
  mkdirSync(cards, { recursive: true });
  const isAll = process.argv.includes("all");
  for (const file of readdirSync(join(packageRoot, "graphs")).filter((name) => name.endsWith(".json"))) {
    if (!isAll && existsSync(join(cards, `${basename(file, ".json")}.png`))) continue;
    const out = mkdtempSync(join(tmpdir(), "guidegraph-example-"));
    const command = [
      join(packageRoot, "server", "guidegraph.mjs"),
      "run",
      join(packageRoot, "graphs", file),
      "--out",
      out,
    ];
    execFileSync(process.execPath, command, { stdio: ["ignore", "ignore", "inherit"] });
    const sheets = readdirSync(out).filter((name) => name.endsWith(".png"));
    const name = basename(file, ".json");
    copyFileSync(join(out, sheets.find((sheet) => sheet.startsWith(name)) ?? sheets[0]), join(cards, `${name}.png`));
    console.log(`client/public/examples/${name}.png`);
  }
}

mkdirSync(images, { recursive: true });
if (process.argv.includes("examples")) sampleExamples();
else {
  await shootHostPage(join(images, "litegraph.webp"));
  if (!process.argv.includes("litegraph")) await shootEditor();
}

async function shootEditor(): Promise<void> {
  const stage = await openStage();
  try {
    await failing(stage);
    await sampling(stage);
  } finally {
    await stage.close();
  }
}
