/** Font → text → width: a frame shows the same texts as the last one. */
const widths = new Map<string, Map<string, number>>();
/** Of one font. Beyond it all are measured anew: a parameter that is pulled has many values. */
const mostWidths = 5_000;

/** The width of a text in the context's font. */
export function widthOf(ctx: CanvasRenderingContext2D, text: string): number {
  const known = widths.get(ctx.font) ?? new Map<string, number>();
  if (known.size > mostWidths) known.clear();
  widths.set(ctx.font, known);
  const width = known.get(text) ?? ctx.measureText(text).width;
  known.set(text, width);
  return width;
}

/** A font has come that texts were measured without. */
export const forgetWidths = (): void => widths.clear();

/** The text, shortened with an ellipsis where it is wider than `width` in the context's font. */
export function clipped(ctx: CanvasRenderingContext2D, text: string, width: number): string {
  if (widthOf(ctx, text) <= width) return text;
  let [fits, tooLong] = [0, text.length];
  while (tooLong - fits > 1) {
    const middle = (fits + tooLong) >> 1;
    if (widthOf(ctx, `${text.slice(0, middle)}…`) <= width) fits = middle;
    else tooLong = middle;
  }
  return fits > 0 ? `${text.slice(0, fits)}…` : "";
}

/** As many lines of a note as are laid out: the rest of a longer text is for the inspector. */
const mostLines = 400;

/** The text in lines no wider than `width`; its own line ends are kept, a word that is too long is broken. */
export function wrapped(text: string, width: number, measure: (text: string) => number): string[] {
  const space = measure(" ");
  const lines: string[] = [];
  for (const paragraph of text.split("\n")) {
    let [line, used] = ["", 0];
    const put = (word: string) => {
      const needed = measure(word);
      if (line !== "" && used + space + needed > width) {
        lines.push(line);
        [line, used] = [word, needed];
      } else [line, used] = line === "" ? [word, needed] : [`${line} ${word}`, used + space + needed];
    };
    for (const word of paragraph.split(" ")) for (const part of broken(word, width, measure)) put(part);
    lines.push(line);
    if (lines.length >= mostLines) return [...lines.slice(0, mostLines - 1), "…"];
  }
  return lines;
}

function broken(word: string, width: number, measure: (text: string) => number): string[] {
  if (measure(word) <= width) return [word];
  const parts: string[] = [];
  let part = "";
  for (const char of word.slice(0, 4000)) {
    if (part !== "" && measure(part + char) > width) {
      parts.push(part);
      part = "";
    }
    part += char;
  }
  return [...parts, part];
}
