/** The examples are drawn whole: what enters them, and which are refused, by which node. */
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

const engine = testEngine();

/** Those in which draws of samples stand beside samples: of so many as the graph has. */
const mixed = ["best-of-four", "lgd-mc", "noise-walk"];

test.each(Object.keys(examples))(
  "%s is drawn, any number of samples at a time where draws are not repeated",
  async (name) => {
    const planned = await withKnown(engine, (known) => plan(examples[name](), nodes, known));
    const ports = await exportedPorts(planned, { ...engine, signal: new AbortController().signal });
    expect(ports.samples.isOpen).toBe(!mixed.includes(name));
    expect(ports.outputs.some(({ is }) => is === "pictures" || is === "tensor")).toBe(true);
    if (!Object.hasOwn(inputs, name)) return;
    const entering = ports.inputs.map((input) => input.name).filter((one) => one !== "x_T");
    expect(entering.join(", ")).toBe(inputs[name]);
  },
);
