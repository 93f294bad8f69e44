/** What the editor knows before a run: facts of wires, wires refused by them, and problems where their cause is. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Editor } from "../../client/actions/editor.ts";
import { readDocument, setParameter } from "../../graphs/document/index.ts";
import { nodes } from "../../nodes/index.ts";
import { openStage, type Stage } from "./support/browser.ts";
import { example, linkTo } from "./support/graphs.ts";
import {
  begun,
  click,
  drag,
  fileText,
  headOf,
  nodeId,
  open,
  press,
  settled,
  slotOf,
  surveyed,
  wire,
} from "./support/hands.ts";

declare const guidegraph: Editor;

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage?.close());

const opened = async (document = example("guided-ddim")) => {
  const page = await stage.visit(linkTo(document));
  await surveyed(page);
  return page;
};
const hint = async (page: Awaited<ReturnType<typeof opened>>, at: [number, number]) => {
  await page.mouse.move(at[0] + 1, at[1]);
  await page.mouse.move(...at);
  await settled(page);
  return (await page.locator(".tip.words").count()) === 0 ? undefined : page.locator(".tip.words").textContent();
};

/** Points between two slots as the wire goes: some of them may lie under a card or another wire. */
async function onWire(page: Awaited<ReturnType<typeof opened>>, from: [string, string], to: [string, string]) {
  const [ax, ay] = await slotOf(page, from[0], "output", from[1]);
  const [bx, by] = await slotOf(page, to[0], "input", to[1]);
  const pull = Math.max(18, Math.min((bx - ax) / 2, 120));
  return [0.3, 0.4, 0.5, 0.6, 0.7].map((t): [number, number] => {
    const [a, b, c, d] = [(1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t ** 2 * (1 - t), t ** 3];
    return [a * ax + b * (ax + pull) + c * (bx - pull) + d * bx, (a + b) * ay + (c + d) * by];
  });
}

describe("facts", () => {
  test("are told of the slot and the wire under the pointer, and listed for the selected node", async () => {
    const page = await opened();
    const noise = await slotOf(page, "Noise", "output", "x_T");
    expect(await hint(page, noise)).toBe("x, 16 × 3 × 32 × 32");
    expect(await hint(page, await slotOf(page, "Noise", "input", "schedule"))).toBe("schedule of 25 steps");
    expect(await hint(page, await slotOf(page, "Guided DDIM", "input", "labels"))).toBe(
      "takes: list of labels, may be left out",
    );
    const along = await onWire(page, ["Noise", "noise"], ["Guided DDIM", "noise"]);
    const told: (string | null | undefined)[] = [];
    for (const point of along) told.push(await hint(page, point));
    expect(told).toContain("noise stream, 16 × 3 × 32 × 32");
    expect(await hint(page, [along[0][0], along[0][1] + 400])).toBeUndefined();
    await click(page, "Noise");
    const wires = (await page.locator(".inspector .wire").allInnerTexts()).join("\n");
    for (const words of [
      "16 labels, at most 9",
      "3 × 32 × 32, or multiples of 4, 11 classes",
      "schedule of 25 steps",
      "x, 16 × 3 × 32 × 32",
    ])
      expect(wires).toContain(words);
    await page.context().close();
  });

  test("follow an edit", async () => {
    const page = await opened();
    await page.evaluate(() => {
      // biome-ignore lint/suspicious/noExplicitAny: the editor's state in the page.
      const { guidegraph } = window as any;
      const wanted = guidegraph.graph.nodes.find((node: { title: string }) => node.title === "Wanted shape");
      wanted && guidegraph.select(new Set([wanted.id]));
    });
    const field = page.locator(".inspector .row", { hasText: "classes" }).locator("input").first();
    await field.fill("3,4");
    await field.press("Enter");
    await surveyed(page);
    expect(await hint(page, await slotOf(page, "Noise", "output", "x_T"))).toBe("x, 2 × 3 × 32 × 32");
    await page.context().close();
  });

  test("of what flows inside the loop are known there", async () => {
    const page = await opened();
    await open(page, "Guided DDIM");
    expect(await hint(page, await slotOf(page, "Mean & Variance", "output", "pred_xstart"))).toBe(
      "x₀, 16 × 3 × 32 × 32",
    );
    expect(await hint(page, await slotOf(page, "Condition Score", "input", "gradient"))).toBe(
      "gradient, 16 × 3 × 32 × 32",
    );
    await page.context().close();
  });
});

describe("a wire whose kinds fit and whose facts do not", () => {
  test("is refused at the cursor in two sentences, and the one that was there stays", async () => {
    const page = await opened();
    await open(page, "Guided DDIM");
    const before = await fileText(page);
    await wire(page, ["Mean & Variance", "eps"], ["Guidance Gradient", "x"], false);
    expect(await page.locator(".tip").textContent()).toBe(
      "A tensor (ε, 16 × 3 × 32 × 32) does not fit “x”. Wire x or a mean or a predicted x₀.",
    );
    await page.mouse.up();
    await surveyed(page);
    expect(await fileText(page)).toBe(before);
    expect(await page.locator(".notice").textContent()).toContain("does not fit “x”.");
    // What fits is wired as ever.
    await wire(page, ["Mean & Variance", "mean"], ["Guidance Gradient", "x"], false);
    expect(await page.locator(".tip").count()).toBe(0);
    await page.mouse.up();
    await surveyed(page);
    expect(await fileText(page)).not.toBe(before);
    await page.context().close();
  });

  test("is refused where it is dropped at once, before the pointer has waited for an answer", async () => {
    const page = await opened();
    await open(page, "Guided DDIM");
    const before = await fileText(page);
    const [from, to] = [
      await slotOf(page, "Mean & Variance", "output", "eps"),
      await slotOf(page, "Guidance Gradient", "input", "x"),
    ];
    await page.mouse.move(...from);
    await page.mouse.down();
    await page.mouse.move(to[0] + 20, to[1] + 20);
    await page.mouse.move(...to);
    await page.mouse.up();
    await page.locator(".notice", { hasText: "does not fit" }).waitFor();
    expect(await fileText(page)).toBe(before);
    await page.context().close();
  });

  test("is taken off a node that it was dropped for, which stays, and one step back takes both", async () => {
    const page = await opened();
    await open(page, "Guided DDIM");
    const before = await fileText(page);
    const from = await slotOf(page, "Mean & Variance", "output", "eps");
    await drag(page, from, [from[0] + 30, from[1] + 120]);
    await page.keyboard.type("guidance gradient");
    await press(page, "Enter");
    await page.locator(".notice", { hasText: "does not fit “x”" }).waitFor();
    const inner = await page.evaluate(() => {
      // biome-ignore lint/suspicious/noExplicitAny: the editor's state in the page.
      const { graph, selection } = (window as any).guidegraph;
      const [id] = selection;
      return graph.links.filter(({ to }: { to: number }) => to === id).length;
    });
    expect(inner).toBe(0);
    await press(page, "Control+z");
    expect(await fileText(page)).toBe(before);
    await page.context().close();
  });

  test("of another size says which is wanted, and where", async () => {
    const sized = setParameter(example("guided-ddim"), "Noise.batch", 2, nodes);
    const page = await opened(sized);
    const from = await slotOf(page, "Load UNet", "output", "model");
    await drag(page, from, [from[0] + 30, 760]);
    await page.keyboard.type("gaussian");
    await press(page, "Enter");
    const id = await page.evaluate(() => {
      // biome-ignore lint/suspicious/noExplicitAny: the editor's state in the page.
      const { guidegraph } = window as any;
      return [...guidegraph.selection][0];
    });
    await surveyed(page);
    const made = readDocument(await fileText(page)).nodes.find((node) => node.id === id);
    expect(made?.type).toBe("guidegraph/gaussian-noise");
    await wire(page, ["Gaussian Noise", "noise"], ["Guided DDIM", "noise"], false);
    expect(await page.locator(".tip").textContent()).toMatch(
      /^A noise stream \(1 × 3 × 32 × 32\) does not fit “noise”\. DDIM Step: .*its batch must be 16; .*noise has 1 by batch of Gaussian Noise \(\d+\)\.$/,
    );
    await page.mouse.up();
    await page.context().close();
  });
});

describe("problems known before a run", () => {
  const broken = () => {
    const document = setParameter(example("guided-ddim"), "Diffusion Schedule.timestep_respacing", "ddim37", nodes);
    return setParameter(document, "Wanted shape.classes", "3,12", nodes);
  };

  test("mark node and field, are counted on Run and listed there, and a click goes to the node", async () => {
    const page = await opened(broken());
    await page.locator(".run", { hasText: "2 problems" }).waitFor();
    const fault = async (title: string) => {
      const id = await nodeId(page, title);
      return page.evaluate((id) => {
        // biome-ignore lint/suspicious/noExplicitAny: the editor's state in the page.
        const { faults, fault } = (window as any).guidegraph.canvas.live(id);
        return [[...faults.keys()], fault];
      }, id);
    };
    expect(await fault("Diffusion Schedule")).toEqual([["timestep_respacing"], expect.stringContaining("ddim37")]);
    expect(await fault("Wanted shape")).toEqual([["classes"], expect.stringContaining("label 12")]);
    expect(await fault("Build cond_fn")).toEqual([[], undefined]);
    expect(await hint(page, await headOf(page, "Wanted shape"))).toContain("label 12");

    await page.locator(".run").click();
    const list = page.locator(".problems .problem");
    await list.nth(1).waitFor();
    expect(await list.allInnerTexts()).toEqual([
      expect.stringMatching(/^Diffusion Schedule timestep_respacing\n/),
      expect.stringMatching(/^Wanted shape classes\n/),
    ]);
    expect(await page.locator(".run-entry").count()).toBe(0);
    await list.nth(1).click();
    await settled(page);
    const stageBox = (await page.locator("main.stage").boundingBox()) as { x: number; width: number };
    const [x] = await headOf(page, "Wanted shape");
    expect(Math.abs(x - (stageBox.x + stageBox.width / 2))).toBeLessThan(stageBox.width / 4);
    expect(await page.locator(".inspector .problem").textContent()).toContain("Cannot use label 12");
    await page.context().close();
  });

  test("go as they are solved, and Run says Run again", async () => {
    const page = await opened(broken());
    await page.locator(".run", { hasText: "2 problems" }).waitFor();
    await click(page, "Diffusion Schedule");
    const field = page.locator(".inspector").getByRole("textbox", { name: "timestep_respacing" });
    await field.fill("ddim25");
    await field.press("Enter");
    await page.locator(".run", { hasText: "1 problem" }).waitFor();
    await press(page, "Escape");
    await click(page, "Wanted shape");
    const classes = page.locator(".inspector .row", { hasText: "classes" }).locator("input").first();
    await classes.fill("3");
    await classes.press("Enter");
    await page.locator(".run", { hasText: /^\s*Run/ }).waitFor();
    await page.context().close();
  });

  test("inside a sampler are told on it from outside", async () => {
    const page = await opened();
    await open(page, "Guided DDIM");
    await click(page, "Guidance Gradient");
    await press(page, "Delete");
    await surveyed(page);
    await page.locator(".run", { hasText: "1 problem" }).waitFor();
    // That this sampler is now a copy is said where the node's head may be.
    await page.locator(".notice").getByRole("button", { name: "Close" }).click();
    await page.locator(".crumbs button").first().click();
    await settled(page);
    expect(await hint(page, await headOf(page, "Guided DDIM"))).toContain("Condition Score needs");
    await page.locator(".run").click();
    await page.locator(".problems .problem").click();
    await settled(page);
    expect(await page.locator(".crumbs b").textContent()).toBe("Sampling Loop");
    await page.context().close();
  });
});

test("a look at a document that does not end is given up, said, and not begun again by a reload", async () => {
  const context = await stage.browser.newContext({ viewport: { width: 1440, height: 900 } });
  // What hangs is the worker itself, at the first document it is given: it waits for what nobody does, which takes no processor.
  await context.route(/survey-worker/, async (route) => {
    const waits =
      "Atomics.wait(new Int32Array(new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true }).buffer), 0, 0)";
    const hangs = `self.addEventListener("message", ({ data }) => { if (data.is === "survey") ${waits}; });`;
    const response = await route.fetch();
    await route.fulfill({ response, body: `${hangs}\n${await response.text()}` });
  });
  const page = await stage.visit(linkTo(example("guided-ddim")), context);
  await page.locator(".notice", { hasText: "takes too long to look at" }).waitFor({ timeout: 60_000 });
  await surveyed(page);
  await page.reload();
  await begun(page);
  expect(await page.evaluate(() => [guidegraph.state.tabs.length, guidegraph.state.active])).toEqual([1, ""]);
  await context.unrouteAll({ behavior: "ignoreErrors" });
  await context.close();
});
