/** Lines of a log for people: as they were said, or with time and level before them. */
import { unmasked } from "../../graphs/document/index.ts";

/** `line`: one JSON object, as it goes to programs. */
export function textLine(line: string, { dated }: { readonly dated: boolean }): string {
  const { time, level, msg } = JSON.parse(line) as { time: string; level: string; msg: string };
  // What goes on is set in: no line within another is taken for one of the server's.
  const plain = unmasked(msg, "\n\t").replaceAll("\n", "\n  ");
  return dated ? `${time} ${level.toUpperCase().padEnd(5)} ${plain}\n` : `${plain}\n`;
}
