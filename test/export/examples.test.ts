/** Which of the examples can be exported, and what enters them: as docs/export.md says. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { plan } from "../../executor/index.ts";
import { exportedPorts } from "../../export/index.ts";
import { examples } from "../../graphs/recipes/index.ts";
import { nodes } from "../../nodes/index.ts";
import { withKnown } from "../../runtime/index.ts";
import { testEngine } from "../support/run-document.ts";

/** Inputs but for those of every example, `x_T`. */
const inputs: Readonly<Record<string, string>> = {
  "unguided-ddpm": "noise",
  "guided-ddpm": "labels, Build cond_fn.scale, noise",
  "guided-ddim": "labels, Build cond_fn.scale",
};

const documented = readFileSync(new URL("../../docs/export.md", import.meta.url), "utf8");
const engine = testEngine();

test.each(Object.keys(examples))("%s is drawn, any number of samples at a time", async (name) => {
  const planned = await withKnown(engine, (known) => plan(examples[name](), nodes, known));
  const ports = await exportedPorts(planned, { ...engine, signal: new AbortController().signal });
  expect(ports.samples.isOpen).toBe(true);
  expect(documented).toContain(`| \`${name}\` |`);
  if (Object.hasOwn(inputs, name)) {
    const entering = ports.inputs.map((input) => input.name).filter((one) => one !== "x_T");
    expect(entering.join(", ")).toBe(inputs[name]);
  }
});
