/** What litegraph reads from a node's class: title, tooltip, colours, and what its panels make. */
import { holdsGraph, structures } from "../../graphs/document/index.ts";
import type { NodeDescription } from "../../nodes/describe.ts";
import { knownAs } from "../../nodes/known-as.ts";
import { hueOf, lookOf } from "../look/kinds.ts";
import type { LiteGraphHost } from "./host.ts";

export function classLook(description: NodeDescription, { NO_TITLE }: LiteGraphHost): object {
  const hue = hueOf(lookOf(mainKind(description)), "dark");
  return {
    title: description.title,
    // litegraph's panel takes it as HTML.
    desc: escaped(sentence(description)),
    color: mixed("#333333", hue, 0.16),
    title_text_color: "#D8DBE2",
    // What a click on a port in the panels of an open subgraph adds.
    input_node_type: structures.input,
    output_node_type: structures.output,
    // A reroute is no more than its two slots.
    ...(description.type === structures.reroute && { title_mode: NO_TITLE, size: [60, 26] }),
  };
}

/** What gives a node its hue: the kind it makes, else the one it takes. */
function mainKind({ type, outputs, inputs }: NodeDescription): string {
  if (holdsGraph({ type })) return "tensor";
  const takes = inputs.find(({ parameter }) => !parameter);
  return (outputs[0] ?? takes)?.kind ?? "text";
}

/** Help of its ports, a line each, as HTML. */
export const helpOf = ({ inputs, outputs }: NodeDescription): string[] =>
  [...inputs, ...outputs].flatMap(({ name, help }) =>
    help === undefined ? [] : `<p style="margin:8px 12px"><b>${escaped(name)}</b> ${escaped(help)}</p>`,
  );

const sentence = ({ description, equation, reference }: NodeDescription): string =>
  [description, equation, reference && `${knownAs} ${reference}.`].filter(Boolean).join(" · ");

const escaped = (text: string): string => text.replace(/[&<>"]/g, (letter) => `&#${letter.charCodeAt(0)};`);

/** A share of one colour in another, both as #RRGGBB. */
function mixed(ground: string, hue: string, share: number): string {
  const part = (colour: string, i: number) => Number.parseInt(colour.slice(1 + 2 * i, 3 + 2 * i), 16);
  const parts = [0, 1, 2].map((i) => Math.round(part(ground, i) * (1 - share) + part(hue, i) * share));
  return `#${parts.map((one) => one.toString(16).padStart(2, "0")).join("")}`;
}
