/** The examples are drawn whole, and what enters them is what the page says. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { plan } from "../../executor/index.ts";
import { exportedPorts } from "../../export/index.ts";
import { examples } from "../../graphs/recipes/index.ts";
import { nodes } from "../../nodes/index.ts";
import { withKnown } from "../../runtime/index.ts";
import { testEngine } from "../support/run-document.ts";

const page = readFileSync(new URL("../../docs/export.md", import.meta.url), "utf8");
/** By example what the page says enters it beside `x_T`. */
const rows = new Map(
  [...page.matchAll(/^\| `([\w-]+)` +\| (.*?)\| +[\d.]+ MB +\|$/gm)].map(([, name, cell]) => [name, cell]),
);

test("the page tells of every example", () => expect([...rows.keys()].sort()).toEqual(Object.keys(examples).sort()));

const engine = testEngine();

/** Those in which draws of samples stand beside samples: of so many as the graph has. */
const mixed = ["best-of-four", "diffedit", "lgd-mc", "noise-walk"];

test.each(Object.keys(examples))(
  "%s is drawn, any number of samples at a time where draws are not repeated",
  async (name) => {
    const planned = await withKnown(engine, (known) => plan(examples[name](), nodes, known));
    const ports = await exportedPorts(planned, { ...engine, signal: new AbortController().signal });
    expect(ports.samples.isOpen).toBe(!mixed.includes(name));
    expect(ports.outputs.some(({ is }) => is === "pictures" || is === "tensor")).toBe(true);
    const entering = ports.inputs.filter((input) => input.name !== "x_T");
    // A name may stand without its node's title, and draws with their number.
    const told = [...(rows.get(name) ?? "").matchAll(/`([^`]+)`(?: \((\d+) rows?)?/g)].map(([, word, count]) => {
      const input = entering.find((one) => one.name === word || one.name.endsWith(`.${word}`));
      return `${input?.name ?? `no ${word}`}: ${count ?? input?.draws?.length ?? ""}`;
    });
    expect(told.sort()).toEqual(entering.map(({ name, draws }) => `${name}: ${draws?.length ?? ""}`).sort());
  },
);
