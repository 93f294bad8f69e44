/** Texts that would run if a page took them for more than text, and a page that would tell if one did. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import {
  documentBuilder,
  type GraphDocument,
  type GraphNode,
  setParameter,
  writeDocument,
} from "../../../graphs/document/index.ts";
import { nodes } from "../../../nodes/index.ts";
import { onnxFile } from "../../support/bad-input.ts";
import { small } from "./graphs.ts";

export const image = '<img src=x onerror="window.pwned=1">';
export const script = '"><script>window.pwned=1</script>';
export const svg = "<svg/onload=window.pwned=1>{{7*7}}";
export const hostile = [image, script, svg] as const;
/** As far as a file name can be; a model of this name fails at its first step. */
export const fileName = "<img src=x onerror=alert(1)>.onnx";

/** Every place of a document that holds a text, with one of them in it; the unknown node has one as its type. */
export function hostileDocument(): GraphDocument {
  const graph = documentBuilder(nodes, {}, { unchecked: true });
  const text = graph.add("guidegraph/text", { value: svg }, image);
  const classifier = graph.add("guidegraph/load-classifier", { file: image, sha256: script, flags: svg }, script);
  const schedule = graph.add(
    "guidegraph/diffusion-schedule",
    { noise_schedule: image, timestep_respacing: script },
    svg,
  );
  graph.add("guidegraph/class-labels", { classes: script, generator: svg, classifier: classifier.out("classifier") });
  graph.add("guidegraph/schedule-step", { schedule: schedule.out("schedule") });
  graph.add("guidegraph/note", { text: hostile.join("\n") });
  graph.subgraph(image, {}, (inner) => {
    const entering = inner.input(script, "text");
    inner.output(svg, "text", entering);
  });
  const built = graph.document();
  const unknown: GraphNode = {
    ...{ id: 90, type: script, title: image, mode: 0, pos: [900, 40], size: [200, 60], look: {} },
    properties: { [svg]: image },
    inputs: [{ name: image, type: script }],
    outputs: [{ name: svg, type: image }],
  };
  const library = { name: image, version: 1, hash: "0".repeat(64) };
  return {
    ...built,
    nodes: [
      ...built.nodes.map((node) =>
        node.inner
          ? {
              ...node,
              inner: { ...node.inner, about: { ...node.inner.about, title: script, description: svg, library } },
            }
          : node,
      ),
      unknown,
    ],
    links: [...built.links, { id: 91, from: text.id, output: "text", to: 90, input: image }],
    groups: [{ title: image, bounding: [-40, -60, 500, 300] }],
    about: { ...built.about, title: svg, description: `${image}${script}` },
  };
}

/** Plans well, and fails while it runs with a text that names the model. */
export function failingDocument(): GraphDocument {
  const named = setParameter(small("guided-ddim", "ddim2"), "Load Classifier.file", fileName, nodes);
  const titled = named.nodes.map((node) => (node.title === "Wanted shape" ? { ...node, title: image } : node));
  return { ...named, nodes: titled, about: { ...named.about, title: image } };
}

export const failingModel = (folder: string): Promise<void> =>
  onnxFile(join(folder, fileName), "classifier", (op, x) => {
    const mean = op.ReduceMean(x, op.int64([2, 3]), { keepdims: 0 });
    return op.MatMul(op.Log(op.Sub(mean, 100)), op.float(new Array(30).fill(0.1), [3, 10]));
  });

/** A module for `--nodes` with such texts wherever a node speaks. */
export function hostileNodes(folder: string): string {
  const path = join(folder, "hostile.mjs");
  const node = {
    ...{ type: "guidegraph/hostile", version: 1, title: image, category: script, description: svg },
    ...{ equation: image, reference: script },
    inputs: {
      choice: { kind: "text", optional: false, help: image, parameter: { default: svg, choices: [svg, script] } },
    },
    outputs: { out: { kind: "text", optional: false } },
  };
  writeFileSync(path, `export default { ...${JSON.stringify(node)}, run: ({ choice }) => ({ out: choice }) };\n`);
  return path;
}

export const bytesOf = (document: GraphDocument): Uint8Array =>
  new TextEncoder().encode(JSON.stringify(writeDocument(document)));

/** Whatever would show that a text was more than text: listen before the page begins. */
export interface Watch {
  /** Nothing ran, nothing was made of a text, and no policy was broken. */
  told(): Promise<string[]>;
}

export async function watch(page: Page): Promise<Watch> {
  const told: string[] = [];
  page.on("dialog", (dialog) => {
    told.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on("pageerror", (error) => told.push(`error: ${error.message}`));
  page.on("console", (message) => {
    if (/content security policy|trusted type/i.test(message.text())) told.push(message.text());
  });
  await page.addInitScript(() => {
    addEventListener("securitypolicyviolation", (event) => {
      console.error(`Content Security Policy: ${event.violatedDirective} ${event.blockedURI}`);
    });
  });
  return {
    async told() {
      const inPage = await page.evaluate(() => [
        ...("pwned" in window ? ["pwned"] : []),
        ...[...document.querySelectorAll("[onerror], [onload], script:not([src]), iframe, object, embed")].map(
          (element) => element.outerHTML,
        ),
        ...[...document.querySelectorAll("img")]
          .filter((element) => element.getAttribute("src") === "x")
          .map((element) => element.outerHTML),
      ]);
      return [...told, ...inPage];
    },
  };
}
