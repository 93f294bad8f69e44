/** The library as Markdown, from the recipes alone: what each example does, by which equation, and what samplers there are. */
import { borderName, type Graph, structures } from "../document/index.ts";
import { examples } from "./examples.ts";
import { exampleGroups } from "./groups.ts";
import { samplerGraph, samplerNames } from "./samplers.ts";

const intro = `# Library

Written from the recipes in \`graphs/recipes/\` by \`npm run library\`. Each example runs as it is on the demo's networks
(\`npx guidegraph run NAME\`), opens from the editor's start page, and can be exported ([export.md](export.md)). What methods come to
side by side: [methods.md](methods.md).
`;

export function libraryPage(): string {
  const shown = exampleGroups.flatMap((group) => [
    `## ${group.title}\n`,
    ...group.examples.map((name) => example(name, examples[name]())),
  ]);
  const listed = samplerNames.map((name) => item(name, samplerGraph(name)));
  return [
    intro,
    ...shown,
    "## Samplers\n",
    "Inserted from the editor's library as a subgraph, with `schedule` and `x` and what is named here; in brackets is what begins",
    "with a value. Double-clicked, they open.\n",
    ...listed,
    "",
  ].join("\n");
}

function example(name: string, graph: Graph): string {
  const { title, description } = graph.about;
  const notes = graph.nodes.flatMap(({ type, properties }) =>
    type === "guidegraph/note" ? [String(properties.text)] : [],
  );
  const from = graph.nodes.flatMap(({ inner }) => inner?.about.library?.name ?? []);
  const samplers = [...new Set(from)].map((sampler) => `\`${sampler}\``).join(", ");
  return [
    `### ${title}\n`,
    `<img src="../client/public/examples/${name}.png" width="136" align="right" alt="${title}">\n`,
    `${description}\n`,
    ...notes.map((text) => `${escaped(text)}\n`),
    `\`${name}\`${samplers && `, by the library's ${samplers}`}\n`,
    `<br clear="right">\n`,
  ].join("\n");
}

function item(name: string, { about, nodes }: Graph): string {
  const inputs = nodes.filter((node) => node.type === structures.input && !given.includes(borderName(node)));
  const named = (parameter: boolean): string =>
    inputs
      .filter((node) => parameters.includes(String(node.properties.kind)) === parameter)
      .map(borderName)
      .map((input) => `\`${input}\``)
      .join(", ");
  const takes = [named(false), named(true) && `(${named(true)})`].filter((text) => text !== "").join(" ");
  return `- **${escaped(about.title ?? "")}**, \`${name}\`: ${escaped(about.description ?? "")} Takes ${takes}.`;
}

const given = ["schedule", "x"];
const parameters = ["number", "text", "boolean"];

/** Equations have what Markdown would read. */
const escaped = (text: string): string => text.replace(/[*_|<>]/g, "\\$&");
