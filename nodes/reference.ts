/** The node reference as Markdown, from the definitions alone. */

import { describeNodes, type NodeDescription, type PortDescription } from "./describe.ts";
import { fileKinds } from "./file-kinds.ts";
import { knownAs } from "./known-as.ts";
import type { Registry } from "./node.ts";
import type { Parameter } from "./port.ts";

const intro = `# Nodes

Written from the definitions in \`nodes/\` by \`npm run reference\`. An input with a value is a parameter: a widget on the
node, which a wire replaces. A node that is bypassed (Ctrl+B) gives for each output the first input of its kind that is the same thing (one that holds a graph, what enters by the same name);
for a gradient, a predicted picture or a loss, which nothing that enters is, it gives nothing. One that is muted (Ctrl+M) gives nothing at all.
`;

export function nodeReference(registry: Registry): string {
  const nodes = describeNodes(registry);
  const categories = [...new Set(nodes.map(({ category }) => category))];
  const chapters = categories.map((category) => {
    const own = nodes.filter((node) => node.category === category);
    return [`## ${category[0].toUpperCase()}${category.slice(1)}\n`, ...own.map(section)].join("\n");
  });
  return [intro, ...chapters].join("\n");
}

function section({ title, type, description, equation, reference, ...ports }: NodeDescription): string {
  const paragraphs = [
    `### ${title}`,
    description,
    ...(equation ? [`    ${equation}`] : []),
    ...(reference ? [`${knownAs} \`${reference}\`. Type: \`${type}\`.`] : [`Type: \`${type}\`.`]),
    ...list("In", ports.inputs),
    ...list("Out", ports.outputs),
    ...list("Gives its inner graph", ports.gives),
  ];
  return `${paragraphs.join("\n\n")}\n`;
}

function list(heading: string, ports: readonly PortDescription[]): string[] {
  if (ports.length === 0) return [];
  return [`${heading}:`, ports.map(item).join("\n")];
}

function item({ name, kind, optional, parameter, help }: PortDescription): string {
  const what = [
    kind.replace(",", " or "),
    ...(optional ? ["optional"] : []),
    ...(parameter ? [value(parameter)] : []),
  ].join(", ");
  return `- \`${name}\` (${what})${help ? `: ${help}` : ""}`;
}

/** The default, and what else there may be. */
function value({ default: initial, choices, min, max, file }: Parameter): string {
  const shown = (value: Parameter["default"]) => (value === "" ? "empty" : `${value}`);
  if (file) return `a listed ${fileKinds[file].name}`;
  if (choices) return `${shown(initial)}; one of ${choices.map(shown).join(", ")}`;
  if (min === undefined) return shown(initial);
  return max === undefined ? `${shown(initial)}; from ${min}` : `${shown(initial)}; ${min} … ${max}`;
}
