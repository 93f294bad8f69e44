/** What a text seems to be that JSON.parse refused, for a person: its own words speak of tokens, and quote what they like. */

/** So many characters of a first line tell what a file is. */
const shownLetters = 40;

/** A clause behind "it is no graph:" and the like; `error` is what JSON.parse threw. */
export function whyNoJson(text: string, error: unknown): string {
  if (text.trim() === "") return "it is empty";
  // What text has none of, and what bytes become that are no text.
  if (/[^\P{Cc}\s]|\ufffd/u.test(text.slice(0, 4_096))) return "it is not text";
  if (!/^\s*[[{]/.test(text)) return `it is text that begins "${beginningOf(text)}", and no JSON`;
  const said = error instanceof Error ? error.message : "";
  const [, position] = /at position (\d+)/.exec(said) ?? [];
  const isCut = /^(?:Unexpected end|Unterminated)/.test(said) || Number(position) >= text.trimEnd().length;
  if (isCut) return "its JSON breaks off at its end: was the whole file copied?";
  // Where V8 tells no position it quotes the place.
  const [, quoted] = /"(.+)"(?:\.\.\.)? is not valid JSON$/s.exec(said) ?? [];
  if (position !== undefined) return `its JSON is damaged in ${placeIn(text, Number(position))}`;
  return quoted === undefined
    ? "its JSON is damaged"
    : `its JSON is damaged near ${quoted.replace(/\s+/g, " ").trim()}`;
}

function beginningOf(text: string): string {
  const [line] = text.trimStart().split(/[\r\n]/, 1);
  return line.length > shownLetters ? `${line.slice(0, shownLetters)}…` : line;
}

function placeIn(text: string, position: number): string {
  const lines = text.slice(0, position).split("\n");
  return `line ${lines.length}, column ${lines[lines.length - 1].length + 1}`;
}
