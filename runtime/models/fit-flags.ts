/** `--values ImageNet --resize 224`: how a network is fitted to the sampler, among the flags it is read with. */
import { autoFit, type Fit, headChoices, layoutChoices, valueChoices } from "../../onnx/index.ts";

const choices = { values: valueChoices, layout: layoutChoices, head: headChoices } as const;

/** Splits the flags that say how it is fitted from the rest. Throws a SyntaxError that lists the choices. */
export function splitFit(flags: string): { readonly fit: Fit; readonly rest: string } {
  const given: Record<string, string | number> = {};
  const rest = flags.replace(
    /(?:^|\s)--(values|layout|head|resize)(?:=|\s+)(?:"([^"]*)"|(\S+))/g,
    (_, name: keyof Fit, quoted?: string, plain?: string) => {
      given[name] = name === "resize" ? sizeOf(quoted ?? plain ?? "") : chosen(name, quoted ?? plain ?? "");
      return " ";
    },
  );
  return { fit: { ...autoFit, ...(given as Partial<Fit>) }, rest };
}

function chosen(name: keyof typeof choices, text: string): string {
  const found = choices[name].find((choice) => choice.toLowerCase() === text.toLowerCase());
  if (!found) throw new SyntaxError(`--${name} is ${choices[name].join(", ")}, not "${text}"`);
  return found;
}

function sizeOf(text: string): Fit["resize"] {
  if (text === "auto" || text === "none") return text;
  const size = Number(text);
  if (!Number.isInteger(size) || size < 1 || size > 4096)
    throw new SyntaxError(`--resize is auto, none or pixels, not "${text}"`);
  return size;
}
