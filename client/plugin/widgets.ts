/** Parameters as litegraph's own widgets, each tied to its property by `options.property`. */
import { blankFor, own, type PortShape, parameterProblem } from "../../graphs/document/index.ts";
import type { FileKind } from "../../nodes/file-kinds.ts";
import { isNumeric } from "../../nodes/kinds.ts";
import type { Parameter } from "../../nodes/port.ts";
import { inRange } from "../edit/typed-number.ts";
import type { HostWidget } from "./host.ts";
import { wrapped } from "./wrapped.ts";

/** A parameter of a node: its own, or one of the fields of a graph input. */
export interface Field {
  readonly name: string;
  readonly kind: string;
  readonly parameter: Parameter;
}

/** The names of files that a server has, once one is connected. */
export type KnownFiles = { [K in FileKind]: readonly string[] };

export const fieldsOf = (ports: Readonly<Record<string, PortShape>>): Field[] =>
  Object.entries(ports).flatMap(([name, { kind, parameter }]) => (parameter ? [{ name, kind, parameter }] : []));

/** What can be typed in a wire's place, where nothing is. */
export const blanksOf = (ports: Readonly<Record<string, PortShape>>): ReadonlyMap<string, unknown> =>
  new Map(
    Object.entries(ports).flatMap(([name, port]) => (blankFor(port) === undefined ? [] : [[name, blankFor(port)]])),
  );

/** A widget for a parameter; litegraph draws it, and writes what is entered with `setProperty`. */
export function widgetFor(field: Field, files: KnownFiles): HostWidget {
  const { name, kind, parameter } = field;
  const { min, max, integer, choices, file } = parameter;
  const options: Record<string, unknown> = { property: name };
  if (kind === "boolean") return { type: "toggle", name, value: false, options };
  if (isNumeric(kind)) {
    if (min !== undefined) options.min = min;
    if (max !== undefined) options.max = max;
    // litegraph moves a number by a tenth of its step.
    options.step = integer ? 10 : 1;
    return { type: "number", name, value: 0, options };
  }
  if (choices)
    return {
      type: "combo",
      name,
      value: "",
      options: { ...options, values: choices.map((choice) => worded(choice, parameter)) },
    };
  // litegraph's menus take their entries as HTML: a name that is more than a name is typed, not picked.
  const values = file ? files[file].filter((id) => !/[<>&]/.test(id)) : [];
  if (values.length > 0) return { type: "combo", name, value: "", options: { ...options, values } };
  return parameter.prose ? prose(name) : { type: "text", name, value: "", options };
}

/** A text to be read: in lines, all of it. */
function prose(name: string): HostWidget {
  const lines = () => wrapped(String(widget.value), proseWidth, (text) => 6.4 * text.length);
  const widget: HostWidget = {
    type: "prose",
    name,
    value: "",
    options: { property: name },
    computeSize: (width) => [width, 17 * lines().length + 4],
    draw(ctx, _node, _width, y) {
      ctx.font = "12px Arial";
      ctx.textAlign = "left";
      ctx.fillStyle = "#D8DBE2";
      for (const [i, line] of lines().entries()) ctx.fillText(line, 14, y + 15 + 17 * i);
    },
  };
  return widget;
}
const proseWidth = 288;

/** Shows a value in its widget. */
export function show(widget: HostWidget, { kind, parameter }: Field, value: unknown): void {
  widget.value = parameter.choices ? worded(String(value), parameter) : value;
  if (isNumeric(kind)) widget.options.precision = decimals(Number(value));
}

/** As a person reads a choice. */
const worded = (choice: string, { empty = "" }: Field["parameter"]): string => choice || empty;

/** As many decimals as the number has, up to six. */
function decimals(value: number): number {
  const [, fraction = ""] = /\.(\d+)/.exec(value.toFixed(6).replace(/0+$/, "")) ?? [];
  return fraction.length;
}

/** What was entered, as the parameter wants it: in range, whole, one of the choices; undefined when it is nothing of the sort. */
export function fitted({ kind, parameter }: Field, value: unknown): string | number | boolean | undefined {
  const { choices } = parameter;
  if (kind === "boolean") return typeof value === "boolean" ? value : undefined;
  if (kind === "text") {
    const text = choices?.includes("") && value === parameter.empty ? "" : String(value);
    return !choices || choices.includes(text) ? text : undefined;
  }
  const number = typeof value === "string" && value.trim() === "" ? Number.NaN : Number(value);
  if (!Number.isFinite(number)) return undefined;
  return inRange({ kind, parameter }, number);
}

/** Why what was entered is not what the parameter is now, and what that is; undefined where it was taken as it came, or rounded. */
export function misfit({ name, kind, parameter }: Field, value: unknown, taken: unknown): string | undefined {
  if (kind === "boolean" || (kind === "text" && taken !== undefined)) return undefined;
  const number = isNumeric(kind) && String(value).trim() !== "" ? Number(value) : Number.NaN;
  const asked = parameter.integer ? Math.round(number) : number;
  const problem = parameterProblem({ kind: kind as "number", parameter }, Number.isFinite(asked) ? asked : value);
  return problem && `${name}: ${problem}. ${taken === undefined ? "It stays as it was." : `It is ${taken} now.`}`;
}

/** What litegraph's panel of properties asks of one. */
export function propertyInfo({ kind, parameter }: Field): Record<string, unknown> {
  const { choices, min, max } = parameter;
  if (choices) return { type: "enum", widget: "combo", values: choices.map((choice) => worded(choice, parameter)) };
  const type = kind === "text" ? "string" : isNumeric(kind) ? "number" : kind;
  return { type, ...(min !== undefined && { min }), ...(max !== undefined && { max }) };
}

/** Room for a widget's name and value beside each other, in litegraph's 12 px letters; it shows 30 of a text at most. */
export function widthOf({ type, name, value, options }: HostWidget): number {
  if (type === "prose") return proseWidth + 28;
  const letters = type === "number" ? Number(value).toFixed(Number(options.precision)).length : String(value).length;
  const [arrows, most] = type === "text" ? [20, 30] : [54, 40];
  return 40 + arrows + 6.2 * (name.length + Math.min(letters, most));
}

export const currentValue = (properties: Readonly<Record<string, unknown>>, { name, parameter }: Field): unknown =>
  own(properties, name) ?? parameter.default;
