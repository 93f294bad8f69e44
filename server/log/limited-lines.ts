/** A log that nobody can fill: of many lines in a second the first are written, and how many there were. */

const maxPerSecond = 100;
/** A stack is some thousands of characters; a line may quote what a stranger sent. */
const maxLength = 8_000;

export function limitedLines(
  say: (line: string) => void,
  now: () => number = () => performance.now(),
): (line: string) => void {
  let [second, said] = [0, 0];
  let leftOut: NodeJS.Timeout | undefined;
  const tell = () => {
    if (said > maxPerSecond) say(`${said - maxPerSecond} more lines in this second are left out`);
    said = 0;
    leftOut = undefined;
  };
  return (line) => {
    const current = Math.floor(now() / 1_000);
    if (current !== second) {
      clearTimeout(leftOut);
      tell();
      second = current;
    }
    if (++said <= maxPerSecond) say(line.length > maxLength ? `${line.slice(0, maxLength)}…` : line);
    else leftOut ??= setTimeout(tell, 1_000).unref();
  };
}
