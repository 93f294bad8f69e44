/**
 * `npm run journeys` walks what people come for, counts what their hands do, and writes docs/journeys.md. An action is a click, a
 * drag, a key chord, a field that is typed into, or a drop. Files are made before, and what is waited for costs nothing.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Locator, Page } from "playwright-core";
import { setParameter } from "../../graphs/document/index.ts";
import { nodes } from "../../nodes/index.ts";
import { bundledModels, packageRoot } from "../../server/files/package-root.ts";
import type { RunSummary } from "../../server/protocol.ts";
import { markdownTable } from "../support/markdown-table.ts";
import { openStage, type Stage } from "./support/browser.ts";
import { example, linkTo } from "./support/graphs.ts";
import { begun, click, drag, dropFiles, freeSpot, ran, settled, slotOf, surveyed } from "./support/hands.ts";
import type { OpenEditor } from "./support/open-editor.ts";

/** A run takes seconds; a machine that does other things takes its time. */
const patience = 300_000;

/** A hand that counts. */
class Hand {
  readonly did: string[] = [];

  constructor(readonly page: Page) {}

  async click(what: string, at: Locator): Promise<void> {
    this.did.push(`click ${what}`);
    await at.click();
    await settled(this.page);
  }
  async doubleClick(what: string, at: readonly [number, number]): Promise<void> {
    this.did.push(`double-click ${what}`);
    await this.page.mouse.dblclick(...at);
    await settled(this.page);
  }
  async key(chord: string): Promise<void> {
    this.did.push(chord.replaceAll("Control", "Ctrl"));
    await this.page.keyboard.press(chord);
    await surveyed(this.page);
  }
  async type(text: string): Promise<void> {
    this.did.push(`type “${text}”`);
    await this.page.keyboard.type(text);
    await settled(this.page);
  }
  async drop(what: string, files: Parameters<typeof dropFiles>[1], at: readonly [number, number]): Promise<void> {
    this.did.push(`drop ${what}`);
    await dropFiles(this.page, files, [...at]);
  }
  /** Pulls a wire to another slot, or into empty space. */
  async pull(
    [node, slot]: readonly [string, string],
    side: "input" | "output",
    to?: readonly [string, string],
  ): Promise<void> {
    const from = await slotOf(this.page, node, side, slot);
    const end = to
      ? await slotOf(this.page, to[0], side === "output" ? "input" : "output", to[1])
      : await freeSpot(this.page);
    this.did.push(to ? `drag ${slot} to ${to[0]}` : `drag ${slot} of ${node} into empty space`);
    await drag(this.page, from, end);
  }
  /** A parameter of the selected node; what is typed is taken when the field is left. */
  async fill(name: string, value: string): Promise<void> {
    await this.click(name, this.page.locator(".inspector").getByLabel(name, { exact: true }));
    const field = this.page.locator(":focus");
    if ((await field.inputValue()) !== "") await this.key("Control+a");
    await this.type(value);
  }
}

interface Journey {
  readonly title: string;
  readonly goal?: number;
  /** Where it begins. */
  readonly from: string;
  readonly walk: (hand: Hand, stage: Stage) => Promise<void>;
  readonly path?: string;
}

const own = new Uint8Array(readFileSync(join(bundledModels, "shapes32_diffusion.pt")));
const few = setParameter(example("guided-ddim"), "Diffusion Schedule.timestep_respacing", "ddim5", nodes);
const first = (page: Page) => page.locator(".run-entry").first();

async function succeeded(page: Page): Promise<void> {
  const { state } = await ran(page, patience);
  if (state !== "succeeded") throw new Error(`The run ${state}`);
}

const journeys: readonly Journey[] = [
  {
    title: "A checkpoint of one's own, without a card, to its first picture",
    from: "the editor as it opens",
    async walk(hand) {
      const { page } = hand;
      await hand.drop("mine.pt on the canvas", [["mine.pt", own]], await freeSpot(page));
      await page.locator(".model-form").waitFor();
      await hand.click("the field for a command", page.getByLabel("A command"));
      const command =
        "python image_train.py --image_size 32 --num_heads 4 --predict_xstart True --noise_schedule cosine";
      hand.did.push("paste the command it was trained with");
      await page.getByLabel("A command").fill(command);
      await page.getByLabel("A command").blur();
      await page.waitForFunction(
        () => (document.querySelector('[aria-label="num_heads"]') as HTMLInputElement).value === "4",
      );
      await hand.click("Add the model", page.getByRole("button", { name: "Add the model" }));
      await hand.click("Sample with it", page.getByRole("button", { name: "Sample with it" }));
      await page.waitForFunction(() =>
        document.querySelector(".tab[data-active=true]")?.textContent?.includes("image-sample"),
      );
      await surveyed(page);
      await hand.key("Control+Enter");
      await succeeded(page);
    },
  },
  {
    title: "A guided DDPM from an empty graph",
    goal: 30,
    from: "the editor as it opens",
    async walk(hand) {
      const { page } = hand;
      await hand.click("New document", page.getByRole("button", { name: "New document" }));
      await hand.doubleClick("the canvas", [700, 420]);
      await hand.type("guided ddpm");
      await hand.key("Enter");
      const sampler = "Guided DDPM";
      await page.waitForFunction(() => document.querySelector(".inspector input.title") !== null);
      await surveyed(page);
      const add = async (slot: readonly [string, string], side: "input" | "output") => {
        await hand.pull(slot, side);
        await hand.key("Enter");
      };
      await add([sampler, "model"], "input");
      await add([sampler, "schedule"], "input");
      await hand.pull(["Load UNet", "model"], "output", ["Diffusion Schedule", "model"]);
      await hand.fill("timestep_respacing", "25");
      await add([sampler, "cond_fn"], "input");
      await add(["Build cond_fn", "classifier"], "input");
      await add(["Build cond_fn", "labels"], "input");
      await hand.fill("classes", "star");
      await add([sampler, "x"], "input");
      await hand.pull(["Gaussian Noise", "noise"], "output", [sampler, "noise"]);
      await hand.pull(["Load UNet", "model"], "output", ["Gaussian Noise", "model"]);
      await hand.pull([sampler, "x"], "output");
      await hand.type("decode");
      await hand.key("Enter");
      await add(["Decode Image", "image"], "output");
      await hand.key("Control+Enter");
      await succeeded(page);
      // What was typed was taken, though nobody pressed Enter.
      const [steps] = await page
        .locator(".run-entry")
        .first()
        .evaluateAll(() => {
          const { runs, tab } = (window as unknown as { guidegraph: OpenEditor }).guidegraph;
          return [...(runs.byId.get(tab.run ?? "")?.steps.values() ?? [])].map(({ of }) => of);
        });
      if (steps !== 25) throw new Error(`It took ${steps} steps, not 25`);
    },
  },
  {
    title: "Another class, and its NPZ taken home",
    from: "an example",
    path: linkTo(few),
    async walk(hand) {
      const { page } = hand;
      hand.did.push("click Wanted shape");
      await click(page, "Wanted shape");
      await hand.fill("classes", "heart");
      await hand.key("Control+Enter");
      await succeeded(page);
      hand.did.push("right-click the run");
      await first(page).click({ button: "right" });
      const saved = page.waitForEvent("download");
      await hand.click("Save the NPZ", page.getByRole("menuitem", { name: /^Save .*\.npz$/ }));
      await saved;
    },
  },
  {
    title: "A picture that somebody shared, run elsewhere",
    from: "the editor as it opens in another browser",
    async walk(hand, { url }) {
      const { page } = hand;
      const [{ id, outputs }] = (await (await fetch(`${url}/api/runs`)).json()) as RunSummary[];
      const { name } = outputs.find(({ mime }) => mime === "image/png") as RunSummary["outputs"][number];
      const png = new Uint8Array(await (await fetch(`${url}/api/runs/${id}/outputs/${name}`)).arrayBuffer());
      await hand.drop("the picture on the canvas", [["shared.png", png]], await freeSpot(page));
      await page.waitForFunction(() =>
        document.querySelector(".tab[data-active=true]")?.textContent?.includes("shared"),
      );
      await surveyed(page);
      await hand.key("Control+Enter");
      await succeeded(page);
    },
  },
];

function page(told: readonly { readonly journey: Journey; readonly did: readonly string[] }[]): string {
  const rows = told.map(({ journey: { title, from, goal }, did }) => [
    title,
    from,
    `${did.length}${goal === undefined ? "" : ` (goal: ${goal})`}`,
  ]);
  const walks = told.map(
    ({ journey: { title }, did }) => `## ${title}\n\n${did.map((one, i) => `${i + 1}. ${one}`).join("\n")}\n`,
  );
  return `# Journeys

What people come for, walked in a browser against a real server by \`npm run journeys\`, which counts and writes this page. An
action is a click, a drag, a key chord, a field that is typed into, or a drop; what is waited for costs nothing.

${markdownTable(["journey", "from", "actions"], rows)}

${walks.join("\n")}`;
}

async function walkAll(): Promise<void> {
  const stage = await openStage();
  const told: { journey: Journey; did: readonly string[] }[] = [];
  const only = process.argv[2];
  try {
    for (const journey of journeys) {
      if (only !== undefined && !journey.title.includes(only)) continue;
      const page = await stage.visit(journey.path);
      await begun(page);
      await surveyed(page);
      const hand = new Hand(page);
      await journey.walk(hand, stage).catch(async (error) => {
        await page.screenshot({ path: join(tmpdir(), "guidegraph-journey.png") });
        console.error(hand.did.join("\n"));
        throw error;
      });
      console.log(`${journey.title}: ${hand.did.length}`);
      if (journey.goal !== undefined && hand.did.length > journey.goal)
        throw new Error(`${journey.title} takes ${hand.did.length} actions, more than ${journey.goal}`);
      told.push({ journey, did: hand.did });
      await page.context().close();
    }
  } finally {
    await stage.close();
  }
  if (only === undefined) writeFileSync(join(packageRoot, "docs", "journeys.md"), page(told));
}

await walkAll();
