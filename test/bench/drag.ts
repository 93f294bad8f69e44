/**
 * What it costs to drag a node among 500: script, and all that the page's thread does, for each frame in which the
 * pointer moved. Counted in processor time, so that whoever else computes on this machine does not count.
 */
import type { CDPSession, Page } from "playwright-core";
import { writeDocument } from "../../graphs/document/index.ts";
import { openStage } from "../client/support/browser.ts";
import { dropFile, settled } from "../client/support/hands.ts";
import type { OpenEditor } from "../client/support/open-editor.ts";
import { largeGraph } from "./large-graph.ts";
import { median, percentile } from "./statistics.ts";

declare const guidegraph: OpenEditor;

const frames = 60;
const zooms = [
  [1, 8],
  [0.75, 8],
  [0.5, 8],
  [0.3, 16],
  [0.2, 16],
] as const;

export async function drags(): Promise<void> {
  const stage = await openStage();
  try {
    const page = await stage.visit();
    const document = largeGraph();
    await dropFile(page, "large.json", Buffer.from(JSON.stringify(writeDocument(document))));
    await page.waitForFunction((count) => guidegraph.graph.nodes.length === count, document.nodes.length);
    await settled(page);
    const { length: nodes } = document.nodes;
    console.log(
      `\nEditor: dragging a node among ${nodes} with ${document.links.length} wires, processor time of a frame`,
    );
    const clock = await page.context().newCDPSession(page);
    await clock.send("Performance.enable", { timeDomain: "threadTicks" });
    const report = (what: string, taken: readonly Frame[], goal: string) => {
      const script = taken.map((frame) => frame.script);
      const all = taken.map((frame) => frame.task);
      const tail = `95th of 100 ${ms(percentile(script, 0.95))}  with painting ${ms(median(all))}`;
      console.log(`    ${what}  script ${ms(median(script))}  ${goal}  ${tail}`);
    };
    for (const [zoom, goal] of zooms) {
      const inView = await lookAt(page, zoom);
      console.log(`  at ${zoom * 100} %, ${inView} cards in view`);
      report("drag", await moves(page, clock, await cardInTheMiddle(page)), `(≤ ${goal})`);
      await page.keyboard.down("Space");
      report("pan ", await moves(page, clock, await middle(page)), "      ");
      await page.keyboard.up("Space");
    }
  } finally {
    await stage.close();
  }
}

const ms = (value: number): string => `${value.toFixed(1)} ms`;

/** The middle of the graph at a zoom; how many cards are then in sight. */
async function lookAt(page: Page, scale: number): Promise<number> {
  await page.evaluate((scale) => {
    const { canvas } = guidegraph;
    const { clientWidth, clientHeight } = canvas.element;
    canvas.view = { x: clientWidth / 2 / scale - 3_700, y: clientHeight / 2 / scale - 2_950, scale };
  }, scale);
  await settled(page);
  return page.evaluate(() => {
    const { canvas } = guidegraph;
    const [left, top] = canvas.toCanvas([
      canvas.element.getBoundingClientRect().left,
      canvas.element.getBoundingClientRect().top,
    ]);
    const [width, height] = [
      canvas.element.clientWidth / canvas.view.scale,
      canvas.element.clientHeight / canvas.view.scale,
    ];
    return canvas.boxes().filter(([x, y, w, h]) => x + w > left && y + h > top && x < left + width && y < top + height)
      .length;
  });
}

type Point = [x: number, y: number];

interface Frame {
  readonly script: number;
  readonly task: number;
}

const cardInTheMiddle = (page: Page): Promise<Point> =>
  page.evaluate(() => {
    const { canvas } = guidegraph;
    const [cx, cy] = canvas.centre;
    const far = ({ pos }: { readonly pos: ArrayLike<number> }) => Math.hypot(pos[0] + 50 - cx, pos[1] - 14 - cy);
    const card = [...canvas.cards.values()].sort((a, b) => far(a) - far(b))[0];
    return canvas.toScreen([card.pos[0] + 40, card.pos[1] - 14]) as Point;
  });

const middle = (page: Page): Promise<Point> =>
  page.evaluate(() => guidegraph.canvas.toScreen(guidegraph.canvas.centre) as Point);

/** Pulls round in a circle what lies at a point, a move a frame, and puts it back. */
async function moves(page: Page, clock: CDPSession, [x, y]: Point): Promise<Frame[]> {
  await page.mouse.move(x, y);
  await page.mouse.down();
  const taken: Frame[] = [];
  let before = await used(clock);
  for (let i = -5; i < frames; i++) {
    const turn = (i / frames) * 2 * Math.PI;
    await page.mouse.move(x + 60 * Math.cos(turn), y + 60 * Math.sin(turn));
    await settled(page);
    const now = await used(clock);
    if (i >= 0) taken.push({ script: now.script - before.script, task: now.task - before.task });
    before = now;
  }
  await page.keyboard.press("Escape");
  await page.mouse.up();
  await settled(page);
  return taken;
}

async function used(clock: CDPSession): Promise<Frame> {
  const { metrics } = await clock.send("Performance.getMetrics");
  const of = (name: string) => 1_000 * (metrics.find((metric) => metric.name === name)?.value ?? Number.NaN);
  return { script: of("ScriptDuration"), task: of("TaskDuration") };
}
