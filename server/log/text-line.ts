/** Lines of a log for people: as they were said, or with time and level before them. */

/** `line`: one JSON object, as it goes to programs. */
export function textLine(line: string, { dated }: { readonly dated: boolean }): string {
  const { time, level, msg } = JSON.parse(line) as { time: string; level: string; msg: string };
  const plain = msg.replace(/[^\P{Cc}\n\t]|\p{Bidi_Control}/gu, "?");
  return dated ? `${time} ${level.toUpperCase().padEnd(5)} ${plain}\n` : `${plain}\n`;
}
