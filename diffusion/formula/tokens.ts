/** A formula's text in pieces, each with its place. */

export interface Token {
  readonly is: "number" | "name" | "sign" | "end";
  readonly text: string;
  /** Of its first character in the text, from 0. */
  readonly at: number;
}

/** What a formula cannot be read for, in one line with the place. */
export class FormulaError extends SyntaxError {
  constructor(text: string, at: number, why: string) {
    const [from, to] = [Math.max(0, at - 20), at + 20];
    const shown = `${from > 0 ? "…" : ""}${text.slice(from, to)}${to < text.length ? "…" : ""}`;
    super(`Cannot read the formula at character ${at + 1} of "${shown.replace(/\s+/g, " ")}": ${why}`);
  }
}

/** Longer ones are no formula of a person. */
const MOST_CHARACTERS = 4000;

/** As people write them. */
const alike: ReadonlyMap<string, string> = new Map([
  ["−", "-"],
  ["×", "*"],
  ["·", "*"],
  ["÷", "/"],
  ["≤", "<="],
  ["≥", ">="],
  ["≠", "!="],
]);

const pattern =
  /\s*(?:(\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+(?:[eE][-+]?\d+)?)|([\p{L}_][\p{L}\p{N}_]*)|(<=|>=|==|!=|&&|\|\||[-+*/^()<>?:,!−×·÷≤≥≠]))/uy;

/** Throws a FormulaError at a character that begins nothing. */
export function tokens(text: string): Token[] {
  if (text.length > MOST_CHARACTERS)
    throw new FormulaError(text, MOST_CHARACTERS, `it has at most ${MOST_CHARACTERS} characters`);
  const found: Token[] = [];
  pattern.lastIndex = 0;
  let end = 0;
  for (let match = pattern.exec(text); match; match = pattern.exec(text)) {
    const [whole, number, name, sign] = match;
    end = pattern.lastIndex;
    const written = number ?? name ?? sign;
    const at = match.index + whole.length - written.length;
    found.push({ is: number ? "number" : name ? "name" : "sign", text: alike.get(written) ?? written, at });
  }
  const rest = text.slice(end).trimStart();
  if (rest !== "") throw new FormulaError(text, text.length - rest.length, `"${[...rest][0]}" has no meaning here`);
  return [...found, { is: "end", text: "", at: text.length }];
}
